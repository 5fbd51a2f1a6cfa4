package api_test

import (
	"strings"
	"testing"

	"parkregistry/internal/dbtest"
	"parkregistry/models"
	"parkregistry/models/proof"
)

// TestJudgementOverHTTP is the worked example of benchmark drainage through the
// wire: nobody is kept from filing what is true, everybody reads afterwards what
// was found and why, the receipt proves it, and a limit of later changes nothing.
func TestJudgementOverHTTP(t *testing.T) {
	db, err := models.Open(t.Context(), models.Config{URL: dbtest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := newWorld(t, db)
	p := w.BaoanA
	outlet := w.want(w.call("park-a", "POST", "/outlets", map[string]any{"parkId": p.Park.ID, "siteId": p.Site.ID, "code": "DW002", "kind": "workshop", "regime": "direct",
		"receivingWater": "示例河", "waterClass": "V", "production": []string{"plating"}, "eiaNumber": "深环批〔2018〕1号", "eiaApprovedOn": "2018-05-10"}), 201, "a workshop outlet").text("id")
	payload := map[string]any{"sampledAt": "2026-01-02T10:00:00+08:00", "point": "车间排放口", "method": "HJ 776-2015", "frequency": "1次/日", "instrument": "ICP-OES",
		"sampling": "混合样", "productionCondition": "90%", "readings": []any{map[string]any{"pollutant": "w20121", "value": "0.09", "detectionLimit": "0.007"}},
		"dayDrainage": "300", "products": []any{map[string]any{"product": "multilayerPlating", "quantity": "1000"}}}
	body := map[string]any{"parkId": p.Park.ID, "outletId": outlet, "class": "monitoring.manual", "day": "2026-01-02", "slot": "1", "payload": payload}

	draft := w.want(w.call("firm-a", "POST", "/ledgers", body), 201, "a draft")
	at := "/ledgers/" + draft.text("id")
	strict := w.want(w.call("firm-a", "POST", at+"/filing", nil, "Prefer", "handling=strict"), 422, "strictly, an exceedance refuses")
	for _, pointer := range []string{"/payload/readings/0/value", "/payload/cause", "/payload/measure", "/payload/reported"} {
		if !strings.Contains(string(strict.raw), `"`+pointer+`"`) || !strings.Contains(string(draft.raw), `"`+pointer+`"`) {
			t.Errorf("%s is not named: %s\n%s", pointer, draft.raw, strict.raw)
		}
	}
	filed := w.want(w.call("firm-a", "POST", at+"/filing", nil), 200, "otherwise it is filed")
	if filed.text("state") != "filed" || filed.text("judgements.0.verdict") != "exceeded" {
		t.Errorf("filed: %s", filed.raw)
	}
	says := map[string]string{
		"zh-CN": "总镍的日均值 0.09 mg/L，按基准排水量换算（300 m³ ÷ 250 m³ = 1.2）为 0.108 mg/L，超过限值 0.1 mg/L，是限值的 1.08 倍；依据 DB44/1597-2015 表 2（珠三角，2012-09-01 起批复环评）",
		"en":    "Total nickel 0.09 mg/L (day's mean), converted by the benchmark drainage (300 m³ / 250 m³ = 1.2) to 0.108 mg/L, exceeds the limit 0.1 mg/L: 1.08 times the limit; basis: DB44/1597-2015 Table 2 (Pearl River Delta, EIA approved from 2012-09-01 on)",
	}
	reads := func(when string) {
		t.Helper()
		for lang, sentence := range says {
			one := w.want(w.call("baoan-1", "GET", at, nil, "Accept-Language", lang), 200, "the district reads it")
			if one.text("judgements.0.sentence") != sentence || one.text("judgements.0.conversion.ratio") != "1.2" || one.text("judgements.0.rules") == "" || one.at("judgements.0.outletId") != outlet {
				t.Errorf("%s it reads %s", when, one.raw)
			}
			inForce := 0
			for i := range one.at("judgements.0.candidates").([]any) {
				if one.at("judgements.0.candidates."+string(rune('0'+i))+".inForce") == true {
					inForce++
				}
			}
			if inForce != 1 {
				t.Errorf("%d limits are in force: %s", inForce, one.raw)
			}
		}
	}
	reads("at once")
	w.want(w.call("park-a", "POST", "/outlets/"+outlet+"/limits", map[string]any{"pollutant": "w20121", "maximum": "0.01", "unit": "mg/L", "basis": "eia", "standard": "深环批〔2026〕9号",
		"validFrom": "2020-01-01"}), 201, "a stricter limit of later")
	reads("after a stricter limit")

	w.seal()
	keys, err := proof.ReadKeys(w.want(w.call("", "GET", "/checkpoints/key", nil), 200, "public key").text("publicKey"))
	if err != nil {
		t.Fatal(err)
	}
	receipt := w.want(w.call("firm-a", "GET", at+"/receipt", nil), 200, "the receipt")
	if receipt.text("ledger.judgements.0.sentence") != says["zh-CN"] {
		t.Errorf("the receipt reads %s", receipt.raw)
	}
	opens := func(text string) error {
		r, err := proof.ReadReceipt([]byte(text))
		if err == nil {
			_, err = r.Open(keys)
		}
		return err
	}
	if err := opens(string(receipt.raw)); err != nil {
		t.Errorf("the receipt: %v", err)
	}
	forged := strings.Replace(string(receipt.raw), `\"verdict\":\"exceeded\"`, `\"verdict\":\"within\"`, 1)
	if err := opens(forged); err != proof.ErrJudged {
		t.Errorf("with another verdict: %v", err)
	}
}
