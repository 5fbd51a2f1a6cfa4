package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/inspection"
)

// publishedDraw is what GET /draws/{id} says of a draw, as far as repeating it needs.
type publishedDraw struct {
	Number string           `json:"number"`
	Digest string           `json:"listsSha256"`
	Seed   *string          `json:"seed"`
	Lists  inspection.Lists `json:"lists"`
	Tasks  []drawnLot       `json:"tasks"`
}

// drawnLot is one drawn unit with its officers.
type drawnLot struct {
	Place    int         `json:"place"`
	SiteID   models.ID   `json:"siteId"`
	Officers []models.ID `json:"officers"`
}

// drawReport is what `park draw` found.
type drawReport struct {
	OK     bool       `json:"ok"`
	Detail string     `json:"detail"` // why not, "" when ok
	Number string     `json:"number"`
	Digest string     `json:"listsSha256"` // of the lists in the file
	Lots   []drawnLot `json:"lots"`        // as they come out again
}

// draw is `park draw`.
func (p *program) draw() *cobra.Command {
	var seed string
	cmd := &cobra.Command{
		Use: "draw FILE", Short: "重新抽取公布的双随机抽查 · repeat a published random selection", Args: exactly("FILE"),
		Long: "FILE 是 GET /api/v1/draws/{id} 的回答，- 为标准输入。不连接数据库，也不需要账号：用名单和种子重新抽取，与文件中的散列和结果比较，不一致时退出码为 1。算法见 docs/adr/0026。\n" +
			"FILE is the answer of GET /api/v1/draws/{id}; - reads standard input. Without any database or account: draws again from the lists and the seed, compares digest and result with those in the file, and exits 1 where they differ. How it is drawn: docs/adr/0026.",
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := readFile(args[0])
			if err != nil {
				return usageError{err}
			}
			r := repeat(text, seed, func(t fault.Text) string { return words.Render(p.lang, t) })
			if err := p.print(r, r.lines); err != nil {
				return err
			}
			if !r.OK {
				return errSaid
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&seed, "seed", "", "另行知道的种子，例如公布的开奖号码；与文件中的不同即为不一致 · the seed as known from elsewhere")
	return p.withJSON(cmd)
}

// repeat draws again from what a file says.
func repeat(text []byte, seed string, say func(fault.Text) string) drawReport {
	var d publishedDraw
	if err := json.Unmarshal(text, &d); err != nil || d.Digest == "" || len(d.Lists.Units) == 0 {
		return drawReport{Detail: say(fault.T("文件不是一次抽查的完整内容"))}
	}
	r := drawReport{Number: d.Number, Digest: hex.EncodeToString(d.Lists.Digest())}
	switch {
	case r.Digest != d.Digest:
		r.Detail = say(fault.T("名单与公布的散列不一致：名单被改动"))
		return r
	case d.Seed == nil:
		r.Detail = say(fault.T("还没有抽取，没有种子"))
		return r
	case seed != "" && seed != *d.Seed:
		r.Detail = say(fault.T("文件中的种子不是给出的种子"))
		return r
	}
	for _, lot := range d.Lists.Draw(*d.Seed) {
		r.Lots = append(r.Lots, drawnLot{lot.Place, lot.Unit.SiteID, []models.ID{lot.First, lot.Second}})
	}
	if r.OK = slices.EqualFunc(r.Lots, d.Tasks, drawnLot.same); !r.OK {
		r.Detail = say(fault.T("重新抽取的结果与文件中的不一致"))
	}
	return r
}

func (l drawnLot) same(o drawnLot) bool {
	return l.Place == o.Place && l.SiteID == o.SiteID && slices.Equal(l.Officers, o.Officers)
}

func (r drawReport) lines(w io.Writer) {
	if !r.OK {
		_, _ = fmt.Fprintln(w, "BAD draw:", r.Detail)
		return
	}
	_, _ = fmt.Fprintf(w, "ok: %s, %d units come out again, lists %s\n", r.Number, len(r.Lots), r.Digest)
	for _, l := range r.Lots {
		_, _ = fmt.Fprintf(w, "%3d  %s  %s  %s\n", l.Place, l.SiteID, l.Officers[0], l.Officers[1])
	}
}
