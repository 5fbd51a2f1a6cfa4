package inspection

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
)

// EventType is what happened on a patrol.
type EventType string

const (
	EventStart   EventType = "start"
	EventArrive  EventType = "arrive"
	EventAnswer  EventType = "answer"
	EventReading EventType = "reading"
	EventPhoto   EventType = "photo"
	EventNote    EventType = "note"
	EventFinding EventType = "finding"
	EventEnd     EventType = "end"
	EventVoid    EventType = "void" // takes back another event; without one, the patrol that was not started
)

// Results of an answer.
const (
	AsRequired    = "asRequired"
	NotAsRequired = "notAsRequired"
	NotApplicable = "notApplicable"
)

// Content is what an event says besides its type and times.
type Content struct {
	Item      string    `json:"item,omitempty"`     // of the patrol's checklist
	Result    string    `json:"result,omitempty"`   // asRequired, notAsRequired, notApplicable
	Quantity  string    `json:"quantity,omitempty"` // what was measured: pH, 流量
	Value     string    `json:"value,omitempty"`    // decimal as entered, <0.05 and ND too
	Unit      string    `json:"unit,omitempty"`
	Object    string    `json:"object,omitempty"`    // what was looked at, in words
	ObjectID  models.ID `json:"objectId,omitempty"`  // facility, outlet or site
	FindingID models.ID `json:"findingId,omitempty"` // may come before the finding does
	SHA256    string    `json:"sha256,omitempty"`    // of a photograph's bytes
	Text      string    `json:"text,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Voids     models.ID `json:"voids,omitempty"`    // event taken back
	Position  string    `json:"position,omitempty"` // salted commitment to the Position, hex
}

// Event is one thing that happened on a patrol, as the device sent it. Inserted
// only; the id is the device's, unique within the patrol.
type Event struct {
	PatrolID     models.ID `gorm:"primaryKey"`
	ID           models.ID `gorm:"primaryKey"`
	Type         EventType
	At           time.Time  // clock of the device, claimed
	ElapsedMs    *int64     // running time of the device since ServerAt, ms
	ServerAt     *time.Time // last server time that the device had seen
	ReceivedAt   time.Time
	ClockErrorMs *int64 // how far the device's clock was ahead, ms; nil when it cannot be told
	ActorID      models.ID
	Body         models.JSON[Content]
	Digest       []byte // SHA-256 of everything sent but the position
	ChangeID     models.ID
}

// TableName implements gorm's Tabler.
func (Event) TableName() string { return "patrol_events" }

// Scope implements models.Scoped: seen exactly when the patrol is.
func (Event) Scope() models.Scope { return models.ChildRows("patrol_events", "patrol_id", Patrol{}) }

// EventInput is one event as the device sends it. Every rule is judged event by
// event: one that is refused does not hold up the others.
type EventInput struct {
	ID        string         `json:"id" required:"false" doc:"设备生成的编号（UUID）；重复上传同一编号不会重复登记"`
	Type      EventType      `json:"type" required:"false" doc:"start、arrive、answer、reading、photo、note、finding、end、void"`
	At        string         `json:"at" required:"false" doc:"设备时间"`
	ElapsedMs *int64         `json:"elapsedMs,omitempty" doc:"距 serverAt 的运行时长，毫秒"`
	ServerAt  string         `json:"serverAt,omitempty" doc:"设备上一次得到的服务器时间"`
	Position  *PositionInput `json:"position,omitempty" doc:"事件发生的位置"`
	Item      string         `json:"item,omitempty" doc:"检查项编号，见 /patrol-checklists"`
	Result    string         `json:"result,omitempty" doc:"asRequired 符合，notAsRequired 不符合，notApplicable 不涉及"`
	Quantity  string         `json:"quantity,omitempty" doc:"测量项目，例 pH"`
	Value     string         `json:"value,omitempty" doc:"测量值"`
	Unit      string         `json:"unit,omitempty" doc:"单位"`
	Object    string         `json:"object,omitempty" doc:"检查对象"`
	ObjectID  string         `json:"objectId,omitempty" doc:"检查对象的编号：设施、排放口或者企业场所"`
	FindingID string         `json:"findingId,omitempty" doc:"问题编号"`
	SHA256    string         `json:"sha256,omitempty" doc:"照片的 SHA-256"`
	Text      string         `json:"text,omitempty" doc:"文字"`
	Reason    string         `json:"reason,omitempty" doc:"不符合而没有登记问题的原因，或者作废的原因"`
	Voids     string         `json:"voids,omitempty" doc:"作废的事件；不填则取消还没有开始的巡查"`
}

// carries says which members an event of each type may have, besides those of every event.
var carries = map[EventType][]string{
	EventStart:   {"position", "text"},
	EventArrive:  {"position", "object", "objectId", "text"},
	EventAnswer:  {"position", "item", "result", "value", "unit", "object", "objectId", "findingId", "reason", "text"},
	EventReading: {"position", "item", "quantity", "value", "unit", "object", "objectId", "text"},
	EventPhoto:   {"position", "sha256", "item", "object", "objectId", "findingId", "text"},
	EventNote:    {"position", "item", "object", "objectId", "text"},
	EventFinding: {"position", "item", "object", "objectId", "findingId", "text"},
	EventEnd:     {"position", "text"},
	EventVoid:    {"voids", "reason"},
}

// EventTypes are all types.
func EventTypes() []EventType {
	return []EventType{EventStart, EventArrive, EventAnswer, EventReading, EventPhoto, EventNote, EventFinding, EventEnd, EventVoid}
}

// Parse checks one event against the checklist of its patrol: the event without
// patrol, receipt and actor, and its position if it has one.
func (in EventInput) Parse(list Checklist) (Event, *Position, error) {
	var c fault.Check
	e := Event{Type: in.Type, ElapsedMs: in.ElapsedMs}
	e.ID = fault.Must(&c, "/id", in.ID, models.ParseID)
	e.At = fault.Must(&c, "/at", in.At, code.ParseInstant)
	if at := fault.Parse(&c, "/serverAt", in.ServerAt, code.ParseInstant); !at.IsZero() {
		e.ServerAt = &at
	}
	if in.ElapsedMs != nil && *in.ElapsedMs < 0 {
		c.Fail("/elapsedMs", "minimum", "不能小于 {{.Arg}}", "Arg", 0)
	}
	if c.Required("/type", string(in.Type)) {
		oneOf(&c, "/type", in.Type, EventTypes())
	}
	b := &e.Body.V
	b.Item, b.Result = in.Item, in.Result
	b.Quantity = fault.Parse(&c, "/quantity", in.Quantity, code.ParseText(40))
	b.Value = fault.Parse(&c, "/value", in.Value, func(s string) (string, error) { q, err := code.ParseReading(s); return q.Raw, err })
	b.Unit = fault.Parse(&c, "/unit", in.Unit, code.ParseText(20))
	b.Object = fault.Parse(&c, "/object", in.Object, code.ParseText(100))
	b.ObjectID = fault.Parse(&c, "/objectId", in.ObjectID, models.ParseID)
	b.FindingID = fault.Parse(&c, "/findingId", in.FindingID, models.ParseID)
	b.SHA256 = fault.Parse(&c, "/sha256", in.SHA256, parseSHA256)
	b.Text = fault.Parse(&c, "/text", in.Text, code.ParseLongText(2000))
	b.Reason = fault.Parse(&c, "/reason", in.Reason, code.ParseReason)
	b.Voids = fault.Parse(&c, "/voids", in.Voids, models.ParseID)
	in.checkType(&c, list)
	var position *Position
	if in.Position != nil {
		p, err := in.Position.parse()
		c.Within("/position", err)
		position = &p
	}
	if err := c.Err(); err != nil {
		return Event{}, nil, err
	}
	e.Digest = e.digest()
	return e, position, nil
}

// checkType holds an event to its type: what it must and what it may carry.
func (in EventInput) checkType(c *fault.Check, list Checklist) {
	need := func(name, value string) {
		if !c.Has("/" + name) {
			c.Required("/"+name, value)
		}
	}
	item, known := list.item(in.Item)
	if in.Item != "" && !known {
		c.Cite("/item", "unknown", "", in.Item, "检查项应当取自检查单 {{.Version}}", "Version", list.Version)
	}
	switch in.Type {
	case EventArrive:
		need("object", in.Object+in.ObjectID)
	case EventAnswer:
		need("item", in.Item)
		if in.Result != "" || !known || item.Answer != "value" {
			need("result", in.Result)
			if in.Result != "" {
				oneOf(c, "/result", in.Result, []string{AsRequired, NotAsRequired, NotApplicable})
			}
		}
		if known && item.Answer == "value" && in.Result != NotApplicable {
			need("value", in.Value)
		}
	case EventReading:
		need("quantity", in.Quantity)
		need("value", in.Value)
	case EventPhoto:
		need("sha256", in.SHA256)
	case EventNote:
		need("text", in.Text)
	case EventFinding:
		need("findingId", in.FindingID)
	case EventVoid:
		need("reason", in.Reason)
	}
	allowed, ok := carries[in.Type]
	if !ok {
		return
	}
	for _, m := range in.members() {
		if m.there && !slices.Contains(allowed, m.name) && !c.Has("/"+m.name) {
			c.Fail("/"+m.name, "unexpected", "这种记录没有这一项")
		}
	}
}

type member struct {
	name  string
	there bool
}

func (in EventInput) members() []member {
	return []member{{"position", in.Position != nil}, {"item", in.Item != ""}, {"result", in.Result != ""}, {"quantity", in.Quantity != ""}, {"value", in.Value != ""},
		{"unit", in.Unit != ""}, {"object", in.Object != ""}, {"objectId", in.ObjectID != ""}, {"findingId", in.FindingID != ""}, {"sha256", in.SHA256 != ""},
		{"text", in.Text != ""}, {"reason", in.Reason != ""}, {"voids", in.Voids != ""}}
}

// digest covers what the device said; the position is compared by itself.
func (e Event) digest() []byte {
	b := e.Body.V
	b.Position = ""
	raw, _ := json.Marshal(struct { // plain fields always encode, and in this order
		Type      EventType
		At        int64
		ElapsedMs *int64
		ServerAt  int64
		Body      Content
	}{e.Type, e.At.Unix(), e.ElapsedMs, moment(e.ServerAt).Unix(), b})
	sum := sha256.Sum256(raw)
	return sum[:]
}

func (e Event) same(f Event) bool { return bytes.Equal(e.Digest, f.Digest) }

// Receive completes a parsed event: whose it is, when it came, and how far off the
// device's clock was. The clock is reported, never trusted and never refused.
func (e Event) Receive(patrol models.ID, position *Position, actor models.ID, now time.Time) (Event, *Position) {
	e.PatrolID, e.ActorID, e.ReceivedAt = patrol, actor, now
	switch {
	case e.ServerAt != nil && e.ElapsedMs != nil:
		e.ClockErrorMs = new(e.At.Sub(*e.ServerAt).Milliseconds() - *e.ElapsedMs)
	case e.At.After(now):
		e.ClockErrorMs = new(e.At.Sub(now).Milliseconds()) // at least so much
	}
	if position != nil {
		p := *position
		p.PatrolID, p.EventID = patrol, e.ID
		e.Body.V.Position = p.commit()
		return e, &p
	}
	return e, nil
}

// parseSHA256 takes a SHA-256 in hex.
func parseSHA256(s string) (string, error) {
	s = strings.ToLower(s)
	if b, err := hex.DecodeString(s); err != nil || len(b) != 32 {
		return "", fault.Broken("pattern", "GB/T 18238.3", "SHA-256 应当是 64 位十六进制")
	}
	return s, nil
}
