package web

import (
	"slices"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models/audit"
	"parkregistry/models/ledger"
)

// The classes of the park's ledger about emergencies (part P7).
const (
	planClass     = "park.emergencyPlan"
	drillClass    = "park.emergencyDrill"
	suppliesClass = "park.emergencySupplies"
)

func emergencyClasses() []string { return []string{planClass, drillClass, suppliesClass} }

// emergencyLine is one record about emergencies, with what it says first.
type emergencyLine struct {
	ledger.Stood
	Park  string
	Title string
	What  string
	Also  string
	Name  fault.Text
	Mark  band
}

// emergencyOf are the records about emergencies that stand, the newest first; of one park
// or of all.
func (p *Pages) emergencyOf(v *visit, park string) ([]ledger.Stood, error) {
	all, err := p.options.Ledger.Standing(v.ctx, ledger.StandingFilter{ParkID: park, Classes: emergencyClasses()}, audit.Knowledge{Newest: true})
	slices.Reverse(all)
	return all, err
}

func (p *Pages) emergencyLineOf(v *visit, s ledger.Stood) emergencyLine {
	l := emergencyLine{Stood: s, Name: s.State.Word(), Mark: entryBand(s.State)}
	c, _ := p.options.Ledger.Catalogue().At(s.Class, s.ClassVersion)
	l.Title = nameOf(v.lang, c.TitleZh, c.TitleEn)
	switch s.Class {
	case planClass:
		l.What, l.Also = strings.TrimSpace(optionOf(v, c, "activity", s.Text("/activity"))+" "+s.Text("/planNumber")), s.Text("/content")
	case drillClass:
		l.What, l.Also = s.Text("/scenario"), s.Text("/improvement")
		if n, there := s.Number("/participants"); there {
			l.What += say(v, fault.T("，{{.Count}} 人", "Count", n.Raw))
		}
	default:
		l.What = say(v, fault.T("检查了 {{.Count}} 种物资", "Count", s.Content.Lengths["/supplies"]))
	}
	return l
}

// optionOf is what a choice of the class is called.
func optionOf(v *visit, c ledger.Class, field, value string) string {
	for _, f := range c.Fields {
		for _, o := range f.Enum {
			if f.Name == field && o.Value == value {
				return wordsOf(v, o.LabelZh, o.LabelEn)
			}
		}
	}
	return value
}

// parkEmergency are the newest of the park's records about emergencies.
func (p *Pages) parkEmergency(v *visit, page *parkPage) error {
	all, err := p.emergencyOf(v, string(page.Line.ID))
	for _, s := range all[:min(len(all), recent)] {
		l := p.emergencyLineOf(v, s)
		l.Park = page.Line.Label
		page.Emergency = append(page.Emergency, l)
	}
	return err
}
