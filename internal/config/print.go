package config

import (
	"fmt"
	"net/url"
	"reflect"
)

// Setting is one effective value, fit to be shown.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Doc   string `json:"doc"`
}

// masked stands for a secret that is set.
const masked = "******"

// Settings are the effective values in document order, secrets masked.
func (cfg Config) Settings() []Setting {
	v := reflect.ValueOf(cfg)
	var all []Setting
	for _, f := range fields {
		if f.file { // its content is shown, masked, under the setting that it stands for
			continue
		}
		s := Setting{Name: f.name, Doc: f.doc}
		switch value := v.Field(f.index); {
		case value.Kind() == reflect.Slice && value.Len() == 0:
		case f.secret == "all" && !value.IsZero():
			s.Value = masked
		case f.secret == "url":
			s.Value = withoutPassword(value.String())
		default:
			s.Value = fmt.Sprint(value.Interface())
		}
		all = append(all, s)
	}
	return all
}

func withoutPassword(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return masked // an address that cannot be read may hold anything
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}
