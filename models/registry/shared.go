package registry

import (
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// rowOf is a pointer to T that is a record.
type rowOf[T any] interface {
	*T
	record
}

// read reads one row with its personal fields.
func read[T any, P rowOf[T]](ctx context.Context, db *models.DB, perm policies.Permission, id models.ID) (T, error) {
	var row T
	p := P(&row)
	if err := models.ByID(ctx, db, perm, id, p); err != nil {
		return row, err
	}
	return row, loadPersonal(ctx, db, p)
}

// forChange reads the row that a change is based on: Absent outside the scope of
// perm, Stale when the version is another.
func forChange[T any, P rowOf[T]](tx *models.Tx, perm policies.Permission, id models.ID, version int64) (T, error) {
	var row T
	p := P(&row)
	if err := models.ByID(tx.Context(), tx.DB(), perm, id, p); err != nil {
		return row, err
	}
	if p.meta().Version != version {
		return row, stale()
	}
	return row, loadPersonal(tx.Context(), tx.DB(), p)
}

// closing ends one row of any kind, and with it what cannot outlive it.
func closing[T any, P rowOf[T]](ctx context.Context, db *models.DB, perm policies.Permission, id models.ID, version int64, in CloseInput,
	with ...func(tx *models.Tx, closed T) error) (T, error) {
	var after T
	if err := policies.Require(ctx, perm); err != nil {
		return after, err
	}
	c, err := in.Parse()
	if err != nil {
		return after, err
	}
	err = db.Write(ctx, func(tx *models.Tx) error {
		before, err := forChange[T, P](tx, perm, id, version)
		if err != nil {
			return err
		}
		after = before
		if err := closeRow(tx, perm, P(&before), P(&after), c); err != nil {
			return err
		}
		for _, end := range with {
			if err := end(tx, after); err != nil {
				return err
			}
		}
		return nil
	})
	return after, err
}

// broken is one broken rule that only the rows beside it tell.
func broken(pointer, rule, key string, args ...any) error {
	var c fault.Check
	c.Fail(pointer, rule, key, args...)
	return c.Err()
}

// duplicate says a broken unique constraint in the words of the field.
func duplicate(err error, sentence string) error {
	if models.Duplicate(err) {
		return fault.Wrap(err, fault.Conflict, sentence)
	}
	return err
}

func equal(q *gorm.DB, column, value string) *gorm.DB {
	if value == "" {
		return q
	}
	return q.Where(column+" = ?", value)
}

// like narrows by a part of a search text; the caller's % and _ mean themselves.
func like(q *gorm.DB, column, part string) *gorm.DB {
	part = strings.ToLower(strings.TrimSpace(part))
	if part == "" {
		return q
	}
	return q.Where(column+` LIKE ? ESCAPE '\'`, "%"+escaped(part)+"%")
}

// prefix narrows to values that begin with a code as it is typed.
func prefix(q *gorm.DB, column, start string) *gorm.DB {
	return q.Where(column+` LIKE ? ESCAPE '\'`, escaped(strings.ToUpper(strings.TrimSpace(start)))+"%")
}

func escaped(s string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s)
}

func texts(c *fault.Check, pointer string, raw []string, parse func(string) (string, error)) models.Texts {
	out := models.Texts{}
	for i, r := range raw {
		if v := fault.Must(c, pointer+"/"+itoa(i), r, parse); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + itoa(i%10)
}

func optionalDay(c *fault.Check, pointer, raw string) *code.Day {
	return models.Ref(fault.Parse(c, pointer, raw, code.ParseDay))
}

func dayText(d *code.Day) string { return string(models.Deref(d)) }

// position checks a pair of coordinates: both or none, in the box of the city, with the datum named.
func position(c *fault.Check, longitude, latitude, datum string) (string, string, string) {
	if longitude == "" && latitude == "" {
		return "", "", ""
	}
	if datum == "" {
		c.Fail("/datum", "required", "填写坐标时注明坐标系：WGS-84 或 GCJ-02")
	}
	lon := fault.Must(c, "/longitude", longitude, code.ParseLongitude)
	lat := fault.Must(c, "/latitude", latitude, code.ParseLatitude)
	return lon, lat, datum
}

// collators are not safe for concurrent use, so each sort key borrows one.
var collators = sync.Pool{New: func() any { return collate.New(language.MustParse("zh-u-co-pinyin")) }}

// sortKey is the pinyin collation key of a name in hex: both engines compare it byte by byte.
func sortKey(name string) string {
	if name == "" {
		return "~" // after every key: rows without a name stand last
	}
	c := collators.Get().(*collate.Collator)
	defer collators.Put(c)
	var b collate.Buffer
	return hex.EncodeToString(c.KeyFromString(&b, name))
}

// searchText is what a search looks into: every name in lower case and its pinyin initials.
func searchText(names ...string) string {
	var out []string
	for _, n := range names {
		if n != "" {
			out = append(out, strings.ToLower(n))
			if i := initials(n); i != "" {
				out = append(out, i)
			}
		}
	}
	return strings.Join(out, "\n")
}

func initials(s string) string {
	var b strings.Builder
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			if p := pinyin.SinglePinyin(r, args); len(p) > 0 {
				b.WriteString(p[0])
			}
		}
	}
	return b.String()
}
