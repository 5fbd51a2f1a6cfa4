package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"slices"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"gorm.io/gorm"

	"parkregistry/internal/code"
	"parkregistry/internal/fault"
	"parkregistry/models"
	"parkregistry/policies"
)

// A second factor is a code of six digits that changes every 30 seconds (RFC 6238,
// HMAC-SHA-1, which every authenticator speaks). Its secret stands nowhere: it is
// derived from a key file and the person's salt, so that a copy of the database
// gives nobody a code (S-AU5).
const (
	factorStep   = 30 * time.Second
	factorDigits = otp.DigitsSix
	factorSkew   = 1      // steps that a phone's clock may be off, either way
	factorIssuer = "Park" // under which the authenticator lists the account
)

// factorRoles have to add a second factor where the profile asks for one.
var factorRoles = []policies.Role{policies.Admin, policies.SecurityAdmin, policies.Auditor}

// Enrolment is a second factor that waits for its first code; shown this once.
type Enrolment struct {
	Secret string // base32, for typing in
	URI    string // otpauth://…, for a QR code
}

// FactorInput is a code as the authenticator shows it.
type FactorInput struct {
	Code string `json:"code" minLength:"6" maxLength:"10" doc:"身份验证器上的 6 位动态口令"`
}

// Parse checks the form of the code.
func (in FactorInput) Parse() (FactorInput, error) {
	var c fault.Check
	if in.Code = digits(in.Code); len(in.Code) != factorDigits.Length() {
		c.Fail("/code", "pattern", "动态口令应当是 6 位数字")
	}
	return in, c.Err()
}

// digits takes the blanks out that people type into a code.
func digits(s string) string {
	var out []rune
	for _, r := range s {
		switch {
		case r == ' ':
		case r < '0' || r > '9':
			return ""
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

// BeginFactor gives the caller a new secret, which takes effect with its first code.
// An earlier one that was never confirmed is dropped. Conflict when the caller has a
// second factor, Unavailable where the program has no key for them.
func (s *Service) BeginFactor(ctx context.Context) (Enrolment, error) {
	var u User
	if err := personally(ctx, policies.UserPassword); err != nil {
		return Enrolment{}, err
	}
	if len(s.profile.FactorKey) == 0 {
		return Enrolment{}, fault.New(fault.Unavailable, "这里没有动态口令的密钥文件，由系统管理员处理")
	}
	err := s.db.Write(ctx, func(tx *models.Tx) error {
		if err := s.myself(tx, &u); err != nil {
			return err
		}
		if u.FactorSince != nil {
			return hasFactor()
		}
		u.FactorSalt = make([]byte, 16)
		_, _ = rand.Read(u.FactorSalt) // never fails since Go 1.24
		err := alter(tx, &u, changedMeanwhile(), tx.Visible(policies.UserPassword, &User{}).Where("id = ? AND version = ?", u.ID, u.Version),
			map[string]any{"factor_salt": u.FactorSalt, "factor_step": 0})
		if err != nil {
			return err
		}
		tx.AfterCommit(s.identity.clear)
		return logUser(tx, policies.UserPassword, u, nil, map[string]any{"secondFactor": "begun"}, "")
	})
	if err != nil {
		return Enrolment{}, err
	}
	secret := s.factorSecret(u)
	q := url.Values{"secret": {secret}, "issuer": {factorIssuer}, "period": {"30"}, "digits": {"6"}, "algorithm": {"SHA1"}}
	return Enrolment{secret, "otpauth://totp/" + url.PathEscape(factorIssuer+":"+u.Username) + "?" + q.Encode()}, nil
}

// ConfirmFactor takes the first code: from now on the caller signs in with a code,
// and every other session and token of the caller ends. Invalid for a wrong code,
// Conflict when nothing was begun or all is done.
func (s *Service) ConfirmFactor(ctx context.Context, in FactorInput) (User, error) {
	var u User
	if err := personally(ctx, policies.UserPassword); err != nil {
		return u, err
	}
	in, err := in.Parse()
	if err != nil {
		return u, err
	}
	actor, _ := policies.ActorFrom(ctx)
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if err := s.myself(tx, &u); err != nil {
			return err
		}
		switch {
		case u.FactorSince != nil:
			return hasFactor()
		case len(u.FactorSalt) == 0:
			return fault.New(fault.Conflict, "先领取动态口令的密钥，再填写动态口令")
		}
		step := s.factorStep(u, in.Code)
		if step == 0 {
			var c fault.Check
			c.Fail("/code", "mismatch", "动态口令不正确；核对手机时间是否自动设置")
			return c.Err()
		}
		now := tx.Now()
		u.FactorSince, u.FactorStep = &now, step
		err := alter(tx, &u, changedMeanwhile(), tx.Visible(policies.UserPassword, &User{}).Where("id = ? AND version = ?", u.ID, u.Version),
			map[string]any{"factor_since": now, "factor_step": step})
		if err != nil {
			return err
		}
		if err := s.cutOff(tx, u.ID, "factor", models.ID(actor.Session)); err != nil {
			return err
		}
		return logUser(tx, policies.UserPassword, u, nil, map[string]any{"secondFactor": "added"}, "")
	})
	return u, err
}

// ResetFactor takes a person's second factor away, for a lost phone, and ends the
// person's sessions and tokens. Conflict when there is none, or for one's own.
func (s *Service) ResetFactor(ctx context.Context, id models.ID, in ReasonInput) (User, error) {
	var u User
	if err := personally(ctx, policies.UserUpdate); err != nil {
		return u, err
	}
	in, err := in.Parse()
	if err != nil {
		return u, err
	}
	if own(ctx, id) {
		return u, fault.New(fault.Conflict, "自己的动态口令由另一位系统管理员重置")
	}
	err = s.db.Write(ctx, func(tx *models.Tx) error {
		if err := models.One(tx.Visible(policies.UserUpdate, &u).Where("users.id = ?", id), &u); err != nil {
			return err
		}
		if u.FactorSince == nil {
			return fault.New(fault.Conflict, "这个账号没有启用动态口令")
		}
		u.FactorSince, u.FactorSalt, u.FactorStep = nil, nil, 0
		err := alter(tx, &u, changedMeanwhile(), tx.Visible(policies.UserUpdate, &User{}).Where("id = ? AND version = ?", id, u.Version),
			map[string]any{"factor_since": nil, "factor_salt": nil, "factor_step": 0})
		if err != nil {
			return err
		}
		if err := s.cutOff(tx, id, "factor", ""); err != nil {
			return err
		}
		return logUser(tx, policies.UserUpdate, u, nil, map[string]any{"secondFactor": "reset"}, in.Reason)
	})
	return u, err
}

func (s *Service) myself(tx *models.Tx, u *User) error {
	actor, _ := policies.ActorFrom(tx.Context())
	if actor.Session == "" {
		return signedOut()
	}
	return models.One(tx.Visible(policies.UserPassword, u).Where("users.id = ?", actor.User), u)
}

func hasFactor() error {
	return fault.New(fault.Conflict, "动态口令已经启用；换手机时由系统管理员重置")
}

func changedMeanwhile() error {
	return fault.New(fault.Conflict, "账号刚刚被修改，重新读取后再试")
}

func (s *Service) factorSecret(u User) string {
	mac := hmac.New(sha256.New, s.profile.FactorKey)
	mac.Write([]byte("totp\x00" + u.ID + "\x00"))
	mac.Write(u.FactorSalt)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:20])
}

// factorStep is the time step that the code belongs to, 0 for a wrong code.
func (s *Service) factorStep(u User, code string) int64 {
	secret, now := s.factorSecret(u), s.db.Now().Unix()/int64(factorStep/time.Second)
	for step := now - factorSkew; step <= now+factorSkew; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: factorDigits, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return step
		}
	}
	return 0
}

// hold keeps the account as it was judged while the session begins, and uses the
// code up: of two sign-ins with one code the slower finds its step taken. false when
// the code is wrong or used, or when the account has changed since it was read.
func (s *Service) hold(tx *models.Tx, u User, code string, set map[string]any) (bool, error) {
	where := tx.Visible(policies.UserUpdate, &User{}).Where("id = ? AND version = ?", u.ID, u.Version)
	set["updated_at"] = gorm.Expr("updated_at") // nothing that is shown changes
	if u.FactorSince != nil {
		step := s.factorStep(u, digits(code))
		if step == 0 {
			return false, nil
		}
		where, set["factor_step"] = where.Where("factor_step < ?", step), step
	}
	res := where.Updates(set)
	return res.RowsAffected == 1, res.Error
}

// needsCode is the answer to a right password without a code.
func needsCode() error {
	return fault.New(fault.Unauthenticated, "这个账号启用了动态口令，一并填写身份验证器上的 6 位数字").With("needs", "code")
}

// owesFactor says that the profile asks this person for a second factor, and that
// there is none yet.
func (s *Service) owesFactor(id Identity, day code.Day) bool {
	return s.profile.SecondFactor && id.User.FactorSince == nil && slices.ContainsFunc(id.Assignments, func(a Assignment) bool {
		return a.policy().On(day) && slices.ContainsFunc(factorRoles, func(r policies.Role) bool { return r.Slug() == a.Role })
	})
}
