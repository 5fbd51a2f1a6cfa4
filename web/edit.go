package web

import (
	"net/http"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
)

// recordAsked is the entry of the address.
func (p *Pages) recordAsked(v *visit) (ledger.Record, error) {
	id, err := models.ParseID(v.c.Param("id"))
	if err != nil {
		return ledger.Record{}, fault.Absent()
	}
	return p.options.Ledger.Get(v.ctx, id)
}

// fillingOf is the form of an entry as it stands.
func (p *Pages) fillingOf(v *visit, r ledger.Record) (filling, error) {
	class, ok := p.options.Ledger.Catalogue().At(r.Class, r.ClassVersion)
	if !ok {
		return filling{}, fault.Absent()
	}
	f := filling{class: class, record: &r, about: subject{About: r.About()}, typed: class.Typed(r.Payload), reason: r.Reason}
	err := p.describe(v, &f.about)
	if r.Supersedes != nil {
		f.about.Late = fault.Text{} // a correction is as late as what it corrects
	}
	return f, err
}

// editEntry opens a draft or a returned entry to go on with it; with every reading judged
// as its filing would.
func (p *Pages) editEntry(v *visit) error {
	r, err := p.recordAsked(v)
	if err != nil {
		return err
	}
	change, _, err := p.options.Ledger.Writable(v.ctx, r.Entry)
	if err != nil {
		return err
	}
	if !change {
		v.to("/ledger/" + string(r.ID))
		return nil
	}
	checked, err := p.options.Ledger.Check(v.ctx, r.ID)
	if err != nil {
		return err
	}
	f, err := p.fillingOf(v, checked.Record)
	if err != nil {
		return err
	}
	return p.showForm(v, http.StatusOK, f)
}

// changeEntry saves what was typed into a draft or a returned entry. What is refused,
// because somebody else was quicker or the values are impossible, comes back with
// everything that was typed.
func (p *Pages) changeEntry(v *visit) error {
	r, err := p.recordAsked(v)
	if err != nil {
		return err
	}
	f, err := p.fillingOf(v, r)
	if err != nil {
		return err
	}
	f.read(v)
	if f.version < 1 {
		return fault.New(fault.Malformed, "表单没有完整送到，返回重新提交")
	}
	_, slot := v.c.GetPostForm("slot")
	_, reason := v.c.GetPostForm("reason")
	return p.write(v, f, func(payload []byte, attached []string) (ledger.Record, error) {
		return p.options.Ledger.Update(v.ctx, r.ID, f.version, func(in ledger.Revision) (ledger.Revision, error) {
			in.Payload, in.Attachments = payload, attached
			if slot {
				in.Slot = f.about.Slot
			}
			if reason {
				in.Reason = f.reason
			}
			return in, nil
		})
	})
}

// amendForm opens a filed entry to correct it: a draft of its own that takes its place
// when it is filed.
func (p *Pages) amendForm(v *visit) error {
	r, err := p.recordAsked(v)
	if err != nil {
		return err
	}
	_, amend, err := p.options.Ledger.Writable(v.ctx, r.Entry)
	if err != nil {
		return err
	}
	if !amend {
		v.to("/ledger/" + string(r.ID))
		return nil
	}
	f, err := p.fillingOf(v, r)
	if err != nil {
		return err
	}
	f.amends, f.id, f.about.Late, f.reason = true, models.NewID(), fault.Text{}, ""
	return p.showForm(v, http.StatusOK, f)
}

func (p *Pages) amendEntry(v *visit) error {
	r, err := p.recordAsked(v)
	if err != nil {
		return err
	}
	f, err := p.fillingOf(v, r)
	if err != nil {
		return err
	}
	f.read(v)
	f.amends, f.about.Late = true, fault.Text{}
	if f.id, err = models.ParseID(v.field("id")); err != nil {
		f.id = models.NewID()
	}
	return p.write(v, f, func(payload []byte, attached []string) (ledger.Record, error) {
		return p.options.Ledger.Amend(v.ctx, r.ID, f.id, f.version, ledger.AmendInput{Reason: f.reason, Payload: payload, Attachments: attached})
	})
}
