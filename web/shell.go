package web

import (
	"net/url"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/policies"
)

// shell is what stands around every page.
type shell struct {
	Lang     words.Lang
	Title    fault.Text
	Style    string
	Script   string // "" for none
	Size     string // class of the size of the text, "" for the usual one
	Finds    bool   // there is something that the visitor may search
	Asked    string // what was searched
	Menu     []menuGroup
	Beside   []menuItem // pages of the same section as this one, itself among them
	SignedIn bool
	Person   string
	Who      string // id of the person
	Left     int    // seconds for which the sign-in holds unused
	Wide     bool   // is printed on A3, landscape
	Printed  string // when the page was made, for a print of it
	Waits    string // how much waits for the person, "" for nothing
	Form     string // vouches for the forms of this sign-in
	Demo     bool
	Other    otherLanguage
	Version  string
	Tier     tier
	Failed   bool // a form came back with errors
	Again    int  // seconds after which a page about something that goes on asks again; 0 is never
}

// shell is the frame of a page with how much waits for the visitor. A page is not refused
// because that could not be counted.
func (p *Pages) shell(v *visit, title fault.Text) shell {
	s := p.bare(v, title)
	if !s.SignedIn {
		return s
	}
	n, err := p.options.Inbox.Count(v.ctx)
	if err != nil {
		_ = v.c.Error(err)
		return s
	}
	if n.Waiting > 0 {
		s.Waits = strconv.Itoa(n.Waiting)
	}
	if n.More {
		s.Waits += "+"
	}
	return s
}

// listed is the frame of a list, which has a sheet and a script of its own.
func (p *Pages) listed(v *visit, title fault.Text) shell {
	s := p.shell(v, title)
	s.Style, s.Script = p.listStyle, p.tableScript
	return s
}

// bare is what stands around a page that asks no room for anything: one that tells of an
// error may stand while the database does not answer.
func (p *Pages) bare(v *visit, title fault.Text) shell {
	s := shell{Lang: v.lang, Title: title, Style: p.style, Demo: p.options.Demo, Version: p.options.Version, Other: otherThan(v.lang), Size: sizeOf(v), SignedIn: v.who.User.ID != ""}
	q := v.c.Request.URL.Query()
	q.Set("lang", map[words.Lang]string{words.Chinese: "en", words.English: "zh"}[v.lang])
	s.Other.Address = inside(v.c.Request.URL.EscapedPath()) + "?" + q.Encode()
	if v.c.Request.Method != "GET" {
		s.Other.Address = "/?" + url.Values{"lang": q["lang"]}.Encode()
	}
	if !s.SignedIn {
		return s
	}
	s.Form, s.Tier, s.Person = v.token(), tierOf(v.actor), v.who.User.DisplayName
	s.Who, s.Left = string(v.who.User.ID), p.left(v)
	s.Printed = moment(p.options.Now())
	s.Finds, s.Script = v.may(policies.ParkRead), p.script
	s.menu(v)
	return s
}
