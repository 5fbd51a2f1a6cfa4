package web

import (
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

func streamKinds() []string {
	return []string{"nickel", "chromium", "cyanide", "complexed", "ammonia", "acid_alkali", "organic", "domestic", "general"}
}

// streamFields are what is entered of a stream of waste water, with what is registered.
func streamFields(v *visit, s registry.Stream) []formField {
	in := s.Input()
	first := standing(formField{Name: "classOne", Label: fault.T("含第一类污染物"), Kind: "check"}, "")
	if in.ClassOne {
		first.Value = "true"
	}
	return []formField{standing(need(text("name", fault.T("废水名称，例 含镍废水"))), in.Name), standing(need(pick("kind", fault.T("废水类别"), choices(v, streamKinds(), registry.StreamKindName))), in.Kind),
		standing(text("volumeM3d", fault.T("产生量，m³/d")), in.VolumeM3d), first}
}

// streamSaid is a stream as the form says it; where it stands is left as it is.
func streamSaid(v *visit, in registry.StreamInput) registry.StreamInput {
	f := v.field
	in.Name, in.Kind, in.VolumeM3d, in.ClassOne = f("name"), f("kind"), f("volumeM3d"), f("classOne") == "true"
	if v.c.Request.PostForm.Has("facilityId") {
		in.FacilityID = f("facilityId")
	}
	return in
}

// streamTable lists streams, each with its page.
func streamTable(v *visit, all []registry.Stream) recordTable {
	t := recordTable{Name: fault.T("废水分质"), Heads: []recordHead{{fault.T("废水"), "one"}, {fault.T("类别"), "end"}, {fault.T("第一类污染物"), "rest"}, {fault.T("产生量，m³/d"), "num"}}}
	for _, s := range all {
		first := say(v, fault.T("不含"))
		if s.ClassOne {
			first = say(v, fault.T("含第一类污染物"))
		}
		cell := recordCell{Text: s.Name, Link: "/stream/" + string(s.ID)}
		if s.ClosedOn != nil {
			cell.Sub = say(v, fault.T("已终止"))
		}
		t.Rows = append(t.Rows, []recordCell{cell, {Text: say(v, registry.StreamKindName(s.Kind))}, {Text: first}, {Text: s.VolumeM3d}})
	}
	return t
}

// streamPage is one stream of waste water that is kept apart from others.
func (p *Pages) streamPage(v *visit) (page recordPage, err error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return page, fault.Absent()
	}
	s, err := p.options.Registry.Stream(v.ctx, id)
	if err != nil {
		return page, err
	}
	if page, err = p.recordOf(v, s.Name, s.Placed); err != nil {
		return page, err
	}
	works, err := p.worksAt(v, s.Placed, s.FacilityID)
	if err != nil {
		return page, err
	}
	page.Kind = registry.StreamKindName(s.Kind)
	for _, w := range works {
		if w.Value == string(models.Deref(s.FacilityID)) {
			page.Said = append(page.Said, saidLine{fault.T("进入的治理设施"), w.Name, "/facility/" + w.Value})
		}
	}
	first := fault.T("不含")
	if s.ClassOne {
		first = fault.T("含第一类污染物")
	}
	page.says(fault.T("第一类污染物"), say(v, first))
	page.says(fault.T("产生量，m³/d"), s.VolumeM3d)
	page.stands(s.ClosedOn, s.ClosedReason)
	if s.ClosedOn != nil {
		return page, nil
	}
	offer := func(perm policies.Permission, move string, name fault.Text, fields ...formField) {
		page.offer(v, perm, s.Placed, "/stream/"+string(s.ID), s.Version, move, name, fields...)
	}
	into := standing(formField{Name: "facilityId", Label: fault.T("进入的治理设施"), Kind: "select", Options: works}, string(models.Deref(s.FacilityID)))
	offer(policies.FacilityUpdate, "change", fault.T("更正废水分质"), append(streamFields(v, s), into)...)
	offer(policies.FacilityClose, "closing", fault.T("停用废水分质"), closingFields()...)
	return page, nil
}

// moveStream does what a form of the page of a stream says.
func (p *Pages) moveStream(v *visit) error {
	return p.moveRecord(v, p.streamPage, func(_ recordPage, move string, version int64) (string, error) {
		reg, id := p.options.Registry, models.ID(v.c.Param("id"))
		var err error
		switch move {
		case "change":
			_, err = reg.UpdateStream(v.ctx, id, version, func(in registry.StreamInput) (registry.StreamInput, error) { return streamSaid(v, in), nil })
		case "closing":
			_, err = reg.CloseStream(v.ctx, id, version, registry.CloseInput{On: v.field("on"), Reason: v.field("reason")})
		default:
			err = fault.Absent()
		}
		return "/stream/" + string(id), err
	})
}
