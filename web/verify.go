package web

import (
	"html/template"

	"github.com/gin-gonic/gin"

	"parkregistry/internal/code"
	"parkregistry/internal/words"
)

// verifier is what every answer of the verifier shares.
type verifier struct {
	style, script               string
	styleAddress, scriptAddress string
}

// The verifier's policy: its own script and style and nothing else. No connection may
// be opened, so that "nothing is sent" is held by the browser, not by a promise.
const verifierPolicy = "default-src 'none'; connect-src 'none'; img-src 'none'; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (p *Pages) prepareVerifier() error {
	script, err := static("verify.js")
	if err != nil {
		return err
	}
	style, err := static("verify.css")
	if err != nil {
		return err
	}
	v := verifier{style: p.base + style, script: script}
	v.styleAddress = p.keep("verify", ".css", "text/css; charset=utf-8", v.style)
	v.scriptAddress = p.keep("verify", ".js", "text/javascript; charset=utf-8", v.script)
	p.verifier = v
	return nil
}

// verifyPage is what templates/verify.html shows.
type verifyPage struct {
	Lang                        words.Lang
	Key                         string
	Offline                     bool
	Policy                      string
	Style                       template.CSS // ours, as embedded
	Script                      template.JS  // ours, as embedded
	StyleAddress, ScriptAddress string
	Other                       otherLanguage
	Pollutants                  []code.Pollutant // whose names the page knows without a network
}

// otherLanguage is the link to the same page in the other language.
type otherLanguage struct {
	Lang          words.Lang
	Name, Address string
}

// language is what the address asks for, else the browser.
func language(c *gin.Context) words.Lang {
	if lang, ok := words.Named(c.Query("lang")); ok {
		return lang
	}
	return words.From(c.Request.Context())
}

func otherThan(lang words.Lang) otherLanguage {
	if lang == words.English {
		return otherLanguage{words.Chinese, "中文", "?lang=zh"}
	}
	return otherLanguage{words.English, "English", "?lang=en"}
}

// verify serves the page that checks a receipt in the browser.
func (p *Pages) verify(c *gin.Context) {
	lang := language(c)
	c.Header("Content-Security-Policy", verifierPolicy+"; script-src 'self'; style-src 'self'; frame-ancestors 'none'")
	c.Header("Cache-Control", "no-cache")
	p.answer(c, lang, verifyPage{Lang: lang, Key: p.options.Key, Other: otherThan(lang), StyleAddress: p.verifier.styleAddress, ScriptAddress: p.verifier.scriptAddress})
}

// verifyOffline serves the same page as one file that needs no server: whoever does
// not want to rely on this one keeps a copy.
func (p *Pages) verifyOffline(c *gin.Context) {
	lang := language(c)
	policy := verifierPolicy + "; script-src " + hashOf(p.verifier.script) + "; style-src " + hashOf(p.verifier.style)
	c.Header("Content-Security-Policy", policy+"; frame-ancestors 'none'")
	c.Header("Content-Disposition", `attachment; filename="park-verify-receipt.html"`)
	p.answer(c, lang, verifyPage{Lang: lang, Key: p.options.Key, Offline: true, Policy: policy,
		Style: template.CSS(p.verifier.style), Script: template.JS(p.verifier.script)}) //nolint:gosec // both are part of the program
}

func (p *Pages) answer(c *gin.Context, lang words.Lang, page verifyPage) {
	page.Pollutants = code.Pollutants()
	b, err := p.render(lang, "verify.html", page)
	if err != nil {
		_ = c.Error(err)
		panic(err) // a template of ours: the engine answers and logs it as a defect
	}
	sendOpen(c, b, "Accept-Language, Accept-Encoding")
}
