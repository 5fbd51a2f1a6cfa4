package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/audit"
	"parkregistry/models/files"
	"parkregistry/models/ledger"
	"parkregistry/models/registry"
	"parkregistry/policies"
)

// errand is one kind of write that clients send without end, the n-th different from
// all others.
type errand struct {
	name, token, path, media string
	query                    func(n int) string
	body                     func(n int) []byte
	status                   int                            // of the acknowledgement
	again                    bool                           // may be sent again when no answer came
	there                    func(db *models.DB, n int) int // how many times it is there; -1 for a part of it
	tried                    int
	acknowledged             map[int]bool
}

func (e *errand) send(client *http.Client, url string, n int) (int, error) {
	path := url + e.path
	if e.query != nil {
		path += e.query(n)
	}
	req, err := http.NewRequest(http.MethodPost, path, bytes.NewReader(e.body(n)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+e.token)
	req.Header.Set("Content-Type", e.media)
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body) // the status line alone is the acknowledgement
	return res.StatusCode, nil
}

// idOf is the id that a client gives to a part of the n-th thing that it sends.
func idOf(kind, n, part int) string {
	return fmt.Sprintf("0190a000-%04x-7000-8000-%08x%04x", kind, n, part)
}

// batchSize is how many entries a client files at once.
const batchSize = 10

// filedBatch is a body for POST /ledgers/batch: entries about the works of a place.
func filedBatch(p dbtest.Place, day string, n int) []byte {
	payload := json.RawMessage(`{"normal":true,"startAt":"2026-01-01T00:00:00+08:00","endAt":"2026-01-01T23:59:00+08:00","inflow":"412.5","treated":"410","reused":"100",
		"discharged":"310","readings":[{"pollutant":"w01001","value":"7.2"}],"sludgeQuantity":"1.2","sludgeDestination":"示例处置公司","drainDestination":"sewagePlant"}`)
	entries := make([]any, batchSize)
	for i := range entries {
		entries[i] = map[string]any{"id": idOf(1, n, i), "parkId": p.Park.ID, "siteId": p.Site.ID, "facilityId": p.Facility.ID, "class": "treatmentFacility.wastewater",
			"day": day, "slot": fmt.Sprintf("%d-%d", n, i), "payload": payload, "file": true}
	}
	b, _ := json.Marshal(map[string]any{"mode": "atomic", "entries": entries}) // a map of texts always encodes
	return b
}

// batchThere is 1 when every entry of the batch is filed, once and whole; 0 when none is there.
func batchThere(t *testing.T, db *models.DB, n int) int {
	ids := make([]string, batchSize)
	for i := range ids {
		ids[i] = idOf(1, n, i)
	}
	ctx := asProgram(t.Context(), db, "test")
	var filed, all, filings, steps, changes int64
	for _, q := range []struct {
		into  *int64
		row   models.Scoped
		where string
	}{{&filed, &ledger.Entry{}, "state = 'filed' AND filings = 1 AND id IN ?"}, {&all, &ledger.Entry{}, "id IN ?"},
		{&filings, &ledger.Filing{}, "entry_id IN ?"}, {&steps, &ledger.Step{}, "entry_id IN ?"}} {
		if err := db.Visible(ctx, policies.LedgerRead, q.row).Where(q.where, ids).Count(q.into).Error; err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Visible(ctx, policies.ChangeRead, &audit.Change{}).Where("object_id IN ?", ids).Count(&changes).Error; err != nil {
		t.Fatal(err)
	}
	switch {
	case all == 0 && filings == 0 && steps == 0 && changes == 0:
		return 0
	case filed == batchSize && all == filed && filings == filed && steps == filed && changes == filed:
		return 1
	}
	return -1
}

// document is a PDF of a quarter of a megabyte, different for each n.
func document(n int) []byte {
	return fmt.Appendf(nil, "%%PDF-1.4\n%% %d\n%sstartxref\n9\n%%%%EOF\n", n, strings.Repeat("% 台账照片\n", 256<<10/16))
}

func documentThere(t *testing.T, db *models.DB, n int) int {
	var rows []files.Attachment
	if err := db.Visible(asProgram(t.Context(), db, "test"), policies.AttachmentRead, &files.Attachment{}).Where("id = ?", idOf(2, n, 0)).Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(document(n))
	if len(rows) == 1 && rows[0].Sum() != hex.EncodeToString(sum[:]) {
		return -1
	}
	return len(rows)
}

// errands are what clients send meanwhile: the register, ledgers by the batch, files.
func errands(t *testing.T, address string) []*errand {
	token := prepared(t, address)
	db := opened(t, address)
	defer func() { _ = db.Close() }()
	city := dbtest.NewCity(t, db)
	p := city.BaoanA
	park := signedIn(t, db, "park", account.GrantInput{Role: policies.ParkManager.Slug(), ParkID: string(p.Park.ID)})
	day := string(db.Today().Add(-1))
	company := func(n int) int { return n + 1000 } // apart from those of the city
	all := []*errand{
		{name: "firm", token: token, path: "/api/v1/enterprises", media: "application/json", body: func(n int) []byte { return firm(company(n)) }, status: http.StatusCreated,
			there: func(db *models.DB, n int) int {
				var codes []string
				err := db.Visible(asProgram(t.Context(), db, "test"), policies.EnterpriseRead, &registry.Enterprise{}).Where("credit_code = ?", dbtest.CreditCode(company(n))).Pluck("credit_code", &codes).Error
				if err != nil {
					t.Fatal(err)
				}
				return len(codes)
			}},
		{name: "batch of filings", token: park, path: "/api/v1/ledgers/batch", media: "application/json", body: func(n int) []byte { return filedBatch(p, day, n) }, status: http.StatusOK,
			again: true, there: func(db *models.DB, n int) int { return batchThere(t, db, n) }},
		{name: "file", token: park, path: "/api/v1/attachments", media: "application/pdf", body: document, status: http.StatusCreated,
			query: func(n int) string {
				return fmt.Sprintf("?parkId=%s&siteId=%s&id=%s&name=%d.pdf", p.Park.ID, p.Site.ID, idOf(2, n, 0), n)
			},
			again: true, there: func(db *models.DB, n int) int { return documentThere(t, db, n) }},
	}
	for _, e := range all {
		e.acknowledged = map[int]bool{}
	}
	return all
}

// TestKilledInTheMiddleOfWrites: SIGKILL at any moment is a normal way to stop. Every
// write that was acknowledged is there, once and whole; of the others each is there
// whole or not at all, and may be sent again; the log and the files are sound
// (S-OP4, S-LG1, S-LG2, §11 (4)).
func TestKilledInTheMiddleOfWrites(t *testing.T) {
	engines(t, func(t *testing.T, address string) {
		rounds := 20
		if !strings.HasPrefix(address, "sqlite:") {
			rounds = 5 // there the server keeps what was committed, whatever becomes of us
		}
		data := t.TempDir()
		all := errands(t, address)
		var mu sync.Mutex
		for range rounds {
			killedMeanwhile(t, launch(t, address, data), all, &mu)
		}
		db := opened(t, address)
		defer func() { _ = db.Close() }()
		for _, e := range all {
			if len(e.acknowledged) < rounds/2 {
				t.Errorf("only %d of %d tries to send a %s were acknowledged in %d rounds: nothing was tried", len(e.acknowledged), e.tried, e.name, rounds)
			}
			for n := 1; n <= e.tried; n++ {
				if found := e.there(db, n); found < 0 || found > 1 || found == 0 && e.acknowledged[n] {
					t.Errorf("%s %d, acknowledged %v, is there %d times", e.name, n, e.acknowledged[n], found)
				}
			}
		}
		sound(t, db, data, "killed")
		resend(t, launch(t, address, data), all)
		for _, e := range all {
			for n := 1; n <= e.tried && e.again; n++ {
				if found := e.there(db, n); found != 1 {
					t.Errorf("%s %d, sent again, is there %d times", e.name, n, found)
				}
			}
		}
		sound(t, db, data, "sent again")
	})
}

// killedMeanwhile kills the program while clients run all errands at once.
func killedMeanwhile(t *testing.T, p *process, all []*errand, mu *sync.Mutex) {
	t.Helper()
	const writers = 2 // for each errand
	before := map[*errand]int{}
	for _, e := range all {
		before[e] = len(e.acknowledged)
	}
	var clients sync.WaitGroup
	for range writers {
		for _, e := range all {
			clients.Go(func() {
				client := &http.Client{Transport: &http.Transport{}}
				for {
					mu.Lock()
					e.tried++
					n := e.tried
					mu.Unlock()
					status, err := e.send(client, p.url, n)
					if err != nil {
						return // the program is dead
					}
					if status != e.status {
						t.Errorf("%s %d: %d", e.name, n, status)
						return
					}
					mu.Lock()
					e.acknowledged[n] = true
					mu.Unlock()
				}
			})
		}
	}
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		enough := true
		mu.Lock()
		for _, e := range all {
			enough = enough && len(e.acknowledged)-before[e] >= 1
		}
		mu.Unlock()
		if enough {
			break
		}
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // it was killed
	clients.Wait()
}

// resend sends what no answer came to again, as a client does.
func resend(t *testing.T, p *process, all []*errand) {
	t.Helper()
	for _, e := range all {
		for n := 1; n <= e.tried && e.again; n++ {
			if e.acknowledged[n] {
				continue
			}
			if status, err := e.send(http.DefaultClient, p.url, n); err != nil || status != e.status {
				t.Errorf("%s %d, sent again: %d, %v", e.name, n, status, err)
			}
		}
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // it was killed
}

// sound verifies the log, and every file that a row names.
func sound(t *testing.T, db *models.DB, data, when string) {
	t.Helper()
	store, err := files.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	r, err := audit.Verify(asProgram(t.Context(), db, "test"), db, audit.Against{Sources: evidence(store), Keys: trusted(t, data)})
	if err != nil || r.Bad != nil {
		t.Errorf("verify, %s: %+v, %v", when, r.Bad, err)
	}
}
