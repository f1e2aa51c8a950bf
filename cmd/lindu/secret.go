package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"lindu.example/lindu/internal/app/config"
)

// secretCmd looks after secrets of the configuration.
type secretCmd struct {
	Seal secretSealCmd `cmd:"" help:"Seal a secret with the master key, for one setting: a copy of its file is worth nothing without that key."`
}

type secretSealCmd struct {
	Name    string `arg:"" help:"The setting, like payment.wechat.key_file; a wrong one lists them all."`
	File    string `arg:"" optional:"" help:"File with the plain secret; standard input without one."`
	InPlace bool   `help:"Put the sealed form in FILE's place; without it, it is printed."`
	Data    string `help:"Folder of database, pictures and keys." placeholder:"DIR"`
}

// Run seals.
func (s *secretSealCmd) Run(c *commands) error { return s.seal(c, os.Stdin, os.Stdout) }

func (s *secretSealCmd) seal(c *commands, in io.Reader, out io.Writer) error {
	if s.InPlace && s.File == "" {
		return errors.New("--in-place needs a FILE")
	}
	sets := c.Set
	if s.Data != "" {
		sets = append(sets[:len(sets):len(sets)], "data="+s.Data)
	}
	keyFile, err := config.MasterKeys(c.Config, os.Environ, sets)
	if err != nil {
		return err
	}
	if s.File != "" {
		f, err := os.Open(s.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	plain, err := io.ReadAll(io.LimitReader(in, 1<<20)) // more than Seal takes, so that it says so
	if err != nil {
		return err
	}
	sealed, err := config.Seal(keyFile, s.Name, string(plain))
	if err != nil {
		return err
	}
	if !s.InPlace {
		_, err = fmt.Fprintln(out, sealed)
		return err
	}
	if err := replace(s.File, sealed+"\n"); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s is sealed for %s. Copies made before, in backups say, are still plain.\n", s.File, s.Name)
	return err
}

// replace puts text into a file's place, whole or not at all, readable by the
// owner it had: root may seal what the server reads.
func replace(path, text string) error {
	path, err := filepath.EvalSymlinks(path) // the file, not the link to it
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".seal-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.WriteString(text)
	if was, ok := info.Sys().(*syscall.Stat_t); ok && err == nil {
		err = tmp.Chown(int(was.Uid), -1)
	}
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
