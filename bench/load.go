package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many requests are under way at once.
const connections = 16

// operation is one kind of request, sent to both servers alike.
type operation struct {
	name   string
	who    string // user name of the caller
	method string
	path   func(server string, n int) string // of the n-th request
	body   func(n int) []byte                // nil for none
	varies *regexp.Regexp                    // what differs from one creation to the next
	before func(n int) (string, []byte)      // path and body of a POST that comes first and counts with it; nil for none
	count  int                               // requests a round
	must   float64                           // ratio of CPU to the reference that must hold; 0 where none is laid down
	goal   float64
	after  string // the first page that this deeper one is compared with
}

// client asks one server.
type client struct {
	http    http.Client
	callers map[string]caller
}

func newClient(callers map[string]caller) *client {
	return &client{http: http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConns: 4 * connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
		DisableCompression: true}}, callers: callers}
}

// send sends the n-th request of op and reads the answer to its end; anything but a
// success is an error.
func (c *client) send(ctx context.Context, base string, op *operation, path string, n int, into *bytes.Buffer) error {
	key := fmt.Sprintf("bench-%d", n)
	if op.before != nil {
		first, body := op.before(n)
		if err := c.ask(ctx, http.MethodPost, base+"/api/v1"+first, op.who, key+"-before", body, into); err != nil {
			return err
		}
	}
	var body []byte
	if op.body != nil {
		body = op.body(n)
	}
	return c.ask(ctx, op.method, base+"/api/v1"+path, op.who, key, body, into)
}

func (c *client) ask(ctx context.Context, method, address, who, key string, body []byte, into *bytes.Buffer) error {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.callers[who].Token)
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", key)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	into.Reset()
	if _, err := into.ReadFrom(res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		return fmt.Errorf("%s %s: %d, want a success: %.500s", method, address, res.StatusCode, into)
	}
	return nil
}

// turns is how often the servers take turns in a round: a machine that is busy for a
// while is then busy for both.
const turns = 10

// tally is what one round of one operation against one server has given so far.
type tally struct {
	requests    int
	cpu, server time.Duration // in all: server and database, the server alone
	wall        time.Duration
	took        []time.Duration
}

// sample is a finished round, a request.
type sample struct {
	cpu, server time.Duration // server and database, the server alone
	rate        float64       // requests a second
	p50, p99    time.Duration
}

func (t *tally) sample() sample {
	slices.Sort(t.took)
	n := time.Duration(t.requests)
	return sample{cpu: t.cpu / n, server: t.server / n, rate: float64(t.requests) / t.wall.Seconds(), p50: t.took[len(t.took)/2], p99: t.took[len(t.took)*99/100]}
}

// turn sends a part of a round over the connections and reads the CPU time before and after.
func (c *client) turn(ctx context.Context, m meter, s *server, op *operation, first int, t *tally) error {
	time.Sleep(10 * time.Millisecond) // what the turn before left behind comes to rest
	before, err := m.read(ctx, s)
	if err != nil {
		return err
	}
	count := op.count / turns
	took := make([]time.Duration, count)
	var next atomic.Int64
	var wg sync.WaitGroup
	failed := make([]error, connections)
	began := time.Now()
	for w := range connections {
		wg.Go(func() {
			var answer bytes.Buffer
			for failed[w] == nil {
				i := int(next.Add(1)) - 1
				if i >= count {
					return
				}
				start := time.Now()
				failed[w] = c.send(ctx, s.base, op, op.path(s.name, first+i), first+i, &answer)
				took[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	wall := time.Since(began)
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("%s, %s server: %w", op.name, s.name, err)
	}
	after, err := m.read(ctx, s)
	if err != nil {
		return err
	}
	pid := s.cmd.Process.Pid
	t.requests, t.wall, t.took = t.requests+count, t.wall+wall, append(t.took, took...)
	t.cpu, t.server = t.cpu+after.since(before), t.server+after[pid]-before[pid]
	return nil
}

var (
	nextMember = regexp.MustCompile(`"next":"[^"]*"`)
	ofFirms    = regexp.MustCompile(`"(id|createdAt|updatedAt|creditCode|name)":"[^"]*"|"示例[^"]*"|"138[^"]*"`)
)

// agree sends one request to both servers and compares the answers byte by byte,
// but for the cursor, which each seals in its own way, and for what a creation makes anew.
func (c *client) agree(ctx context.Context, a, b *server, op *operation, n int) error {
	var one, two bytes.Buffer
	if err := c.send(ctx, a.base, op, op.path(a.name, n), n, &one); err != nil {
		return err
	}
	pattern := nextMember
	if op.varies != nil {
		pattern = op.varies
	}
	if op.method == http.MethodPost {
		n += 4 // a code of its own, the same kind of firm
	}
	if err := c.send(ctx, b.base, op, op.path(b.name, n), n, &two); err != nil {
		return err
	}
	x, y := one.Bytes(), two.Bytes()
	x, y = pattern.ReplaceAll(x, []byte(`"…"`)), pattern.ReplaceAll(y, []byte(`"…"`))
	if !bytes.Equal(x, y) {
		return fmt.Errorf("%s: the answers differ\n%s: %.1500s\n%s: %.1500s", op.name, a.name, x, b.name, y)
	}
	return nil
}

// with adds parameters to a path that may have some.
func with(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

// page is what a walk reads of an answer.
type page struct {
	Items []struct {
		ID string `json:"id"`
	} `json:"items"`
	Next *string `json:"next"`
}

// walk reads a list to its end with both servers, holds their rows and order to
// each other, and gives each server's cursor of the last full page of fifty.
func (c *client) walk(ctx context.Context, servers []*server, who, path string) (map[string]string, int, error) {
	cursors := map[string]string{}
	var ids [2][]string
	for i, s := range servers {
		op := &operation{name: "walk " + path, who: who, method: http.MethodGet}
		var answer bytes.Buffer
		seen := []string{""} // the cursor before each page of 200
		for at := ""; ; {
			if err := c.send(ctx, s.base, op, with(path, "limit=200"+at), 0, &answer); err != nil {
				return nil, 0, err
			}
			var p page
			if err := json.Unmarshal(answer.Bytes(), &p); err != nil {
				return nil, 0, err
			}
			for _, item := range p.Items {
				ids[i] = append(ids[i], item.ID)
			}
			if p.Next == nil {
				break
			}
			at = "&cursor=" + *p.Next
			seen = append(seen, at)
		}
		// From the last page of 200 that has fifty rows and more behind its cursor, in steps of fifty.
		rest := len(ids[i]) - 200*(len(seen)-1)
		at := seen[len(seen)-1]
		if rest < 50 && len(seen) > 1 {
			at, rest = seen[len(seen)-2], rest+200
		}
		for ; rest >= 100; rest -= 50 {
			if err := c.send(ctx, s.base, op, with(path, "limit=50"+at), 0, &answer); err != nil {
				return nil, 0, err
			}
			var p page
			if err := json.Unmarshal(answer.Bytes(), &p); err != nil {
				return nil, 0, err
			}
			at = "&cursor=" + *p.Next
		}
		cursors[s.name] = strings.TrimPrefix(at, "&cursor=")
	}
	if !slices.Equal(ids[0], ids[1]) {
		return nil, 0, fmt.Errorf("%s as %s: the servers list other rows or another order (%d and %d rows)", path, who, len(ids[0]), len(ids[1]))
	}
	if cursors[servers[0].name] == "" {
		return nil, 0, fmt.Errorf("%s as %s: %d rows are no second page", path, who, len(ids[0]))
	}
	return cursors, len(ids[0]), nil
}
