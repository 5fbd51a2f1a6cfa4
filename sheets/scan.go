package sheets

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// watcher is told what a worksheet consists of, in its order.
type watcher interface {
	start(element string, attribute func(name string) string)
	text() // something stands between two tags
	end(element string)
}

// scan walks through the XML of a worksheet by its tags alone: names without their
// prefixes, attributes as they are written. It is there because a worksheet is walked
// through whole before its values are read, and the decoder of the standard library takes
// three times as long. What is no XML is for the library that reads the values to refuse.
func scan(in io.Reader, w watcher) error {
	s := scanner{bufio.NewReaderSize(in, longestTag)}
	for {
		there, err := s.skip('<')
		if there {
			w.text()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.markup(w); err != nil {
			return err
		}
	}
}

// longestTag is how long one tag may be with its attributes.
const longestTag = 64 << 10

var errTag = errors.New("a tag of the worksheet is not closed")

type scanner struct{ in *bufio.Reader }

// skip goes behind the next byte of that kind, and says whether anything was before it.
func (s scanner) skip(b byte) (there bool, err error) {
	for {
		part, err := s.in.ReadSlice(b)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return there || len(part) > 1 || err != nil && len(part) > 0, err
		}
		there = true
	}
}

// markup takes what stands behind a "<".
func (s scanner) markup(w watcher) error {
	for _, kind := range []struct{ opens, closes string }{{"!--", "-->"}, {"![CDATA[", "]]>"}, {"?", "?>"}} {
		if head, _ := s.in.Peek(len(kind.opens)); string(head) == kind.opens {
			_, _ = s.in.Discard(len(kind.opens)) // they are there
			long, err := s.until(kind.closes)
			if kind.closes == "]]>" && long {
				w.text()
			}
			return err
		}
	}
	tag, err := s.tag()
	if err != nil {
		return err
	}
	name := local(tag)
	switch {
	case bytes.HasPrefix(tag, []byte("/")):
		w.end(local(tag[1:]))
	case bytes.HasPrefix(tag, []byte("!")):
	default:
		w.start(name, func(wanted string) string { return attribute(tag, wanted) })
		if bytes.HasSuffix(tag, []byte("/")) {
			w.end(name)
		}
	}
	return nil
}

// until goes behind a closing text, and says whether anything was before it.
func (s scanner) until(closes string) (there bool, err error) {
	last := make([]byte, 0, len(closes)+1)
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return there, errTag
		}
		if last = append(last, b); len(last) > len(closes) {
			there, last = true, append(last[:0], last[1:]...)
		}
		if string(last) == closes {
			return there, nil
		}
	}
}

// tag is what stands before the ">" that closes it: one within quotes does not.
func (s scanner) tag() ([]byte, error) {
	for n := 64; ; n *= 2 {
		head, err := s.in.Peek(min(n, longestTag))
		quote := byte(0)
		for i, b := range head {
			switch {
			case quote != 0:
				if b == quote {
					quote = 0
				}
			case b == '"' || b == '\'':
				quote = b
			case b == '>':
				_, _ = s.in.Discard(i + 1) // they are there
				return head[:i], nil
			}
		}
		if err != nil || n >= longestTag {
			return nil, errTag
		}
	}
}

// local is the name of a tag without its prefix.
func local(tag []byte) string {
	if i := bytes.IndexAny(tag, " \t\r\n/"); i >= 0 {
		tag = tag[:i]
	}
	if i := bytes.IndexByte(tag, ':'); i >= 0 {
		tag = tag[i+1:]
	}
	return string(tag)
}

// attribute is the value of an attribute without a prefix, "" for none.
func attribute(tag []byte, name string) string {
	for {
		at := bytes.IndexByte(tag, '=')
		if at < 0 {
			return ""
		}
		before := bytes.TrimRight(tag[:at], " \t\r\n")
		if i := bytes.LastIndexAny(before, " \t\r\n"); i >= 0 {
			before = before[i+1:]
		}
		after := bytes.TrimLeft(tag[at+1:], " \t\r\n")
		if len(after) == 0 {
			return ""
		}
		end := bytes.IndexByte(after[1:], after[0])
		if end < 0 || after[0] != '"' && after[0] != '\'' {
			return ""
		}
		if string(before) == name {
			return string(after[1 : end+1])
		}
		tag = after[end+2:]
	}
}
