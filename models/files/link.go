package files

import (
	"context"
	"slices"
	"strconv"

	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// MaxAttached is how many attachments one row may have.
const MaxAttached = 50

// Owner is a row that attachments are attached to.
type Owner struct {
	Kind  string
	ID    models.ID
	Place models.Placed
	Also  []models.ID // attachments of the row that this one takes the place of: they may be named again
}

// ParseIDs checks the form of a list of attachments.
func ParseIDs(c *fault.Check, pointer string, raw []string) []models.ID {
	if len(raw) > MaxAttached {
		c.Fail(pointer, "maxItems", "附件不能超过 {{.Max}} 个", "Max", MaxAttached)
		return nil
	}
	ids, seen := make([]models.ID, len(raw)), map[models.ID]bool{}
	for i, s := range raw {
		at := pointer + "/" + strconv.Itoa(i)
		ids[i] = fault.Must(c, at, s, models.ParseID)
		if seen[ids[i]] && ids[i] != "" {
			c.Fail(at, "duplicate", "同一个附件写了两次")
		}
		seen[ids[i]] = true
	}
	return ids
}

// Attached are attachments that a row may have, in the order in which it names them.
type Attached struct {
	All   []Attachment
	perm  policies.Permission
	to    Owner
	fresh []models.ID // not attached to it yet
}

// Attach is Look and Tie in one.
func Attach(tx *models.Tx, perm policies.Permission, to Owner, ids []models.ID) (Attached, error) {
	a, err := Look(tx, perm, to, ids)
	if err != nil {
		return a, err
	}
	return a, a.Tie(tx)
}

// Look finds what a row names: attached to it before, or brought by the caller in the
// same place and attached to nothing yet (S-AZ7). What cannot be attached is Invalid
// by its pointer below /attachments, in the same words whether it is absent or
// somebody else's.
func Look(tx *models.Tx, perm policies.Permission, to Owner, ids []models.ID) (Attached, error) {
	out := Attached{All: make([]Attachment, len(ids)), perm: perm, to: to}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []Attachment
	if err := tx.Visible(perm, &Attachment{}).Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return out, err
	}
	by := make(map[models.ID]Attachment, len(rows))
	for _, a := range rows {
		by[a.ID] = a
	}
	actor, _ := policies.ActorFrom(tx.Context())
	var c fault.Check
	for i, id := range ids {
		a, there := by[id]
		mine := there && a.OwnerID == nil && a.DiscardedAt == nil && a.UploadedBy == models.ID(actor.User)
		its := there && a.OwnerKind == to.Kind && (models.Deref(a.OwnerID) == to.ID || slices.Contains(to.Also, id))
		at := "/attachments/" + strconv.Itoa(i)
		switch {
		case !mine && !its:
			c.Fail(at, "absent", "没有这个附件，或者不是本人上传的，或者已经用于另一条记录")
		case a.ParkID != to.Place.ParkID || models.Deref(a.SiteID) != models.Deref(to.Place.SiteID):
			c.Fail(at, "place", "附件上传时填写的园区或者企业场所与这条记录不同，重新上传")
		case mine:
			out.fresh = append(out.fresh, id)
		}
		out.All[i] = a
	}
	return out, c.Err()
}

// Once leaves out what another one before it says in the same bytes: the second copy of
// a photograph proves nothing more. It answers where those stood and which they repeat.
func (a *Attached) Once() (doubled map[int]int) {
	doubled = map[int]int{}
	first, kept := map[string]int{}, []Attachment{}
	for i, one := range a.All {
		if n, there := first[one.Sum()]; there {
			doubled[i] = n
			a.fresh = slices.DeleteFunc(a.fresh, func(id models.ID) bool { return id == one.ID })
			continue
		}
		first[one.Sum()] = i
		kept = append(kept, one)
	}
	a.All = kept
	return doubled
}

// Fixed is an attachment as a frozen row names it: with the digest of its bytes.
type Fixed struct {
	ID     models.ID `json:"id"`
	SHA256 string    `json:"sha256"` // hexadecimal
}

// Fix names attachments for what is frozen.
func Fix(all []Attachment) []Fixed {
	out := make([]Fixed, len(all))
	for i, a := range all {
		out[i] = Fixed{a.ID, a.Sum()}
	}
	return out
}

// Sums are the digests of attachments as a leaf lists them; nil for none.
func Sums(all []Fixed) []string {
	var sums []string
	for _, a := range all {
		sums = append(sums, a.SHA256)
	}
	return sums
}

// Tie attaches, once and for good, what is not attached yet. Conflict when somebody
// did it first.
func (a Attached) Tie(tx *models.Tx) error {
	if len(a.fresh) == 0 {
		return nil
	}
	actor, _ := policies.ActorFrom(tx.Context())
	res := tx.Visible(a.perm, &Attachment{}).Where("id IN ? AND owner_id IS NULL AND discarded_at IS NULL AND uploaded_by = ?", a.fresh, actor.User).
		Updates(map[string]any{"owner_kind": a.to.Kind, "owner_id": a.to.ID})
	if res.Error == nil && res.RowsAffected != int64(len(a.fresh)) {
		return fault.New(fault.Conflict, "附件刚刚用于另一条记录，重新上传")
	}
	return res.Error
}

// Named reads attachments by id, in that order, for who has reached the row that
// names them.
func Named(ctx context.Context, db *models.DB, perm policies.Permission, ids []models.ID) ([]Attachment, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []Attachment
	err := db.Visible(ctx, perm, &Attachment{}).Where("id IN ?", ids).Find(&rows).Error
	slices.SortFunc(rows, func(a, b Attachment) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return rows, err
}
