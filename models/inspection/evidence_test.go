package inspection_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/inspection"
	"parkregistry/policies"
)

// photo is picture n, brought by the caller to a place.
func (w world) photo(ctx context.Context, at models.Placed, n int) models.ID {
	return got(dbtest.Photo(w.t, ctx, w.DB, at, n))(w.t)
}

// attached reads an attachment as who brought it.
func (w world) attached(ctx context.Context, id models.ID) (files.Attachment, error) {
	store := got(files.Open(w.t.TempDir()))(w.t)
	w.t.Cleanup(func() { _ = store.Close() })
	return files.New(w.DB, store).Get(ctx, id)
}

// TestEvidenceThatIsNoProofHere: what is somebody else's, of another place or used
// elsewhere is refused by its pointer, nothing moves, and nothing is tied.
func TestEvidenceThatIsNoProofHere(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm := w.Firm(w.BaoanA)
		f, other := w.bring(t, kinds[0], inspection.Notified), w.bring(t, kinds[0], inspection.Notified)
		used := w.photo(firm, other.Placed, 7)
		in := w.rectification(firm, other)
		in.Attachments = []string{string(used)}
		got(w.Rectify(firm, other.ID, in))(t)
		for _, c := range []struct {
			name, code string
			id         models.ID
		}{
			{"one that there is not", "absent", models.NewID()},
			{"the park's", "absent", w.photo(w.ParkManager(w.BaoanA), f.Placed, 2)},
			{"a foreign firm's", "absent", w.photo(w.Firm(w.Longgang), w.Longgang.Site.Place(), 3)},
			{"another finding's", "absent", used},
			{"one of the firm's own site in another park", "place", w.photo(firm, w.Second.Place(), 4)},
		} {
			sound := w.photo(firm, f.Placed, 5)
			in := w.rectification(firm, f)
			in.Attachments = []string{string(sound), string(c.id)}
			if _, err := w.Rectify(firm, f.ID, in); !breaks(err, "/attachments/1", c.code) || breaks(err, "/attachments/0", c.code) {
				t.Errorf("%s: %v, want %s at /attachments/1", c.name, err, c.code)
			}
			if a := got(w.attached(firm, sound))(t); a.OwnerID != nil {
				t.Errorf("%s: the sound one is tied to %s", c.name, *a.OwnerID)
			}
			if now := got(w.Finding(firm, f.ID))(t); now.Version != f.Version {
				t.Errorf("%s: the finding moved to %s", c.name, now.State)
			}
		}
	})
}

// TestEvidenceOfThePark: a finding about the park's own works takes what was brought to
// the park, not to a firm's site in it.
func TestEvidenceOfThePark(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		park := w.ParkManager(w.BaoanA)
		f := w.log(t, w.Inspector("baoan"), w.aboutPark())
		f = got(w.Notify(w.Inspector("baoan"), f.ID, inspection.NoticeInput{}))(t).Finding
		in := w.rectification(park, f)
		in.Attachments = append(in.Attachments, string(w.photo(park, w.BaoanA.Site.Place(), 9)))
		if _, err := w.Rectify(park, f.ID, in); !breaks(err, "/attachments/1", "place") {
			t.Errorf("a picture of a firm's site: %v", err)
		}
		in.Attachments = in.Attachments[:1]
		got(w.Rectify(park, f.ID, in))(t)
	})
}

// TestEvidenceIsFrozen: the step keeps ids and digests, the leaf commits to them, whoever
// reads the finding reads the files, and a second submission may show them again.
func TestEvidenceIsFrozen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		firm, district := w.Firm(w.BaoanA), w.Inspector("baoan")
		f := w.bring(t, kinds[0], inspection.Notified)
		in := w.rectification(firm, f, 1, 2, 1, 3)
		out := got(w.Rectify(firm, f.ID, in))(t)
		if len(out.Warnings) != 1 || out.Warnings[0].Pointer != "/attachments/2" || out.Warnings[0].Code != "sameFile" {
			t.Errorf("the same photograph twice: warnings %v", out.Warnings)
		}
		kept := []string{in.Attachments[0], in.Attachments[1], in.Attachments[3]}
		var body struct{ Attachments []files.Fixed }
		steps := got(w.Steps(district, f.ID))(t)
		if err := json.Unmarshal([]byte(steps[len(steps)-1].Body), &body); err != nil {
			t.Fatal(err)
		}
		var ids, sums []string
		for _, a := range body.Attachments {
			ids, sums = append(ids, string(a.ID)), append(sums, a.SHA256)
			if file := got(w.attached(district, a.ID))(t); file.Sum() != a.SHA256 || models.Deref(file.OwnerID) != f.ID || file.OwnerKind != "finding" {
				t.Errorf("the step names %v, the file is %s of %s %v", a, file.Sum(), file.OwnerKind, file.OwnerID)
			}
		}
		if !slices.Equal(ids, kept) {
			t.Errorf("the step keeps %v, want each content once: %v", ids, kept)
		}
		var leaf audit.Change
		must(t, models.One(w.DB.Visible(w.Auditor(), policies.ChangeRead, &leaf).Where("object_id = ? AND action = ?", f.ID, policies.FindingRectify), &leaf))
		if want := `"attachments":["` + strings.Join(sums, `","`) + `"]`; !strings.Contains(string(leaf.Leaf), want) {
			t.Errorf("the leaf does not say %s: %q", want, leaf.Leaf)
		}
		if a := got(w.attached(firm, models.ID(in.Attachments[2])))(t); a.OwnerID != nil {
			t.Error("the copy is tied to the finding")
		}
		if _, err := w.attached(w.Inspector("longgang"), models.ID(kept[0])); !fault.Is(err, fault.NotFound) {
			t.Errorf("another district reads the photograph: %v", err)
		}
		if _, err := w.attached(w.ParkManager(w.BaoanA), models.ID(kept[0])); err != nil {
			t.Errorf("the park does not read the photograph: %v", err)
		}
		got(w.ReviewFinding(district, f.ID, inspection.ReviewInput{Result: "return", Reason: "照片看不清楚", DueOn: "2026-12-08"}))(t)
		again := w.rectification(firm, f, 4, 2) // the second picture anew, under another id
		again.Attachments = append(again.Attachments, kept[0])
		out = got(w.Rectify(firm, f.ID, again))(t)
		for i, want := range []string{"/attachments/1", "/attachments/2"} {
			if len(out.Warnings) != 2 || out.Warnings[i].Pointer != want || out.Warnings[i].Code != "shownBefore" {
				t.Errorf("shown before: warnings %v, want one at %s", out.Warnings, want)
			}
		}
		steps = got(w.Steps(district, f.ID))(t)
		told := inspection.ShownAgain(steps)[steps[len(steps)-1].ID]
		if len(told) != 2 || told[models.ID(again.Attachments[1])] != 1 || told[models.ID(kept[0])] != 1 {
			t.Errorf("the reviewer is told %v", told)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
