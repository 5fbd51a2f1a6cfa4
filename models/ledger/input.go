package ledger

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/files"
)

// Input is a ledger entry as people enter it.
type Input struct {
	ParkID      string          `json:"parkId" format:"uuid" doc:"园区"`
	SiteID      string          `json:"siteId,omitempty" format:"uuid" doc:"企业场所；填了设施或者排放口时可以不填，园区自有的为空"`
	FacilityID  string          `json:"facilityId,omitempty" format:"uuid" doc:"设施，台账类别要求时填写"`
	OutletID    string          `json:"outletId,omitempty" format:"uuid" doc:"排放口，台账类别要求时填写"`
	Class       string          `json:"class" maxLength:"100" doc:"台账类别，见 GET /ledger-classes"`
	Day         string          `json:"day" format:"date" doc:"记录哪一天的情况（UTC+8）"`
	Slot        string          `json:"slot,omitempty" maxLength:"40" doc:"班次、批次或者事件编号，见台账类别"`
	Payload     json.RawMessage `json:"payload" doc:"内容：对象，按台账类别的字段；草稿可以不完整，数值写成文字并原样保存"`
	OccurredAt  string          `json:"occurredAt,omitempty" format:"date-time" doc:"填报人声明的发生时间"`
	RecordedAt  string          `json:"recordedAt,omitempty" format:"date-time" doc:"设备上的记录时间，默认为服务器收到的时间"`
	Attachments []string        `json:"attachments,omitempty" maxItems:"50" doc:"附件编号，由填报人先上传（POST /attachments）；报送后不再变动"`
}

// Revision is a draft as people change it: what was entered and, for an amendment that
// has not been filed yet, why it is made.
type Revision struct {
	Input
	Reason string `json:"reason,omitempty" doc:"更正原因，至少 5 个字；只有更正有这一项，报送以后不再变动"`
}

// parsed is an input whose form is right. Content has been read, and may be incomplete.
type parsed struct {
	class                  Class
	park                   models.ID
	site, facility, outlet *models.ID
	day                    code.Day
	slot                   string
	payload                json.RawMessage
	content                Content
	occurred, recorded     *time.Time
	attachments            []models.ID
}

// Parse checks everything that needs no register and no clock; the content is
// read by its class and may be incomplete.
func (in Input) Parse() (Class, error) {
	p, err := in.parse(Embedded().Newest)
	return p.class, err
}

// parse reads the content by the class that find gives.
func (in Input) parse(find func(string) (Class, bool)) (parsed, error) {
	var c fault.Check
	p := parsed{payload: in.Payload,
		park:     fault.Must(&c, "/parkId", in.ParkID, models.ParseID),
		site:     models.Ref(fault.Parse(&c, "/siteId", in.SiteID, models.ParseID)),
		facility: models.Ref(fault.Parse(&c, "/facilityId", in.FacilityID, models.ParseID)),
		outlet:   models.Ref(fault.Parse(&c, "/outletId", in.OutletID, models.ParseID)),
		day:      fault.Must(&c, "/day", in.Day, code.ParseDay),
		slot:     fault.Parse(&c, "/slot", in.Slot, code.ParseText(40)),
		occurred: instant(&c, "/occurredAt", in.OccurredAt),
		recorded: instant(&c, "/recordedAt", in.RecordedAt),

		attachments: files.ParseIDs(&c, "/attachments", in.Attachments),
	}
	malformed := false
	if c.Required("/class", in.Class) {
		var known bool
		p.class, known = find(in.Class)
		switch {
		case known && p.class.View != "":
			c.Fail("/class", "view", "“{{.Class}}”由登记资料给出，不填报，见 {{.View}}", "Class", fault.Named(p.class.TitleZh, p.class.TitleEn), "View", p.class.View)
		case !known:
			c.Add(fault.Violation{Pointer: "/class", Code: "class", Value: in.Class, Detail: fault.T("没有这个台账类别，可用的类别见 /ledger-classes")})
		default:
			p.asks(&c)
			var err error
			p.content, err = p.class.Read(in.Payload)
			malformed = fault.Is(err, fault.Malformed)
			c.Within("/payload", err)
			p.slotOf(&c)
		}
	}
	err := c.Err()
	if f, ok := err.(*fault.Error); ok && malformed {
		f.Code, f.Detail = fault.Malformed, fault.T("请求中有无法识别的内容")
	}
	return p, err
}

// slotOf takes the slot from the field of the payload that says it.
func (p *parsed) slotOf(c *fault.Check) {
	name := p.class.Slot.Field
	if name == "" {
		return
	}
	says := p.content.Texts["/"+name]
	if p.slot != "" && says != "" && p.slot != says {
		c.Fail("/slot", "differs", "与内容中的 {{.Says}} 不一致；这一类台账可以不填这一项", "Says", says)
	}
	p.slot = says
}

// asks checks that the entry names what its class asks for, and nothing else.
func (p parsed) asks(c *fault.Check) {
	need := func(pointer string, n Need, given bool) {
		switch {
		case n == Required && !given && !c.Has(pointer):
			c.Fail(pointer, "required", "这一类台账需要填写")
		case n == None && given:
			c.Fail(pointer, "unused", "这一类台账不填这一项")
		}
	}
	need("/siteId", p.class.Site, p.site != nil)
	need("/facilityId", p.class.Facility, p.facility != nil)
	need("/outletId", p.class.Outlet, p.outlet != nil)
	slot := Optional
	switch {
	case p.class.Slot.Field != "":
		slot = "" // follows from the payload
	case p.class.Slot.Required:
		slot = Required
	}
	need("/slot", slot, p.slot != "")
}

func instant(c *fault.Check, pointer, raw string) *time.Time {
	t := fault.Parse(c, pointer, raw, code.ParseInstant)
	if t.IsZero() {
		return nil
	}
	return &t
}

// digest tells a repeated creation from another one under the same id.
func (in Input) digest() []byte {
	sum := sha256.New()
	for _, s := range []string{in.ParkID, in.SiteID, in.FacilityID, in.OutletID, in.Class, in.Day, in.Slot, string(in.Payload), in.OccurredAt, in.RecordedAt} {
		_, _ = sum.Write(sized(s)) // a hash takes everything
	}
	for _, id := range in.Attachments {
		_, _ = sum.Write(sized("attachment " + id))
	}
	return sum.Sum(nil)
}

// sized puts its length before a part, so that no two lists of parts look alike.
func sized(s string) []byte {
	n := len(s)
	return append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, s...)
}

// FilingInput is what is said beside the content when it is filed.
type FilingInput struct {
	Reason string `json:"reason,omitempty" doc:"补报、迟报的原因，至少 5 个字；留在报送这一步里"`
}

// Parse checks the reason, when there is one.
func (in FilingInput) Parse() (string, error) {
	var c fault.Check
	reason := fault.Parse(&c, "/reason", in.Reason, code.ParseReason)
	return reason, c.Err()
}

// ReasonInput is why an entry is returned or voided.
type ReasonInput struct {
	Reason string `json:"reason" doc:"原因，至少 5 个字"`
}

// Parse checks the reason.
func (in ReasonInput) Parse() (string, error) {
	var c fault.Check
	reason := fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	return reason, c.Err()
}

// AmendInput starts an amendment (更正): a new entry that takes the place of the
// old one when it is filed.
type AmendInput struct {
	Reason      string          `json:"reason" doc:"更正原因，至少 5 个字"`
	Payload     json.RawMessage `json:"payload,omitempty" doc:"更正后的全部内容；不填时以原内容为草稿"`
	OccurredAt  string          `json:"occurredAt,omitempty" format:"date-time" doc:"更正后的发生时间；不填时与原来相同"`
	RecordedAt  string          `json:"recordedAt,omitempty" format:"date-time" doc:"设备上记录这次更正的时间，默认为服务器收到的时间"`
	Attachments []string        `json:"attachments,omitempty" maxItems:"50" doc:"更正后的全部附件，可以包含原来的；不填时与原来相同"`
}

// Parse checks what does not depend on the entry's class; the content is read
// against it later.
func (in AmendInput) Parse() (string, error) {
	var c fault.Check
	reason := fault.Must(&c, "/reason", in.Reason, code.ParseReason)
	instant(&c, "/occurredAt", in.OccurredAt)
	instant(&c, "/recordedAt", in.RecordedAt)
	files.ParseIDs(&c, "/attachments", in.Attachments)
	return reason, c.Err()
}

func (in AmendInput) digest(of models.ID) []byte {
	sum := sha256.New()
	for _, s := range []string{"amendment", string(of), in.Reason, string(in.Payload), in.OccurredAt, in.RecordedAt} {
		_, _ = sum.Write(sized(s))
	}
	for _, id := range in.Attachments {
		_, _ = sum.Write(sized("attachment " + id))
	}
	return sum.Sum(nil)
}

// input is the entry as it would be entered, with this payload.
func (e Entry) input(payload string) Input {
	in := Input{ParkID: string(e.ParkID), SiteID: string(models.Deref(e.SiteID)), FacilityID: string(models.Deref(e.FacilityID)),
		OutletID: string(models.Deref(e.OutletID)), Class: e.Class, Day: string(e.Day), Slot: e.Slot, Payload: json.RawMessage(payload),
		RecordedAt: e.RecordedAt.In(code.Zone).Format(time.RFC3339), Attachments: e.Attachments}
	if e.OccurredAt != nil {
		in.OccurredAt = e.OccurredAt.In(code.Zone).Format(time.RFC3339)
	}
	return in
}

// revision is the entry as it would be changed, with this payload.
func (e Entry) revision(payload string) Revision { return Revision{e.input(payload), e.Reason} }
