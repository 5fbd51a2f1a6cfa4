package export

import (
	"maps"
	"slices"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
)

// Filter is one way to narrow a list, as its route of the API has it.
type Filter struct {
	Name  string
	Title fault.Text
	parse func(string) error
	said  func(r *reading, value string) Cell
}

// Said is a condition of an export in words.
type Said struct {
	What fault.Text
	Is   Cell
}

// filter is the place of a condition among those of the list, -1 for none.
func (l List) filter(name string) int {
	return slices.IndexFunc(l.Filters, func(f Filter) bool { return f.Name == name })
}

// check refuses filters that the list does not have and values that are none of theirs.
func (l List) check(narrow map[string]string) error {
	var c fault.Check
	for _, name := range slices.Sorted(maps.Keys(narrow)) {
		i := l.filter(name)
		if i < 0 {
			c.Cite("/filters/"+name, "unknown", "", narrow[name], "这份清单没有这个条件")
			continue
		}
		if err := l.Filters[i].parse(narrow[name]); err != nil {
			c.Cite("/filters/"+name, "format", "", narrow[name], "不是这个条件的值")
		}
	}
	if narrow["counted"] == "" && slices.ContainsFunc(besideNumber, func(name string) bool { return narrow[name] != "" && l.filter("counted") >= 0 }) {
		c.Fail("/filters/counted", "required", "asOf、knownSeq 和 jurisdiction 与 counted 一起填写")
	}
	if l.Must != "" && narrow[l.Must] == "" {
		c.Fail("/filters/"+l.Must, "required", "这份清单要有这个条件")
	}
	return c.Err()
}

// said are the conditions in words, in the order of the list's filters.
func (l List) said(r *reading) []Said {
	var all []Said
	for _, f := range l.Filters {
		if value := r.narrow[f.Name]; value != "" {
			all = append(all, Said{f.Title, f.said(r, value)})
		}
	}
	return all
}

func asItIs(_ *reading, value string) Cell { return plain(value) }

func byPark() Filter {
	return Filter{"parkId", fault.T("园区"), models.IsID, func(r *reading, value string) Cell { return plain(orElse(r.park(models.ID(value)), value)) }}
}

func byFirm() Filter {
	return Filter{"enterpriseId", fault.T("企业"), models.IsID, func(r *reading, value string) Cell {
		id := models.ID(value)
		if err := r.know([]*models.ID{&id}); err != nil {
			return plain(value)
		}
		return plain(orElse(r.firms[id], value))
	}}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func from() Filter { return Filter{"from", fault.T("日期起"), models.IsDay, asItIs} }
func until() Filter {
	return Filter{"to", fault.T("日期止"), models.IsDay, asItIs}
}

func byClass() Filter {
	return Filter{"class", fault.T("类别"), models.IsShort, func(r *reading, value string) Cell {
		if c, known := r.Ledger.Catalogue().Newest(value); known {
			return fault.Named(c.TitleZh, c.TitleEn)
		}
		return plain(value)
	}}
}

// byNumbers picks entries one by one.
func byNumbers() Filter {
	return Filter{"number", fault.T("编号"), func(s string) error {
		_, err := ledger.ParseNumbers(s)
		return err
	}, asItIs}
}

// only is a filter that is set or not.
func only(name string, title fault.Text) Filter {
	return Filter{name, title, models.Among("true"), func(*reading, string) Cell { return is(true) }}
}

// oneOf is a filter that picks one of a list.
func oneOf[S ~string](name string, title fault.Text, all []S, word func(S) fault.Text) Filter {
	values := make([]string, len(all))
	for i, s := range all {
		values[i] = string(s)
	}
	return Filter{name, title, models.Among(values...), func(_ *reading, value string) Cell { return word(S(value)) }}
}

func words() Filter {
	return Filter{"q", fault.T("名称、代码或者首字母"), models.IsShort, asItIs}
}

func identified(name string, title fault.Text) Filter {
	return Filter{name, title, models.IsShort, asItIs}
}

func isJurisdiction(s string) error {
	_, err := code.ParseJurisdiction(s)
	return err
}

func byJurisdiction() Filter {
	return Filter{"jurisdiction", fault.T("属地"), isJurisdiction, func(_ *reading, value string) Cell { return code.AreaName(value) }}
}

func byPermitClass() Filter {
	return oneOf("permitClass", fault.T("许可管理类别"), []string{"key", "simplified", "registration", "none"}, registry.PermitClassName)
}
