package me_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/webtest"
)

func TestASilencedPersonReadsWhyAndAppealsOnce(t *testing.T) {
	w := webtest.New(t, me.Routes)
	p, mod, other := w.Person("Loud"), w.Person("Mod", actor.Moderator), w.Person("Second", actor.Moderator)
	ctx := context.Background()
	p.In(i18n.English).Get("/me/chat").Is(http.StatusOK).Has("All is well").None("textarea")
	sid, err := w.Flow.SilencePerson(ctx, mod.Actor(), chat.NewSanction{Kind: chat.Ban, User: p.User.ID, For: 7 * 24 * time.Hour, Reason: "ads"})
	if err != nil {
		t.Fatal(err)
	}
	en := p.In(i18n.English)
	en.Get("/me/chat").Is(http.StatusOK).Has("any room until", "advertising or trade elsewhere").Must("textarea")
	en.Post("/me/chat/appeal", webtest.Values("kind", "sanction", "object", string(sid), "words", "")).Is(http.StatusUnprocessableEntity)
	other.Post("/me/chat/appeal", webtest.Values("kind", "sanction", "object", string(sid), "words", "for them")).Is(http.StatusNotFound)
	en.Post("/me/chat/appeal", webtest.Values("kind", "sanction", "object", string(sid), "words", "it was a question")).GoesTo("/me/chat")
	en.Get("/me/chat").Has("it was a question", "another colleague will answer").None("textarea")
	en.Post("/me/chat/appeal", webtest.Values("kind", "sanction", "object", string(sid), "words", "once more")).Is(http.StatusConflict).Has("already")
	var open []chat.Appeal
	w.Update(func(tx *db.Tx) (err error) { open, err = chat.Appeals(ctx, tx, chat.Open); return err })
	if err := w.Flow.AnswerAppeal(ctx, mod.Actor(), open[0].ID, true, "mine"); err == nil {
		t.Error("who did it answers")
	}
	if err := w.Flow.AnswerAppeal(ctx, other.Actor(), open[0].ID, true, "you are right"); err != nil {
		t.Fatal(err)
	}
	en.Get("/me/chat").Is(http.StatusOK).Has("All is well", "you are right", "lifted")
}
