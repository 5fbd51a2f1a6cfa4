package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"parkregistry/internal/fault"
)

// hashParams are S-AU1's: 32 MiB, three passes, one lane.
var hashParams = &argon2id.Params{Memory: 32 * 1024, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashWait is how long a caller waits for one of the hashing places.
const hashWait = 2 * time.Second

// turn takes one of the few hashing places: each hash holds 32 MiB.
func (s *Service) turn(ctx context.Context) (func(), error) {
	t := time.NewTimer(hashWait)
	defer t.Stop()
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-t.C:
		f := fault.New(fault.Unavailable, "登录人数较多，几秒后再试")
		f.RetryAfter = 3
		return nil, f
	}
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	done, err := s.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	h, err := argon2id.CreateHash(password, hashParams)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return h, nil
}

// matches compares in the time of one hash. rehash says that the stored hash was
// made with other parameters than today's.
func (s *Service) matches(ctx context.Context, password, hash string) (ok, rehash bool, err error) {
	done, err := s.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	ok, params, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, fmt.Errorf("read a password hash: %w", err)
	}
	return ok, ok && *params != *hashParams, nil
}

// NewPassword is what a person asks to change to.
type NewPassword struct {
	Current string
	Next    string
}

var errPasswordTooCommon = errors.New("too common")

// checkPassword holds a new password to S-AU1 and the profile.
func (s *Service) checkPassword(username, password string) error {
	var c fault.Check
	n := utf8.RuneCountInString(password)
	switch {
	case n < 10:
		c.Fail("/newPassword", "tooShort", "密码至少 {{.Min}} 个字符", "Min", 10)
	case n > 128:
		c.Fail("/newPassword", "tooLong", "不能超过 {{.Max}} 个字", "Max", 128)
	}
	if classes(password) < s.profile.PasswordClasses {
		c.Cite("/newPassword", "classes", "GB/T 22239-2019 8.1.4.1 a)", nil, "密码应当含有大写字母、小写字母、数字、符号中的至少 {{.Classes}} 类", "Classes", s.profile.PasswordClasses)
	}
	if commonPassword(username, password) != nil {
		c.Fail("/newPassword", "common", "这个密码太常见，或者含有登录名、单位用语，换一个不容易猜到的")
	}
	return c.Err()
}

func classes(s string) int {
	var upper, lower, digit, other int
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return upper + lower + digit + other
}

// commonPassword refuses the user name, our own words and the usual shapes of
// weak passwords once digits and signs around them are taken away.
func commonPassword(username, password string) error {
	p := strings.ToLower(password)
	if len(username) >= 4 && strings.Contains(p, strings.ToLower(username)) {
		return errPasswordTooCommon
	}
	core := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, p)
	if len(core) < 3 && distinct(p) < 6 || commonCores[core] || sequence(p) || distinct(p) < 4 {
		return errPasswordTooCommon
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}

// sequence reports whether the whole password walks up or down by one: 1234567890.
func sequence(s string) bool {
	up, down := true, true
	for i := 1; i < len(s); i++ {
		if s[i] != s[i-1]+1 && (s[i-1] != '9' || s[i] != '0') {
			up = false
		}
		if s[i] != s[i-1]-1 {
			down = false
		}
	}
	return up || down
}

func randomPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789" // none that look alike
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails since Go 1.24
	var out strings.Builder
	for i, v := range b {
		if i > 0 && i%4 == 0 {
			out.WriteByte('-')
		}
		out.WriteByte(letters[int(v)%len(letters)])
	}
	return out.String()
}
