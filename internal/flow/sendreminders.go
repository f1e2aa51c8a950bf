package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
)

const (
	remindAhead   = 10 * time.Minute
	remindBatch   = 200
	remindBatches = 25 // a run ends some time; the next one goes on
	remindAtOnce  = 8  // texts on their way at the same time
)

// SendReminders texts those who asked, 10 minutes before a show, and tells how
// many. A text that could not be sent is tried by the next run, until the show
// has long begun; the error counts them and names the first.
func (f *Flow) SendReminders(ctx context.Context) (int, error) {
	sent := 0
	for range remindBatches {
		var due []show.Due
		err := f.DB.Update(ctx, func(tx *db.Tx) (err error) {
			due, err = show.DueReminders(ctx, tx, tx.Now.Add(remindAhead), remindBatch)
			return err
		})
		if err != nil || len(due) == 0 {
			return sent, err
		}
		n, err := f.remind(ctx, due)
		sent += n
		if err != nil || len(due) < remindBatch {
			return sent, err
		}
	}
	return sent, nil
}

// remind sends a batch that was taken already; what fails goes back.
func (f *Flow) remind(ctx context.Context, due []show.Due) (int, error) {
	shows, users, err := f.readDue(ctx, due)
	if err != nil {
		return 0, errors.Join(err, f.putBack(ctx, due))
	}
	var sent atomic.Int64
	var mu sync.Mutex
	var failed []show.Due
	var first error // they are mostly all the same
	var wg sync.WaitGroup
	slots := make(chan struct{}, remindAtOnce)
	for _, d := range due {
		u, ok := users[d.User]
		if !ok || u.State != account.Active {
			continue // gone or disabled: nobody to remind
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			err := f.sendReminder(ctx, u, shows[d.Show])
			if err == nil {
				sent.Add(1)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			failed, first = append(failed, d), cmp.Or(first, err)
		})
	}
	wg.Wait()
	if first != nil {
		first = fmt.Errorf("%d reminders not sent: %w", len(failed), first)
	}
	return int(sent.Load()), errors.Join(first, f.putBack(ctx, failed))
}

func (f *Flow) readDue(ctx context.Context, due []show.Due) (map[id.Show]show.Show, map[id.User]account.User, error) {
	shows := map[id.Show]show.Show{}
	people := make([]id.User, len(due))
	for i, d := range due {
		people[i] = d.User
		if _, ok := shows[d.Show]; ok {
			continue
		}
		sh, err := show.ByID(ctx, f.DB, d.Show)
		if err != nil {
			return nil, nil, err
		}
		shows[d.Show] = sh
	}
	users, err := account.Users(ctx, f.DB, people...)
	return shows, users, err
}

func (f *Flow) sendReminder(ctx context.Context, u account.User, sh show.Show) error {
	phone, err := u.Phone(f.Vault)
	if err != nil {
		return err
	}
	text := i18n.For(i18n.Lang(u.Lang)).T("show.reminder", "Title", sh.Title,
		"Time", sh.Starts.In(clock.Shanghai).Format("15:04"), "URL", f.BaseURL+"/shows/"+string(sh.ID))
	return f.SMS.Send(ctx, phone, text)
}

// putBack marks reminders unsent again, also when the run was stopped.
func (f *Flow) putBack(ctx context.Context, due []show.Due) error {
	if len(due) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return f.DB.Update(ctx, func(tx *db.Tx) error {
		for _, d := range due {
			if err := show.Unsent(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
}
