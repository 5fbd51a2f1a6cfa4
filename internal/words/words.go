// Package words is the one catalogue of sentences. The Chinese sentence is the
// key and the text; en/ holds the English of each, one file a room.
package words

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"parkregistry/internal/fault"
)

//go:embed en/*.json
var english embed.FS

// Lang is a language that the program speaks.
type Lang string

const (
	Chinese Lang = "zh-CN" // the default
	English Lang = "en"
)

var matcher = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// Named is the language of that tag; false for one that is not spoken.
func Named(tag string) (Lang, bool) {
	switch tag {
	case "zh", string(Chinese):
		return Chinese, true
	case string(English):
		return English, true
	}
	return "", false
}

// FromHeader chooses by an Accept-Language header; what it cannot read is Chinese.
func FromHeader(accept string) Lang {
	if accept == "" {
		return Chinese
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Chinese
	}
	if _, i, c := matcher.Match(tags...); i == 1 && c != language.No {
		return English
	}
	return Chinese
}

type langKey struct{}

// With carries the language of a reader along.
func With(ctx context.Context, lang Lang) context.Context {
	return context.WithValue(ctx, langKey{}, lang)
}

// From is the language of the reader, Chinese where nobody said.
func From(ctx context.Context) Lang {
	if l, ok := ctx.Value(langKey{}).(Lang); ok {
		return l
	}
	return Chinese
}

// Catalogue is every English sentence by its Chinese key.
func Catalogue() (map[string]string, error) {
	all := map[string]string{}
	files, err := fs.Glob(english, "en/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		raw, err := english.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var part map[string]string
		if err := json.Unmarshal(raw, &part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for k, v := range part {
			all[k] = v
		}
	}
	return all, nil
}

var localizer = sync.OnceValue(func() *i18n.Localizer {
	b := i18n.NewBundle(language.English)
	all, err := Catalogue()
	if err != nil {
		panic(err) // an embedded file that a test has read
	}
	for zh, en := range all {
		b.MustAddMessages(language.English, &i18n.Message{ID: zh, Other: en})
	}
	return i18n.NewLocalizer(b, "en")
})

// Render says t in the language. A sentence without English is said in Chinese;
// arguments that are sentences themselves are said in the same language.
func Render(lang Lang, t fault.Text) string {
	if lang == English && t.English != "" {
		return t.English
	}
	if t.Key == "" {
		return ""
	}
	args := make(map[string]any, len(t.Args))
	for k, v := range t.Args {
		switch x := v.(type) {
		case fault.Text:
			args[k] = Render(lang, x)
		case fault.Label:
			args[k] = Name(lang, x)
		default:
			args[k] = v
		}
	}
	if lang == English {
		s, err := localizer().Localize(&i18n.LocalizeConfig{MessageID: t.Key, TemplateData: args})
		if err == nil {
			return s
		}
	}
	return fault.Text{Key: t.Key, Args: args}.String()
}

// Name is the name in the language.
func Name(lang Lang, l fault.Label) string {
	if lang == English {
		return l.En
	}
	return l.Zh
}

// Has reports whether a text has Chinese characters: what belongs in the catalogue.
func Has(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff })
}
