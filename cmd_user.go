package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"parkregistry/internal/config"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/models/account"
)

// people is an open database with its accounts, for one command.
type people struct {
	db       *models.DB
	accounts *account.Service
}

// userView is an account as the command line shows it.
type userView struct {
	ID           models.ID `json:"id"`
	Username     string    `json:"username"`
	DisplayName  string    `json:"displayName"`
	Organisation string    `json:"organisation"`
	Disabled     bool      `json:"disabled"`
	Demo         bool      `json:"demo"`
	Password     string    `json:"password,omitempty"` // shown this once
}

func userOf(u account.User, password string) userView {
	return userView{u.ID, u.Username, u.DisplayName, u.Organisation, u.DisabledAt != nil, u.Demo, password}
}

func (v userView) write(w io.Writer) {
	state := "active"
	if v.Disabled {
		state = "disabled"
	}
	_, _ = fmt.Fprintf(w, "%-20s %-9s %s %s\n", v.Username, state, v.DisplayName, v.Organisation)
	if v.Password != "" {
		_, _ = fmt.Fprintf(w, "password (printed this once, valid for 24 hours, to be changed at first sign-in): %s\n", v.Password)
	}
}

// user is `park user`.
func (p *program) user() *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "管理账号 · manage accounts", Args: none, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd.AddCommand(p.userCreate(), p.userList(), p.userDisable(), p.userReset(), p.userResetFactor(), p.userGrant())
	return cmd
}

// with opens the accounts and calls do as the program itself.
func (p *program) with(cmd *cobra.Command, do func(ctx context.Context, s people) error) error {
	cfg, err := p.load(cmd)
	if err != nil {
		return err
	}
	db, err := p.open(cmd.Context(), cfg)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return do(asProgram(cmd.Context(), db, "command"), people{db, account.New(db, p.logger(cfg), profileOf(cfg))})
}

// connect opens the database with the policy of the profile.
func connect(ctx context.Context, cfg config.Config, c models.Config) (*models.DB, error) {
	var err error
	if c.Policy, err = profileOf(cfg).Policy(); err != nil {
		return nil, err
	}
	c.URL = cfg.Database
	return models.Open(ctx, c)
}

func profileOf(cfg config.Config) account.Profile {
	if cfg.Profile == "dengbao3" {
		return account.Dengbao3()
	}
	return account.DefaultProfile()
}

// named finds an account by its user name.
func (s people) named(ctx context.Context, username string) (account.User, error) {
	q := models.Query{Limit: 200}
	for {
		page, err := s.accounts.Users(ctx, account.UserFilter{Q: username}, q)
		if err != nil {
			return account.User{}, err
		}
		for _, u := range page.Items {
			if u.Username == username {
				return u, nil
			}
		}
		if q.Cursor = page.Next; page.Next == "" {
			return account.User{}, fault.New(fault.NotFound, "没有账号 {{.Username}}", "Username", username)
		}
	}
}

func (p *program) userCreate() *cobra.Command {
	var in account.UserInput
	cmd := &cobra.Command{
		Use: "create USERNAME", Short: "建立账号，打印首次口令 · create an account, print its first password", Args: exactly("USERNAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Username = args[0]
			return p.with(cmd, func(ctx context.Context, s people) error {
				u, password, err := s.accounts.Create(ctx, in)
				if err != nil {
					return err
				}
				v := userOf(u, password)
				return p.print(v, v.write)
			})
		},
	}
	cmd.Flags().StringVar(&in.DisplayName, "name", "", "姓名 · the person's name")
	cmd.Flags().StringVar(&in.Organisation, "organisation", "", "所在单位 · the body that the person works for")
	return withSettings(p.withJSON(cmd))
}

func (p *program) userList() *cobra.Command {
	var f account.UserFilter
	cmd := &cobra.Command{
		Use: "list", Short: "列出账号 · list accounts", Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.with(cmd, func(ctx context.Context, s people) error {
				all := []userView{}
				err := pages(func(q models.Query) (models.Page[account.User], error) { return s.accounts.Users(ctx, f, q) },
					func(u account.User) error { all = append(all, userOf(u, "")); return nil })
				if err != nil {
					return err
				}
				return p.print(all, func(w io.Writer) {
					for _, v := range all {
						v.write(w)
					}
				})
			})
		},
	}
	cmd.Flags().StringVar(&f.Q, "q", "", "登录名、姓名或者单位的一部分 · part of a name")
	cmd.Flags().StringVar(&f.State, "state", "", "active 或 disabled")
	return withSettings(p.withJSON(cmd))
}

func (p *program) userDisable() *cobra.Command {
	return p.userAct("disable", "停用账号，立即结束其登录 · disable an account and end its sessions", func(ctx context.Context, s people, id models.ID, why account.ReasonInput) (account.User, string, error) {
		u, err := s.accounts.Disable(ctx, id, why)
		return u, "", err
	})
}

func (p *program) userReset() *cobra.Command {
	return p.userAct("reset-password", "重置口令，打印新的首次口令 · print a new first password", func(ctx context.Context, s people, id models.ID, why account.ReasonInput) (account.User, string, error) {
		return s.accounts.ResetPassword(ctx, id, why)
	})
}

func (p *program) userResetFactor() *cobra.Command {
	return p.userAct("reset-second-factor", "重置动态口令，用于手机丢失 · take a second factor away, for a lost phone", func(ctx context.Context, s people, id models.ID, why account.ReasonInput) (account.User, string, error) {
		u, err := s.accounts.ResetFactor(ctx, id, why)
		return u, "", err
	})
}

// userAct is a command that does one thing to one account, for a reason, and shows
// the account with the password that do made, if any.
func (p *program) userAct(verb, short string, do func(ctx context.Context, s people, id models.ID, why account.ReasonInput) (account.User, string, error)) *cobra.Command {
	var why account.ReasonInput
	cmd := &cobra.Command{
		Use: verb + " USERNAME", Short: short, Args: exactly("USERNAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd, func(ctx context.Context, s people) error {
				u, err := s.named(ctx, args[0])
				if err != nil {
					return err
				}
				u, password, err := do(ctx, s, u.ID, why)
				if err != nil {
					return err
				}
				v := userOf(u, password)
				return p.print(v, v.write)
			})
		},
	}
	cmd.Flags().StringVar(&why.Reason, "reason", "", "原因，至少 5 个字 · why, at least 5 characters")
	return withSettings(p.withJSON(cmd))
}

func (p *program) userGrant() *cobra.Command {
	var in account.GrantInput
	cmd := &cobra.Command{
		Use: "grant USERNAME", Short: "给予任职 · give a person a role", Args: exactly("USERNAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.with(cmd, func(ctx context.Context, s people) error {
				u, err := s.named(ctx, args[0])
				if err != nil {
					return err
				}
				a, err := s.accounts.Grant(ctx, u.ID, in)
				if err != nil {
					return err
				}
				v := struct {
					ID       models.ID `json:"id"`
					Username string    `json:"username"`
					Role     string    `json:"role"`
					StartsOn string    `json:"startsOn"`
				}{a.ID, u.Username, a.Role, string(a.StartsOn)}
				return p.print(v, func(w io.Writer) { _, _ = fmt.Fprintf(w, "%s: %s from %s\n", v.Username, v.Role, v.StartsOn) })
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.Role, "role", "", "角色代号，见 park access · the role, see park access")
	f.StringVar(&in.Jurisdiction, "jurisdiction", "", "属地代号，仅区管理局 · of a district inspector")
	f.StringVar(&in.ParkID, "park", "", "园区 id，仅园区管理机构 · of a park manager")
	f.StringVar(&in.EnterpriseID, "enterprise", "", "企业 id，仅排污单位 · of an enterprise")
	f.StringVar(&in.StartsOn, "from", "", "第一天，默认今天 · first day")
	f.StringVar(&in.EndsOn, "until", "", "最后一天 · last day")
	f.StringVar(&in.Reason, "reason", "", "原因，至少 5 个字 · why, at least 5 characters")
	return withSettings(p.withJSON(cmd))
}

// pages calls each for every row of a list, page by page.
func pages[T any](list func(models.Query) (models.Page[T], error), each func(T) error) error {
	q := models.Query{Limit: 200}
	for {
		page, err := list(q)
		if err != nil {
			return err
		}
		for _, row := range page.Items {
			if err := each(row); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}
