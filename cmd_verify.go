package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/internal/words"
	"parkregistry/models"
	"parkregistry/models/account"
	"parkregistry/models/assessment"
	"parkregistry/models/audit"
	"parkregistry/models/exchange"
	"parkregistry/models/files"
	"parkregistry/models/grade"
	"parkregistry/models/inspection"
	"parkregistry/models/ledger"
	"parkregistry/models/proof"
	"parkregistry/models/registry"
	"parkregistry/models/task"
)

// evidence is everything that leaves commit to; with a store, the files too.
func evidence(store *files.Store) []audit.Source {
	return slices.Concat(registry.Verifiable(), ledger.Verifiable(), inspection.Verifiable(), assessment.Verifiable(), grade.Verifiable(), task.Verifiable(), account.Verifiable(), files.Verifiable(store), exchange.Verifiable())
}

// verifyFlags are what `park verify` is asked.
type verifyFlags struct {
	keys, checkpoints []string
	receipt           string
}

// verify is `park verify`.
func (p *program) verify() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use: "verify", Short: "核验留痕：重算存证日志 · derive the log again and compare", Args: none,
		Long: "由各行重新算出每条存证，按编号重建 RFC 6962 存证日志，与保存的散列和每个签名的检查点比较，并核对各类记录（现状、版本、报送、步骤、巡查记录、任职）和附件文件与存证一致。发现问题时打印第一处，退出码为 1。\n" +
			"Derives every leaf from its row, grows the RFC 6962 log again in the order of the numbers, compares it with the stored hashes and with every signed checkpoint, and the rows of the business with what the leaves say: what stands, and every version, filing, step and event behind it, and the files of attachments. Prints the first bad one and exits 1.\n" +
			"检查点取自数据库和数据目录下的 checkpoints.txt；--checkpoint 给出另行保存的，--key 给出另行保存的公钥（此时不再相信数据目录中的公钥）。\n" +
			"Checkpoints come from the database and from checkpoints.txt in the data folder; --checkpoint adds what was kept elsewhere, and --key names public keys kept elsewhere, which are then the only ones trusted.\n" +
			"--receipt 只凭公钥离线核验一份回执 · --receipt checks one receipt offline, with a public key alone.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.load(cmd)
			if err != nil {
				return err
			}
			if f.receipt != "" {
				return p.verifyReceipt(cfg, f)
			}
			against, err := f.against(cfg)
			if err != nil {
				return err
			}
			return p.verifyDatabase(cmd.Context(), cfg, against)
		},
	}
	cmd.Flags().StringArrayVar(&f.keys, "key", nil, "受信任的公钥，或者存放公钥的文件，可重复 · a trusted public key, or a file of them; repeatable")
	cmd.Flags().StringArrayVar(&f.checkpoints, "checkpoint", nil, "另行保存的检查点文件，可重复 · a file of checkpoints kept elsewhere; repeatable")
	cmd.Flags().StringVar(&f.receipt, "receipt", "", "只核验一份回执文件，不连接数据库，- 为标准输入 · check one receipt file without any database; - reads standard input")
	return withSettings(p.withJSON(cmd))
}

// against reads what the database is held against besides itself.
func (f verifyFlags) against(cfg config.Config) (audit.Against, error) {
	var a audit.Against
	var err error
	if a.Keys, err = f.trusted(cfg); err != nil {
		return a, usageError{err}
	}
	for _, path := range f.checkpoints {
		text, err := os.ReadFile(path)
		if err != nil {
			return a, usageError{err}
		}
		notes := proof.Notes(string(text))
		if len(notes) == 0 {
			return a, usageError{fmt.Errorf("%s holds no checkpoint", path)}
		}
		a.Kept = append(a.Kept, notes...)
	}
	return a, nil
}

// trusted are the keys that may have signed: those that were named, otherwise those
// of this installation.
func (f verifyFlags) trusted(cfg config.Config) (proof.Keys, error) {
	public := []string{}
	for _, k := range f.keys {
		text, err := os.ReadFile(k)
		switch {
		case err == nil:
			public = append(public, strings.Fields(string(text))...)
		case errors.Is(err, fs.ErrNotExist):
			public = append(public, k)
		default:
			return proof.Keys{}, err
		}
	}
	if len(f.keys) == 0 {
		own, err := publicKeys(cfg.SigningKey())
		if err != nil {
			return proof.Keys{}, err
		}
		public = own
	}
	return proof.ReadKeys(public...)
}

func (p *program) verifyDatabase(ctx context.Context, cfg config.Config, a audit.Against) error {
	db, err := p.open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	ctx = asProgram(ctx, db, "verify")
	own, remark, err := kept(ctx, db, cfg, a.Keys)
	if err != nil {
		return err
	}
	if remark != "" {
		_, _ = fmt.Fprintln(p.err, remark)
	}
	a.Kept = append(a.Kept, own...)
	store, err := files.Open(cfg.Data)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	a.Sources = evidence(store)
	var end func()
	a.Tick, end = p.counter("leaves")
	r, err := audit.Verify(ctx, db, a)
	end()
	if err != nil {
		return err
	}
	note := audit.Note{Action: "verify", Outcome: audit.Done, Kind: "change"}
	if r.Bad != nil {
		note.Outcome, note.Object, note.Reason = audit.Failed, string(r.Bad.ID), r.Bad.Table
	}
	if err := db.Write(ctx, func(tx *models.Tx) error { return audit.Write(tx, note) }); err != nil {
		return err
	}
	if err := p.print(p.said(r), func(w io.Writer) { _, _ = fmt.Fprintln(w, p.verdict(r)) }); err != nil {
		return err
	}
	if r.Bad != nil {
		return errSaid
	}
	return nil
}

// kept are the checkpoints in the data folder that are of this database's log: the
// folder may have served another one before. remark says what is missing or torn: a
// program that was killed while it wrote leaves half a checkpoint behind.
func kept(ctx context.Context, db *models.DB, cfg config.Config, keys proof.Keys) (notes []string, remark string, err error) {
	newest, err := audit.NewProver(db, nil, nil, nil).Newest(ctx)
	if fault.Is(err, fault.NotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	text, err := os.ReadFile(cfg.Checkpoints())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Sprintf("%s 不在：只与数据库中的检查点比较 · is missing: the log is held against the checkpoints in the database only", cfg.Checkpoints()), nil
	}
	if err != nil {
		return nil, "", err
	}
	origin, torn := proof.OriginOf(newest.Note), 0
	for _, note := range proof.Notes(string(text)) {
		if at := strings.LastIndex(note, origin+"\n"); at > 0 { // half of one before it
			note, torn = note[at:], torn+1
		}
		_, _, err := keys.Open(note)
		switch {
		case errors.Is(err, proof.ErrNote):
			torn++
		case proof.OriginOf(note) == origin:
			notes = append(notes, note)
		}
	}
	if torn > 0 {
		remark = fmt.Sprintf("%s 中有 %d 处不完整，没有比较 · holds %d torn pieces that were not compared", cfg.Checkpoints(), torn, torn)
	}
	return notes, remark, nil
}

// verifyRestored looks at a database that has just been put back. What was signed
// after the backup is left out: `park verify` will say that it is missing. data is
// the folder in which the attachments are.
func (p *program) verifyRestored(ctx context.Context, db *models.DB, cfg config.Config, data string) (audit.Report, error) {
	store, err := files.Open(data)
	if err != nil {
		return audit.Report{}, err
	}
	defer func() { _ = store.Close() }()
	keys, err := verifyFlags{}.trusted(cfg)
	if err != nil {
		return audit.Report{}, err
	}
	return audit.Verify(asProgram(ctx, db, "restore"), db, audit.Against{Sources: evidence(store), Keys: keys})
}

// said is a report with the sentence in the words of the terminal.
func (p *program) said(r audit.Report) any {
	type bad struct {
		audit.Bad
		Detail string `json:"detail"`
	}
	out := struct {
		audit.Report
		Bad *bad `json:"bad"`
	}{Report: r}
	if r.Bad != nil {
		out.Bad = &bad{*r.Bad, words.Render(p.lang, r.Bad.Detail)}
	}
	return out
}

// verdict is a report in one line.
func (p *program) verdict(r audit.Report) string {
	if r.Bad != nil {
		leaf := "no leaf"
		if r.Bad.Seq != nil {
			leaf = fmt.Sprintf("leaf %d", *r.Bad.Seq)
		}
		return fmt.Sprintf("BAD %s %s (%s): %s", r.Bad.Table, r.Bad.ID, leaf, words.Render(p.lang, r.Bad.Detail))
	}
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "ok: %d leaves (%d not numbered yet), %d checkpoints", r.Changes, r.Waiting, r.Checkpoints)
	for _, table := range slices.Sorted(maps.Keys(r.Rows)) {
		_, _ = fmt.Fprintf(&b, ", %d %s", r.Rows[table], table)
	}
	return b.String()
}
