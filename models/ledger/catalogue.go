package ledger

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"parkregistry/internal/code"
)

//go:embed data/ranges.json data/classes/*.json
var embedded embed.FS

// Catalogue is every version of every class, in the order of the data. Entries
// are read by the version under which they were begun, so that a version once
// used never changes and never goes away.
type Catalogue struct {
	newest []Class
	all    map[classVersion]Class
}

type classVersion struct {
	code    string
	version int
}

// span is the range of values that a pollutant can take at all.
type span struct {
	Minimum string `json:"minimum"`
	Maximum string `json:"maximum"`
}

// group is one file of classes. What a class does not say of its own about its
// source is the file's, and what a field does not say is its class's.
type group struct {
	Group      string    `json:"group"`
	GroupZh    string    `json:"groupZh"`
	GroupEn    string    `json:"groupEn"`
	Source     string    `json:"source"`
	Confidence string    `json:"confidence"`
	Retention  Retention `json:"retention"`
	Classes    []Class   `json:"classes"`
}

// Embedded is the catalogue that is part of the program.
var Embedded = sync.OnceValue(func() *Catalogue {
	data, err := fs.Sub(embedded, "data")
	if err == nil {
		var c *Catalogue
		if c, err = ReadCatalogue(data); err == nil {
			return c
		}
	}
	panic(err) // embedded files that a test has read
})

// ReadCatalogue reads ranges.json and the files below classes in the order of
// their names, and refuses definitions by which no payload could be read.
func ReadCatalogue(data fs.FS) (*Catalogue, error) {
	c := &Catalogue{all: map[classVersion]Class{}}
	ranges := map[string]span{}
	if err := decode(data, "ranges.json", &ranges); err != nil {
		return nil, err
	}
	for p, r := range ranges {
		if _, err := code.ParsePollutant(p); err != nil {
			return nil, fmt.Errorf("range of %s: %w", p, err)
		}
		if err := decimals(r.Minimum, r.Maximum); err != nil {
			return nil, fmt.Errorf("range of %s: %w", p, err)
		}
	}
	files, err := fs.Glob(data, "classes/*.json")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		var g group
		if err := decode(data, name, &g); err != nil {
			return nil, err
		}
		for _, class := range g.Classes {
			class.ranges = ranges
			if err := c.add(class.in(g)); err != nil {
				return nil, fmt.Errorf("%s: ledger class %s version %d: %w", name, class.Code, class.Version, err)
			}
		}
	}
	return c, nil
}

// decode reads a file that says nothing but what is asked for: a misspelt
// member would be a rule that nobody keeps.
func decode(data fs.FS, name string, into any) error {
	raw, err := fs.ReadFile(data, name)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// in is the class with what its group says for it.
func (c Class) in(g group) Class {
	c.Group, c.GroupZh, c.GroupEn = g.Group, g.GroupZh, g.GroupEn
	if c.Source == "" {
		c.Source = g.Source
	}
	if c.Confidence == "" {
		c.Confidence = g.Confidence
	}
	if c.Retention == (Retention{}) {
		c.Retention = g.Retention
	}
	c.Fields = sourced(c.Fields, c.Source, c.Confidence)
	return c
}

func sourced(fields []Field, source, confidence string) []Field {
	out := slices.Clone(fields)
	for i := range out {
		if out[i].Source == "" {
			out[i].Source = source
		}
		if out[i].Confidence == "" {
			out[i].Confidence = confidence
		}
		out[i].Fields = sourced(out[i].Fields, source, confidence)
	}
	return out
}

func (c *Catalogue) add(class Class) error {
	key := classVersion{class.Code, class.Version}
	if _, twice := c.all[key]; twice {
		return fmt.Errorf("it stands twice")
	}
	if err := class.check(); err != nil {
		return err
	}
	c.all[key] = class
	i := slices.IndexFunc(c.newest, func(o Class) bool { return o.Code == class.Code })
	switch {
	case i < 0:
		c.newest = append(c.newest, class)
	case c.newest[i].Version < class.Version:
		c.newest[i] = class
	}
	return nil
}

// Classes are the newest versions of all classes, in the order of the data.
func (c *Catalogue) Classes() []Class { return slices.Clone(c.newest) }

// Newest is the newest version of a class; false when there is none of that code.
func (c *Catalogue) Newest(classCode string) (Class, bool) {
	for _, class := range c.newest {
		if class.Code == classCode {
			return class, true
		}
	}
	return Class{}, false
}

// At is one version of a class; false when there is none.
func (c *Catalogue) At(classCode string, version int) (Class, bool) {
	class, ok := c.all[classVersion{classCode, version}]
	return class, ok
}

// of is the version of a class under which an entry was written.
func (c *Catalogue) of(e Entry) (Class, error) {
	class, ok := c.At(e.Class, e.ClassVersion)
	if !ok {
		return class, fmt.Errorf("ledger class %s has no version %d", e.Class, e.ClassVersion)
	}
	return class, nil
}

// Classes are the newest versions of the classes that are part of the program.
func Classes() []Class { return Embedded().Classes() }

// ClassOf is the newest version of a class that is part of the program.
func ClassOf(classCode string) (Class, bool) { return Embedded().Newest(classCode) }
