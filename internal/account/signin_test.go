package account_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
)

// other is six digits that are not the code.
func other(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestSignInMakesTheUserOnce(t *testing.T) {
	each(t, func(w *world) {
		u, token := w.in("+86 138 0013-8000")
		if !w.holds(token) {
			w.t.Fatal("the token opens nothing")
		}
		if p, err := u.Phone(w.v); err != nil || p != phone {
			w.t.Errorf("phone %q, %v", p, err)
		}
		if !regexp.MustCompile(`^林友\d{4}$`).MatchString(u.Name) {
			w.t.Errorf("name %q", u.Name)
		}
		w.clk.Add(2 * time.Minute)
		again, token2 := w.in(phone)
		if again.ID != u.ID || token2 == token {
			w.t.Errorf("second sign-in: user %s want %s, fresh token %v", again.ID, u.ID, token2 != token)
		}
		got, s, ok, err := account.ByToken(w.ctx(), w.d, w.clk.Now(), token2)
		if err != nil || !ok || got.ID != u.ID || s.Kind != account.Web || s.Addr != "203.0.113.*" || s.Agent != "Phone/1" {
			w.t.Errorf("got %+v %+v %v %v", got, s, ok, err)
		}
	})
}

func TestNothingPersonalIsStoredInClear(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask(phone, "203.0.113.9")
		if err != nil {
			w.t.Fatal(err)
		}
		u, token, err := w.signIn(c, c.Plain)
		if err != nil {
			w.t.Fatal(err)
		}
		w.do(func(tx *db.Tx) error {
			_, err := account.SaveAddress(w.ctx(), tx, w.v, u.Actor("web"), home)
			return err
		})
		for table, cols := range map[string]string{
			"user_account": "phone_enc || phone_idx || name", "login_code": "id || phone_idx || phone_enc || addr_idx || code_hash",
			"user_session": "token_hash || agent || addr", "user_address": "name_enc || phone_enc || detail_enc",
			"audit_event": "actor_name || detail || object_id", "login_gate": "key",
		} {
			rows, err := w.d.Query(w.ctx(), `SELECT `+cols+` FROM `+table+` ORDER BY 1`)
			texts, err := db.Collect(rows, err, func(r *db.Rows, s *string) error { return r.Scan(s) })
			if err != nil || len(texts) == 0 {
				w.t.Fatalf("%s: %d rows, %v", table, len(texts), err)
			}
			for _, s := range texts {
				for _, secret := range []string{phone, token, home.Name, home.Detail, "203.0.113.9"} {
					if strings.Contains(s, secret) {
						w.t.Errorf("%s holds %q in clear", table, secret)
					}
				}
			}
		}
		var hash string
		if err := w.d.QueryRow(w.ctx(), `SELECT code_hash FROM login_code`).Scan(&hash); err != nil || strings.Contains(hash, c.Plain) && len(hash) < 64 {
			w.t.Errorf("code hash %q, %v", hash, err)
		}
	})
}

func TestCodeWorksOnce(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask("+86 138 0013 8000", "")
		if err != nil {
			w.t.Fatal(err)
		}
		if c.Phone != phone || len(c.Plain) != 6 || strings.Trim(c.Plain, "0123456789") != "" || !strings.Contains(c.Text(i18n.Chinese), c.Plain) {
			w.t.Fatalf("code %q to %q", c.Plain, c.Phone)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for range 8 {
			wg.Go(func() {
				_, _, err := w.signIn(c, " "+c.Plain+" ")
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					good++
				case !fault.HasKey(err, "account.code_over"):
					w.t.Errorf("loser got %v", err)
				}
			})
		}
		wg.Wait()
		if good != 1 {
			w.t.Errorf("the code opened %d sessions", good)
		}
	})
}

func TestWrongTriesAreCountedAndEndTheCode(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		for left := account.CodeTries - 1; left > 0; left-- {
			_, _, err := w.signIn(c, other(c.Plain))
			if f := wantKey(w.t, err, "account.code_wrong"); f.Args["Left"] != left || f.Field != "code" {
				w.t.Errorf("got %v left at %s, want %d", f.Args["Left"], f.Field, left)
			}
		}
		_, _, err = w.signIn(c, other(c.Plain))
		wantKey(w.t, err, "account.code_over")
		_, _, err = w.signIn(c, c.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestCodeIsBoundToItsForm(t *testing.T) {
	each(t, func(w *world) {
		a, err1 := w.ask(phone, "")
		b, err2 := w.ask("13900139000", "")
		if err := errors.Join(err1, err2); err != nil {
			w.t.Fatal(err)
		}
		if a.Plain == b.Plain {
			w.t.Skip("one in a million")
		}
		_, _, err := w.signIn(b, a.Plain)
		wantKey(w.t, err, "account.code_wrong")
		_, _, err = w.signIn(account.Code{ID: id.New[string]()}, a.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestCodeLastsTenMinutes(t *testing.T) {
	each(t, func(w *world) {
		c, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		w.clk.Add(account.CodeLasts)
		_, _, err = w.signIn(c, c.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestSignInEndsThePhonesOtherCodes(t *testing.T) {
	each(t, func(w *world) {
		a, _ := w.ask(phone, "")
		w.clk.Add(time.Minute)
		b, err := w.ask(phone, "")
		if err != nil {
			w.t.Fatal(err)
		}
		if _, _, err := w.signIn(a, a.Plain); err != nil {
			w.t.Fatal(err) // the first text may come late and still works
		}
		_, _, err = w.signIn(b, b.Plain)
		wantKey(w.t, err, "account.code_over")
	})
}

func TestPhoneLimits(t *testing.T) {
	each(t, func(w *world) {
		sent := []time.Time{}
		start := w.clk.Now()
		for w.clk.Now().Sub(start) < 24*time.Hour {
			_, err := w.ask(phone, "")
			if err == nil {
				sent = append(sent, w.clk.Now())
				continue
			}
			f := fault.Of(err)
			if f.Kind != fault.TooMany || f.RetryAfter <= 0 || f.RetryAfter > 24*time.Hour {
				w.t.Fatalf("got %v after %v", err, f.RetryAfter)
			}
			w.clk.Add(f.RetryAfter - time.Microsecond)
			if _, err := w.ask(phone, ""); err == nil {
				w.t.Fatalf("a code came %v too early", time.Microsecond)
			}
			w.clk.Add(time.Microsecond) // now the same limit lets one through
		}
		if len(sent) != 10 {
			w.t.Errorf("%d codes in a day, want 10", len(sent))
		}
		for i := range sent {
			if i >= 1 && sent[i].Sub(sent[i-1]) < time.Minute || i >= 5 && sent[i].Sub(sent[i-5]) < time.Hour {
				w.t.Errorf("code %d came at %v, before: %v", i, sent[i], sent[:i])
			}
		}
	})
}

func TestAddressLimit(t *testing.T) {
	each(t, func(w *world) {
		for i := range 90 {
			// one network: the lower half of an IPv6 address changes at will
			c, err := w.ask(fmt.Sprintf("138001380%02d", i), fmt.Sprintf("2001:db8::%x", i+1))
			if err != nil {
				w.t.Fatal(i, err)
			}
			if i < 30 { // a class: codes that are used don't count
				if _, _, err := w.signIn(c, c.Plain); err != nil {
					w.t.Fatal(i, err)
				}
			}
		}
		_, err := w.ask("13900000000", "2001:db8::ffff")
		if f := wantKey(w.t, err, "account.code_addr"); f.RetryAfter != time.Hour {
			w.t.Errorf("retry after %v", f.RetryAfter)
		}
		if _, err := w.ask("13900000000", "2001:db8:0:1::1"); err != nil {
			w.t.Errorf("another network: %v", err)
		}
		if _, err := w.ask("13900000001", ""); err != nil {
			w.t.Errorf("no address: %v", err)
		}
	})
}

func TestSimultaneousAskersGetOneCode(t *testing.T) {
	each(t, func(w *world) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		good := 0
		for range 8 {
			wg.Go(func() {
				_, err := w.ask(phone, "203.0.113.9")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					good++
				} else if !fault.Is(err, fault.TooMany) {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		if good != 1 {
			w.t.Errorf("%d codes went out at once", good)
		}
	})
}
