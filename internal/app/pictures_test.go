package app_test

import (
	"context"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/app"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/shoptest"
	"lindu.example/lindu/internal/media"
	"lindu.example/lindu/internal/show"
)

// TestAKeyRevokedByAnotherProcess: who streams here on a key is sent away when
// the key is revoked where nobody can reach our hub.
func TestAKeyRevokedByAnotherProcess(t *testing.T) {
	onEach(t, func(t *testing.T, a *app.App) {
		s := shopOf(t, a)
		var key string
		s.Do(func(tx *db.Tx) (err error) {
			key, err = show.NewKey(context.Background(), tx, a.Flow.Vault, actor.System("elsewhere"), s.Show)
			return err
		})
		sent := make(chan error, 1)
		p, err := a.Hub().Publish(t.Context(), key, media.Source{Kind: "test", Kick: func(why error) { sent <- why }})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		if err := a.Hub().Recheck(t.Context()); err != nil || len(sent) > 0 {
			t.Fatalf("a good key: %v, %d sent away", err, len(sent))
		}
		s.Do(func(tx *db.Tx) error {
			return show.RevokeKey(context.Background(), tx, actor.System("elsewhere"), s.Show)
		})
		select {
		case why := <-sent:
			if !fault.HasKey(why, "show.key_revoked") {
				t.Errorf("sent away with %v", why)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("streams on, on a key that is worthless")
		}
	})
}

// TestAShowEndedByAnotherProcess: a picture is taken here, and the show is
// ended where nobody can reach our hub. Viewers here must not go on seeing it.
func TestAShowEndedByAnotherProcess(t *testing.T) {
	onEach(t, func(t *testing.T, a *app.App) {
		for name, end := range map[string]func(s *shoptest.Shop, tx *db.Tx) error{
			"by its end": func(s *shoptest.Shop, tx *db.Tx) error {
				_, err := show.Move(context.Background(), tx, actor.System("elsewhere"), s.Show, show.Ended)
				return err
			},
			"by force": func(s *shoptest.Shop, tx *db.Tx) error {
				_, err := show.Cut(context.Background(), tx, actor.System("elsewhere"), s.Show, "a test")
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				s := shopOf(t, a)
				stream := string(s.Show)
				sent := make(chan error, 1)
				p, err := a.Hub().PublishTo(stream, media.Source{Kind: "test", Kick: func(why error) { sent <- why }})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				time.Sleep(2 * app.OverEvery) // a show that goes on is left alone
				select {
				case why := <-sent:
					t.Fatalf("the publisher of a live show is sent away: %v", why)
				default:
				}
				s.Do(func(tx *db.Tx) error { return end(s, tx) })
				select {
				case <-sent:
				case <-time.After(30 * time.Second):
					t.Fatal("the picture goes on")
				}
				if st := a.Hub().State(stream); st != media.Ended {
					t.Errorf("the stream is %s", st)
				}
			})
		}
	})
}
