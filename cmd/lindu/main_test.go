package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lindu.example/lindu/internal/app/config"
)

func TestFsckMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nowhere")
	err := (&fsckCmd{addresses: addresses{Data: dir}, Lang: "en"}).Run(context.Background(), &commands{})
	if err == nil || !strings.Contains(err.Error(), "no centre") {
		t.Errorf("fsck of nothing: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made a folder")
	}
}

func TestMigrateThenFsckIsClean(t *testing.T) {
	a := addresses{Data: t.TempDir()}
	for range 2 { // the second run has nothing to do
		if err := (&migrateCmd{a}).Run(context.Background(), &commands{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&fsckCmd{addresses: a, JSON: true, Lang: "en"}).Run(context.Background(), &commands{}); err != nil {
		t.Error(err)
	}
}

func TestServeNamesWhatIsWrong(t *testing.T) {
	err := (&serveCmd{addresses{HTTP: "nonsense"}}).Run(context.Background(), &commands{})
	if err == nil || !strings.Contains(err.Error(), "http") {
		t.Errorf("got %v", err)
	}
	_, err = (&commands{Set: []string{"no.such=1"}}).load()
	if err == nil || !strings.Contains(err.Error(), "no.such") {
		t.Errorf("got %v", err)
	}
	if config.Example() == "" {
		t.Error("no example")
	}
}
