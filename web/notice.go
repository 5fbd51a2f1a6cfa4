package web

import (
	"html/template"
	"strings"

	"parkregistry/internal/words"
	"parkregistry/models/inspection"
)

// noticePage is what templates/notice.html shows.
type noticePage struct {
	Style   template.CSS // ours, as embedded
	Script  template.JS  // ours, as embedded
	Paper   inspection.Paper
	Found   []string // what was found, by lines
	Address string   // where people reach the notice; "" when nobody said where that is
	Digest  string
	Code    *qrCode
}

// Notice makes the printable form of a notice, an A4 page in the layout of official
// letters, and the content security policy that goes with it. One file with nothing
// beside it, like a receipt; Chinese in every language.
func (p *Pages) Notice(paper inspection.Paper) (page []byte, policy string, err error) {
	style, err := static("notice.css")
	if err != nil {
		return nil, "", err
	}
	v := noticePage{Style: template.CSS(style), Script: template.JS(printScript), Paper: paper, //nolint:gosec // both are part of the program
		Digest: groups(paper.Digest), Found: strings.Split(paper.Finding.Description, "\n")}
	said := paper.Finding.Number + " SHA-256 " + paper.Digest
	if p.options.Public != "" {
		v.Address = p.options.Public + "/api/v1/findings/" + string(paper.Finding.ID) + "/notice"
		said = v.Address
	}
	code, err := qrCodeOf(said)
	if err != nil {
		return nil, "", err
	}
	v.Code = &code
	page, err = p.render(words.Chinese, "notice.html", v)
	return page, strictPolicy(style), err
}

// strictPolicy allows a page its own style and the script that prints it, and nothing else.
func strictPolicy(style string) string {
	return "default-src 'none'; style-src " + hashOf(style) + "; script-src " + hashOf(printScript) + "; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
}
