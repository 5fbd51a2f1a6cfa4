package web

import (
	"slices"
	"strconv"
	"strings"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// stopLine is one time without production in a list.
type stopLine struct {
	registry.Shutdown
	Object string     // the facility; "" for a whole site
	Name   fault.Text // how it stands
	Mark   band
}

func (p *Pages) stopLineOf(s registry.Shutdown, works map[models.ID]string) stopLine {
	l := stopLine{Shutdown: s, Mark: noScore, Name: fault.T("已恢复")}
	if s.FacilityID != nil {
		l.Object = works[*s.FacilityID]
	}
	switch today := p.options.Today(); {
	case s.ClosedOn != nil:
		l.Name = fault.T("登记已撤销")
	case s.FromOn > today:
		l.Name = fault.T("尚未开始")
	case s.ToOn == nil || *s.ToOn >= today:
		l.Name, l.Mark = fault.T("停产停运中"), halfway
	}
	return l
}

func (p *Pages) firmStops(v *visit, id models.ID, _ map[string]string, page *firmPage) error {
	if !v.may(policies.ShutdownRead) {
		return nil
	}
	found, err := p.options.Registry.Shutdowns(v.ctx, registry.ShutdownFilter{EnterpriseID: string(id)}, models.Query{Limit: mostOfFirm})
	for _, s := range found.Items {
		page.Stops = append(page.Stops, p.stopLineOf(s, worksNamed(page.Works)))
	}
	page.More = page.More || found.Next != ""
	return err
}

// ownStops puts the times in which facilities of the park's own stand still on the page of
// a park, with what may be done about them.
func (p *Pages) ownStops(v *visit, page *worksPage) error {
	park := v.c.Query("parkId")
	if len(page.Head.Parks) == 1 {
		park = page.Head.Parks[0].Value
	}
	if park == "" || !v.may(policies.ShutdownRead) {
		return nil
	}
	found, err := p.options.Registry.Facilities(v.ctx, registry.FacilityFilter{ParkID: park}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return err
	}
	names, works := map[models.ID]string{}, []option{}
	for _, x := range found.Items {
		if x.SiteID == nil {
			names[x.ID] = x.Code + " " + x.Name
			if x.ClosedOn == nil {
				works = append(works, option{Value: string(x.ID), Name: names[x.ID]})
			}
		}
	}
	stops, err := p.options.Registry.Shutdowns(v.ctx, registry.ShutdownFilter{ParkID: park}, models.Query{Limit: models.MaxPage})
	if err != nil {
		return err
	}
	var lasting, standing []option
	for _, s := range stops.Items {
		if s.SiteID != nil {
			continue
		}
		page.Stops = append(page.Stops, p.stopLineOf(s, names))
		if s.ClosedOn != nil {
			continue
		}
		o := option{Value: string(s.ID), Name: strings.TrimSpace(string(s.FromOn) + " " + names[models.Deref(s.FacilityID)])}
		standing = append(standing, o)
		if s.ToOn == nil {
			lasting = append(lasting, o)
		}
	}
	add := func(perm policies.Permission, move string, name fault.Text, first formField, rest ...formField) {
		if v.may(perm) && len(first.Options) > 0 {
			f := newMove(v, "/facilities/stop", move, name, append([]formField{first}, rest...))
			f.Hidden = []option{{Name: "park", Value: park}}
			page.Forms = append(page.Forms, f)
		}
	}
	stopForms(add, need(pick("facilityId", fault.T("停运的园区自有设施"), works)), nil, lasting, standing)
	return nil
}

// moveOwnStop registers, ends or takes back such a time and shows the facilities again.
func (p *Pages) moveOwnStop(v *visit) error {
	base, move := string(tierOf(v.actor))+"/facilities", v.c.Param("move")
	park, err := v.sentID("park")
	if err != nil {
		return err
	}
	here := base + "?parkId=" + string(park)
	v.c.Request.URL.RawQuery = "parkId=" + string(park) // whose forms are offered
	page, err := p.worksOf(v, base)
	if err != nil {
		return err
	}
	if move == "shutdown" {
		err = p.stopSent(v, page.Forms, string(park), "")
	} else {
		known := false
		if known, err = p.moveStop(v, page.Forms, move); !known {
			return fault.Absent()
		}
	}
	if err == nil {
		v.to(here)
		return nil
	}
	told, shown := p.told(v, err)
	if !shown {
		return err
	}
	for i := range told.Errors { // one site or one facility is asked for, and this form has the facility
		if told.Errors[i].Pointer == "/siteId" {
			told.Errors[i].Pointer = "/facilityId"
		}
	}
	page.Failure, page.Shell.Failed = told, true
	page.Kept = p.refused(v, page.Forms, move, nil, told)
	return p.show(v, told.Status, "works.html", page)
}

func worksNamed(works []workLine) map[models.ID]string {
	names := map[models.ID]string{}
	for _, w := range works {
		names[w.ID] = w.Code + " " + w.Facility.Name
	}
	return names
}

// seenAs is a row as an option says it: which, and in the version that the page showed, so
// that a change goes to what was seen.
func seenAs(id models.ID, version int64) string {
	return string(id) + "@" + strconv.FormatInt(version, 10)
}

// held is the row that an option of the form names, with its version; a fault at the
// field when it is none of those that the page offers.
func held(v *visit, forms []moveForm, move, name string) (models.ID, int64, error) {
	raw := v.field(name)
	if offered(forms, move, name, raw) {
		id, version, _ := strings.Cut(raw, "@")
		n, _ := strconv.ParseInt(version, 10, 64)
		return models.ID(id), n, nil
	}
	return "", 0, notOffered(v, name)
}

// offered reports whether the form of the move has the value among the options of the
// field; the version that a value ends in may have gone on meanwhile.
func offered(forms []moveForm, move, name, value string) bool {
	row := func(s string) string { id, _, _ := strings.Cut(s, "@"); return id }
	for _, f := range forms {
		for _, x := range f.Fields {
			if f.Move == move && x.Name == name {
				return value != "" && slices.ContainsFunc(x.Options, func(o option) bool { return row(o.Value) == row(value) })
			}
		}
	}
	return false
}

// notOffered is the fault of a field whose options were left alone, or do not have the value.
func notOffered(v *visit, name string) error {
	var c fault.Check
	if c.Required("/"+name, v.field(name)) {
		c.Fail("/"+name, "absent", "这一项已经不在可以选择的范围内，重新选择")
	}
	return c.Err()
}

// among is what the field says when it is one of the options of the form, "" otherwise.
func among(v *visit, forms []moveForm, move, name string) string {
	if value := v.field(name); offered(forms, move, name, value) {
		return value
	}
	return ""
}

func day(name string, label fault.Text) formField {
	return formField{Name: name, Label: label, Kind: "date"}
}

func permitKinds() []string { return []string{"permit", "registration"} }

func permitKindName(kind string) fault.Text {
	if kind == "registration" {
		return fault.T("登记回执")
	}
	return fault.T("排污许可证")
}

func outletKindName(kind string) fault.Text { return registry.Outlet{Kind: kind}.KindName() }

func regimeName(regime string) fault.Text { return registry.Outlet{Regime: regime}.RegimeName() }

// holdingForms are what may be done with what a firm holds: residence, permits, outlets,
// facilities and times without production.
func holdingForms(v *visit, page *firmPage, sites []option) {
	at := "/firm/" + string(page.Firm.Enterprise.ID)
	add := func(perm policies.Permission, move string, name fault.Text, first formField, rest ...formField) {
		if v.may(perm) && len(first.Options) > 0 {
			page.Forms = append(page.Forms, newMove(v, at, move, name, append([]formField{first}, rest...)))
		}
	}
	why, where := reasonField(), need(pick("siteId", fault.T("场所"), sites))
	var running, lasting, units, places []option
	for _, x := range page.Works {
		if x.ClosedOn == nil {
			running = append(running, option{Value: string(x.Facility.ID), Name: x.Code + " " + x.Facility.Name})
		}
	}
	for _, x := range page.Sites {
		if x.ClosedOn != nil {
			continue
		}
		places = append(places, option{Value: seenAs(x.Site.ID, x.Version), Name: x.Park})
		for _, u := range x.Tenancies {
			if u.ToOn == nil {
				units = append(units, option{Value: string(x.Site.ID) + "/" + string(u.ID), Name: x.Park + " " + u.Building + " " + u.Unit})
			}
		}
	}
	stops := []option{}
	for _, x := range page.Stops {
		if x.ClosedOn != nil {
			continue
		}
		o := option{Value: string(x.Shutdown.ID), Name: strings.TrimSpace(string(x.FromOn) + " " + x.Object)}
		stops = append(stops, o)
		if x.ToOn == nil {
			lasting = append(lasting, o)
		}
	}
	stopForms(add, where, running, lasting, stops)
	add(policies.PermitCreate, "permit", fault.T("登记排污许可证或者登记回执"), where, need(text("number", fault.T("编号，22 位"))), need(pick("kind", fault.T("种类"), choices(v, permitKinds(), permitKindName))),
		need(pick("class", fault.T("管理类别"), choices(v, permitClasses()[:3], registry.PermitClassName))), need(day("issuedOn", fault.T("发证日期"))), day("validTo", fault.T("有效期至，不填为发证满 5 年的前一日")), need(text("authority", fault.T("发证机关"))))
	add(policies.FacilityCreate, "outlet", fault.T("登记排放口"), where, need(text("code", fault.T("排放口编码，例 DW001、DA001、YS001"))), text("name", fault.T("排放口名称")),
		need(pick("kind", fault.T("种类"), choices(v, []string{"total", "workshop", "rain", "air"}, outletKindName))), need(pick("regime", fault.T("排放方式"), choices(v, []string{"direct", "indirect", "none"}, regimeName))),
		formField{Name: "facilityId", Label: fault.T("前端治理设施"), Kind: "select", Options: running}, text("receivingPlant", fault.T("受纳污水处理厂，间接排放必填")), text("receivingWater", fault.T("受纳水体，直接排放必填")), text("destination", fault.T("排放去向")))
	into := formField{Name: "facilityId", Label: fault.T("进入的治理设施"), Kind: "select", Options: running}
	add(policies.FacilityCreate, "stream", fault.T("登记废水分质"), where, append(streamFields(v, registry.Stream{}), into)...)
	add(policies.SiteUpdate, "tenancy", fault.T("登记租用单元"), where, need(text("building", fault.T("楼栋"))), need(text("unit", fault.T("单元、楼层或者房号"))), text("areaM2", fault.T("面积，m²")), need(day("from", fault.T("入驻日期"))))
	add(policies.SiteEnd, "tenancy-ending", fault.T("结束租用单元"), need(pick("tenancy", fault.T("单元"), units)), need(day("on", fault.T("迁出日期，最后一天"))), why)
	add(policies.SiteEnd, "site-closing", fault.T("登记迁出园区"), need(pick("site", fault.T("场所"), places)), day("on", fault.T("迁出日期，不填为今天")), why)
}

// stopForms are those of times without production.
func stopForms(add func(policies.Permission, string, fault.Text, formField, ...formField), where formField, works, lasting, all []option) {
	fields := []formField{need(day("from", fault.T("第一天，当天仍要记录"))), day("to", fault.T("最后一天，还没有恢复不填")), reasonField()}
	if where.Name == "siteId" {
		fields = append([]formField{{Name: "facilityId", Label: fault.T("停运的设施，整个场所停产不填"), Kind: "select", Options: works}}, fields...)
	}
	add(policies.ShutdownCreate, "shutdown", fault.T("登记停产停运"), where, fields...)
	add(policies.ShutdownEnd, "shutdown-ending", fault.T("登记恢复生产"), need(pick("shutdown", fault.T("停产停运"), lasting)), need(day("on", fault.T("停产停运的最后一天，当天仍要记录"))))
	add(policies.ShutdownWithdraw, "shutdown-withdrawal", fault.T("撤销停产停运的登记"), need(pick("shutdown", fault.T("停产停运"), all)), reasonField())
}

// moveHolding does what a form about a holding of the firm says; false when there is no
// such form.
func (p *Pages) moveHolding(v *visit, page firmPage, move string) (known bool, err error) {
	reg, f := p.options.Registry, v.field
	closing := registry.CloseInput{On: f("on"), Reason: f("reason")}
	row := func(name string, act func(id models.ID, version int64) error) error {
		id, version, err := held(v, page.Forms, move, name)
		if err != nil {
			return err
		}
		return act(id, version)
	}
	switch move {
	case "permit":
		in := registry.PermitInput{SiteID: among(v, page.Forms, move, "siteId"), Number: f("number"), Kind: among(v, page.Forms, move, "kind"), Class: among(v, page.Forms, move, "class"), IssuedOn: f("issuedOn"), ValidTo: f("validTo"), Authority: f("authority")}
		if in.Kind == "registration" {
			in.State = "registered"
		}
		_, err = reg.CreatePermit(v.ctx, "", in)
	case "outlet":
		in := registry.OutletInput{SiteID: among(v, page.Forms, move, "siteId"), FacilityID: among(v, page.Forms, move, "facilityId"), Code: f("code"), Kind: among(v, page.Forms, move, "kind"), Name: f("name"),
			Regime: among(v, page.Forms, move, "regime"), Destination: f("destination"), ReceivingPlant: f("receivingPlant"), ReceivingWater: f("receivingWater")}
		if in.ParkID, err = parkOf(v, page, in.SiteID); err == nil {
			_, err = reg.CreateOutlet(v.ctx, "", in)
		}
	case "stream":
		in := streamSaid(v, registry.StreamInput{SiteID: among(v, page.Forms, move, "siteId")})
		in.Kind, in.FacilityID = among(v, page.Forms, move, "kind"), among(v, page.Forms, move, "facilityId")
		if in.ParkID, err = parkOf(v, page, in.SiteID); err == nil {
			_, err = reg.CreateStream(v.ctx, "", in)
		}
	case "tenancy":
		err = row("siteId", func(id models.ID, _ int64) error {
			_, err := reg.AddTenancy(v.ctx, id, "", registry.TenancyInput{Building: f("building"), Unit: f("unit"), AreaM2: f("areaM2"), From: f("from")})
			return err
		})
	case "tenancy-ending":
		err = row("tenancy", func(id models.ID, _ int64) error {
			site, unit, _ := strings.Cut(string(id), "/")
			_, err := reg.EndTenancy(v.ctx, models.ID(site), models.ID(unit), registry.EndInput{On: f("on"), Reason: f("reason")})
			return err
		})
	case "site-closing":
		err = row("site", func(id models.ID, version int64) error {
			_, err := reg.CloseSite(v.ctx, id, version, closing)
			return err
		})
	case "shutdown":
		site := among(v, page.Forms, move, "siteId")
		var park string
		if park, err = parkOf(v, page, site); err == nil {
			err = p.stopSent(v, page.Forms, park, site)
		}
	default:
		return p.moveStop(v, page.Forms, move)
	}
	return true, err
}

// stopSent registers the time without production that a form says.
func (p *Pages) stopSent(v *visit, forms []moveForm, park, site string) error {
	f := v.field
	_, err := p.options.Registry.CreateShutdown(v.ctx, "", registry.ShutdownInput{ParkID: park, SiteID: site, FacilityID: among(v, forms, "shutdown", "facilityId"), From: f("from"), To: f("to"), Reason: f("reason")})
	return err
}

// moveStop ends a time without production or takes it back; false for another move.
func (p *Pages) moveStop(v *visit, forms []moveForm, move string) (known bool, err error) {
	if move != "shutdown-ending" && move != "shutdown-withdrawal" {
		return false, nil
	}
	id, _, err := held(v, forms, move, "shutdown")
	switch {
	case err != nil:
	case move == "shutdown-ending":
		_, err = p.options.Registry.EndShutdown(v.ctx, id, registry.ShutdownEnd{On: v.field("on")})
	default:
		_, err = p.options.Registry.WithdrawShutdown(v.ctx, id, registry.ShutdownWithdrawal{Reason: v.field("reason")})
	}
	return true, err
}

// parkOf is the park of a site of the firm.
func parkOf(v *visit, page firmPage, site string) (string, error) {
	for _, l := range page.Sites {
		if string(l.Site.ID) == site {
			return string(l.ParkID), nil
		}
	}
	return "", notOffered(v, "siteId")
}

// keep puts what was entered in the place of what was there, when something was.
func keep(there *string, entered string) {
	if entered = strings.TrimSpace(entered); entered != "" {
		*there = entered
	}
}
