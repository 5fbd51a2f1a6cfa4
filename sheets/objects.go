package sheets

import (
	"slices"

	"parkregistry/internal/fault"
	"parkregistry/models"
)

// Objects are the things of one park by what people call them in a sheet.
type Objects struct {
	Firms      []Firm
	Facilities []Object
	Outlets    []Object
}

// Firm is the site of a firm in the park.
type Firm struct {
	Site             models.ID
	CreditCode, Name string
}

// Object is a facility or an outlet: its code is one only within its site.
type Object struct {
	ID, Site   models.ID // Site is "" for the park's own
	Code, Name string
	Kind       string
	Medium     string // of a facility
}

// lookup finds the things of a park by their texts.
type lookup struct {
	firms               []Firm
	firm                map[string]int
	facilities, outlets shelf
}

// shelf are objects by their codes, and by their names.
type shelf struct{ code, name map[string][]Object }

func (o Objects) lookup() lookup {
	l := lookup{o.Firms, map[string]int{}, shelved(o.Facilities), shelved(o.Outlets)}
	for i, f := range o.Firms {
		l.firm[headKey(f.Name)] = i
		l.firm[headKey(f.CreditCode)] = i
	}
	return l
}

func shelved(all []Object) shelf {
	s := shelf{map[string][]Object{}, map[string][]Object{}}
	for _, o := range all {
		code, name := headKey(o.Code), headKey(o.Name)
		s.code[code] = append(s.code[code], o)
		s.name[name] = append(s.name[name], o)
	}
	return s
}

// site is that of the firm which a text names; where there is none, the name of the one
// firm that may be meant.
func (l lookup) site(text string) (id models.ID, near string, wrong *fault.Violation) {
	if i, known := l.firm[headKey(text)]; known {
		return l.firms[i].Site, "", nil
	}
	names := make([]string, len(l.firms))
	for i, f := range l.firms {
		names[i] = f.Name
	}
	if near = nearest(text, names); near != "" {
		return "", near, &fault.Violation{Code: "unknown", Detail: fault.T("园区没有登记这个名称或者代码的企业；是否为 {{.Name}}", "Name", near)}
	}
	return "", "", &fault.Violation{Code: "unknown", Detail: fault.T("园区没有登记这个名称或者代码的企业；填写登记的全称或者统一社会信用代码")}
}

// find is the one object of that code or name: of the site, or of the whole park when
// no firm is named, where the park's own go before those of firms.
func (s shelf) find(site *models.ID, text string) (models.ID, *fault.Violation) {
	key := headKey(text)
	all := s.code[key]
	if len(all) == 0 {
		all = s.name[key]
	}
	own := models.Deref(site)
	mine := slices.DeleteFunc(slices.Clone(all), func(o Object) bool { return o.Site != own })
	if site == nil && len(mine) == 0 {
		mine = all
	}
	switch {
	case len(mine) == 1:
		return mine[0].ID, nil
	case len(mine) > 1:
		return "", &fault.Violation{Code: "ambiguous", Detail: fault.T("园区有 {{.Count}} 处这个编码，同时填写企业", "Count", len(mine))}
	case own != "":
		return "", &fault.Violation{Code: "unknown", Detail: fault.T("这家企业没有登记这个编码，核对编码或者先登记")}
	}
	return "", &fault.Violation{Code: "unknown", Detail: fault.T("园区没有登记这个编码，核对编码或者先登记")}
}
