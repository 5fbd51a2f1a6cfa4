package web_test

import (
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/ledger"
	"parkregistry/models/proof"
	"parkregistry/web"
)

// filed is a filing of a class with this payload, not numbered yet.
func filed(class ledger.Class, payload string) ledger.Receipt {
	at := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	r := ledger.Receipt{Class: class, Park: "P", Firm: "F", Filer: "p"}
	r.Entry = ledger.Entry{Number: "LG-2026-000001", Class: class.Code, ClassVersion: class.Version, Day: "2026-01-02", State: ledger.Filed}
	r.Filing = ledger.FilingRecord{Filing: ledger.Filing{Number: 1, Payload: payload, FiledAt: at, RecordedAt: at, ReceivedAt: at, FiledAs: "enterprise:1"}, Day: "2026-01-02"}
	return r
}

// proven numbers the filing as the only leaf of a log. more is added to the facts.
func proven(t *testing.T, r ledger.Receipt, more map[string]any) ledger.Receipt {
	t.Helper()
	facts := map[string]any{"number": r.Entry.Number, "sha256": digestOf(r.Filing.Payload)}
	for k, v := range more {
		facts[k] = v
	}
	text, err := json.Marshal(facts)
	must(t, err)
	leaf := proof.Leaf{ID: string(models.NewID()), At: "1767366245", Action: "ledger.file", Kind: "ledger", Object: string(models.NewID()), About: "2026-01-02", Counts: "{}", Facts: string(text)}.Encode()
	root, err := proof.HashOf(proof.LeafHash(leaf))
	must(t, err)
	private, err := proof.NewKey("park-test")
	must(t, err)
	key, err := proof.ReadKey(private)
	must(t, err)
	note, err := key.Sign(proof.Checkpoint{Origin: proof.NewOrigin(), Size: 1, Root: root, At: r.Filing.FiledAt})
	must(t, err)
	r.Proof = &proof.Receipt{Format: proof.ReceiptFormat, Leaf: leaf, Checkpoint: note, PublicKey: key.Public(), Payload: &r.Filing.Payload}
	return r
}

func printed(t *testing.T, public string, lang words.Lang, r ledger.Receipt) string {
	t.Helper()
	pages, err := web.New(web.Options{Public: public})
	must(t, err)
	page, policy, err := pages.Receipt(lang, r)
	must(t, err)
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
	return string(page)
}

// TestReceiptOfEveryClass: whatever can be filed can be printed, in words of either language.
func TestReceiptOfEveryClass(t *testing.T) {
	n := 0
	for _, class := range ledger.Embedded().Classes() {
		if class.View != "" {
			continue
		}
		n++
		record := map[string]any{}
		for _, f := range class.Fields {
			record[f.Name] = example(f)
		}
		payload, err := json.Marshal(record)
		must(t, err)
		zh, en := printed(t, "", words.Chinese, filed(class, string(payload))), printed(t, "", words.English, filed(class, string(payload)))
		if !strings.Contains(zh, class.TitleZh) || !strings.Contains(html.UnescapeString(en), class.TitleEn) {
			t.Errorf("%s is not called by its name", class.Code)
		}
		if words.Has(en) {
			t.Errorf("%s: the English page has Chinese: %q", class.Code, regexp.MustCompile(`.{0,40}\p{Han}+.{0,20}`).FindString(en))
		}
		if strings.Count(zh, `<th scope="row">`) < len(class.Fields) || strings.Count(zh, "<th") != strings.Count(en, "<th") {
			t.Errorf("%s: a field is missing", class.Code)
		}
	}
	if n < 30 {
		t.Errorf("only %d classes were printed", n)
	}
}

// example is some value of a field, without Chinese.
func example(f ledger.Field) any {
	switch {
	case len(f.Fields) > 0:
		record := map[string]any{}
		for _, g := range f.Fields {
			record[g.Name] = example(g)
		}
		return []any{record}
	case f.Type == "bool":
		return true
	case f.Type == "enum":
		return f.Enum[0].Value
	case f.Type == "instant":
		return "2026-01-02T08:00:00+08:00"
	case f.Type == "code:pollutant":
		return "w01018"
	case f.Type == "code:airPollutant":
		return "a24088"
	}
	return "12.50"
}

// TestReceiptBeforeItsNumber: the page says that it waits and shows no proof.
func TestReceiptBeforeItsNumber(t *testing.T) {
	class, _ := ledger.ClassOf("park.training")
	page := printed(t, "", words.Chinese, filed(class, "{}"))
	if !strings.Contains(page, `http-equiv="refresh"`) || !strings.Contains(page, "正在编号") || strings.Contains(page, "application/json") || strings.Contains(page, "<svg") {
		t.Error("a receipt without a proof looks like one with")
	}
}

// TestReceiptProof: what verifies is printed with a code that opens the verifier where
// people reach the program; what does not verify is not printed.
func TestReceiptProof(t *testing.T) {
	class, _ := ledger.ClassOf("park.training")
	r := proven(t, filed(class, `{"topic":"</script><script>alert(1)</script>"}`), nil)
	page := printed(t, "https://park.example", words.Chinese, r)
	link := regexp.MustCompile(`href="https://park\.example/verify/#([^"]+)"`).FindStringSubmatch(page)
	if link == nil || !strings.Contains(page, "<svg") || strings.Contains(page, "http-equiv") || strings.Contains(page, "<script>alert") {
		t.Fatalf("the page is %s", page)
	}
	scanned, err := proof.ReadCompact(link[1])
	must(t, err)
	keys, err := proof.ReadKeys(r.Proof.PublicKey)
	must(t, err)
	if said, err := scanned.Open(keys); err != nil || said.Facts["number"] != r.Entry.Number || said.Payload {
		t.Errorf("the code says %+v, %v", said, err)
	}
	data := regexp.MustCompile(`(?s)<script type="application/json" id="receipt">(.*?)</script>`).FindStringSubmatch(page)
	saved, err := proof.ReadReceipt([]byte(data[1]))
	must(t, err)
	if said, err := saved.Open(keys); err != nil || !said.Payload {
		t.Errorf("the saved page says %+v, %v", said, err)
	}
	if page := printed(t, "", words.Chinese, r); !strings.Contains(page, `href="/verify/#`) || !strings.Contains(page, "粘贴到核验页") {
		t.Error("without an address of its own the page does not say how to verify it")
	}

	var sums []string
	for n := range 60 {
		sums = append(sums, digestOf(strings.Repeat("x", n)))
	}
	if page := printed(t, "https://park.example", words.Chinese, proven(t, r, map[string]any{"attachments": sums})); strings.Contains(page, "<svg") || !strings.Contains(page, "超出二维码的容量") {
		t.Error("a leaf that no code holds does not say so")
	}

	forged := *r.Proof
	other := `{"topic":"other"}`
	forged.Payload = &other
	r.Proof = &forged
	pages, err := web.New(web.Options{})
	must(t, err)
	if _, _, err := pages.Receipt(words.Chinese, r); err == nil {
		t.Error("what does not verify is printed")
	}
}
