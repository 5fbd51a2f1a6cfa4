package web

import (
	"net/url"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// changeLine is one change of the register about a park.
type changeLine struct {
	Seq     int64
	At      string
	Verb    fault.Text
	On      fault.Text
	Called  string
	Firm    string
	Link    string // to the page of the object, "" where there is none
	Changed []changed
	Trail   string // who did it, for whoever reads the trail
}

// parkChanges is how the register about the park came to say what it says.
func (p *Pages) parkChanges(v *visit, page *parkPage) error {
	id := string(page.Line.ID)
	q := models.Query{Limit: recent, Cursor: v.c.Query("cursor"), Filters: map[string]string{"path": "/park", "parkId": id}}
	found, err := p.options.Registry.Alterations(v.ctx, page.Line.ID, q)
	if err != nil {
		return err
	}
	firms, err := firmsOf(p, v, found.Items, func(a registry.Alteration) *models.ID { return a.EnterpriseID })
	if err != nil {
		return err
	}
	for _, a := range found.Items {
		l := changeLineOf(v, a)
		l.Firm = named(firms, a.EnterpriseID)
		page.Changes = append(page.Changes, l)
	}
	if found.Next != "" {
		page.Next = "/park/" + id + "?" + url.Values{"tab": {page.Tab}, "cursor": {found.Next}}.Encode()
	}
	return nil
}

func changeLineOf(v *visit, a registry.Alteration) changeLine {
	l := changeLine{Seq: *a.Seq, At: moment(a.At), Verb: audit.VerbName(a.Action), On: audit.ObjectName(a.ObjectKind), Called: a.Called}
	if a.ObjectKind == string(registry.KindEnterprise) {
		l.Link = "/firm/" + string(a.ObjectID)
	}
	if a.Before != "" { // of what was new there is nothing to compare
		l.Changed = changesOf(a.Before, a.After)
	}
	if v.may(policies.AuditRead) {
		l.Trail = "/c/audit?" + url.Values{"objectId": {string(a.ObjectID)}}.Encode()
	}
	return l
}
