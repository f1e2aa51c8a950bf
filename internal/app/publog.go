package app

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"lindu.example/lindu/internal/app/config"
	"lindu.example/lindu/internal/tlog/tree"
)

// LogOptions say where a centre's public log and its key are.
func LogOptions(cfg config.Config) tree.Options {
	name := cfg.PubLog.Name
	if name == "" {
		name = "lindu.local/log"
		if u, err := url.Parse(cfg.BaseURL); err == nil && u.Host != "" {
			name = u.Host + "/log"
		}
	}
	return tree.Options{Dir: filepath.Join(cfg.Data, "log"), KeyFile: filepath.Join(cfg.Data, "keys", "log.key"), Name: name, Witness: witnesses(cfg)}
}

func witnesses(cfg config.Config) []string {
	return strings.FieldsFunc(cfg.PubLog.Witnesses, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
}

// openLog opens the public log and begins to follow. A log that can't be
// followed keeps nobody from buying: leaves are fixed all the same and wait,
// the files that are there are served, and the reason is told.
func (a *App) openLog(ctx context.Context) error {
	o := LogOptions(a.cfg)
	o.Log = a.log
	l, err := tree.Open(ctx, a.DB, o)
	if err == nil {
		a.publog, a.Site.PublicLog = l, &l.Folder
		l.Start()
		return nil
	}
	for _, known := range []error{tree.ErrLocked, tree.ErrOther, tree.ErrAhead, tree.ErrForked} {
		if errors.Is(err, known) {
			a.log.Error("the public log is not followed here", "err", err)
			f, err := tree.OpenFolder(o.Dir, o.KeyFile, o.Name, o.Witness)
			a.Site.PublicLog = &f
			return err
		}
	}
	return err
}
