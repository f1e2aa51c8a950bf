package desk

import (
	"context"
	"net/http"
	"slices"
	"time"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// talkRoutes are the chat desk: a room's chat, and what holds in all rooms.
func (h *screens) talkRoutes() []edge.Route {
	talk := edge.Only(actor.Operator, actor.Moderator)
	see := edge.Only(actor.Operator, actor.Moderator, actor.Overseer)
	return []edge.Route{
		{Method: "GET", Path: "/desk/shows/{id}/talk", Access: talk, Handle: h.talkState},
		{Method: "POST", Path: "/desk/shows/{id}/say", Access: talk, Handle: h.sayShow},
		{Method: "POST", Path: "/desk/shows/{id}/hide", Access: talk, Handle: h.hideMessage},
		{Method: "POST", Path: "/desk/shows/{id}/unhide", Access: talk, Handle: h.unhideMessage},
		{Method: "POST", Path: "/desk/shows/{id}/comment", Access: talk, Handle: h.pinComment},
		{Method: "POST", Path: "/desk/shows/{id}/mute", Access: talk, Handle: h.mutePerson},
		{Method: "POST", Path: "/desk/shows/{id}/chat", Access: talk, Handle: h.setChat},
		{Method: "POST", Path: "/desk/shows/{id}/held", Access: talk, Handle: h.decideHeld},

		{Method: "GET", Path: "/desk/bans", Access: see, Handle: h.bans},
		{Method: "POST", Path: "/desk/bans/{sanction}/lift", Access: talk, Handle: h.liftBan},
		{Method: "GET", Path: "/desk/appeals", Access: see, Handle: h.appeals},
		{Method: "POST", Path: "/desk/appeals/{appeal}", Access: talk, Handle: h.answerAppeal},
		{Method: "GET", Path: "/desk/words", Access: see, Handle: h.words},
		{Method: "POST", Path: "/desk/words", Access: talk, Handle: h.putWord},
		{Method: "POST", Path: "/desk/words/drop", Access: talk, Handle: h.dropWord},
		{Method: "POST", Path: "/desk/words/import", Access: talk, Handle: h.importWords},
	}
}

// talkState is what moderators know of a room's chat beside what everybody sees.
type talkState struct {
	Held     []held     `json:"held,omitempty"`
	Hidden   []hidden   `json:"hidden,omitempty"`
	Silenced []silenced `json:"silenced,omitempty"`
	Slow     int        `json:"slow"`    // seconds
	Hold     int        `json:"hold"`    // seconds, -1: until released
	Appeals  int64      `json:"appeals"` // open ones, of all rooms
}

// held is a line that waits.
type held struct {
	room.Message
	Due *time.Time `json:"due,omitempty"` // shown by itself then
}

// hidden is a line that was taken out of sight.
type hidden struct {
	room.Message
	Reason string `json:"reason"`
}

// silenced is a person who may not write here now.
type silenced struct {
	ID     id.Sanction `json:"id"`
	Kind   chat.Kind   `json:"kind"`
	User   id.User     `json:"user"`
	Name   string      `json:"name"`
	Until  time.Time   `json:"until"`
	Reason string      `json:"reason"`
	All    bool        `json:"all"` // in every room
}

// hiddenShown bounds the hidden lines a panel lists.
const hiddenShown = 30

func (h *screens) talkState(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	st, err := h.talkOf(r.Context(), sh)
	if err != nil {
		return err
	}
	return site.JSON(w, r, st)
}

func (h *screens) talkOf(ctx context.Context, sh show.Show) (*talkState, error) {
	out := &talkState{Slow: sh.SlowMode}
	rules, err := chat.RulesOf(ctx, h.DB, sh.ID)
	if err != nil {
		return nil, err
	}
	out.Hold = rules.Hold
	waiting, err := chat.Waiting(ctx, h.DB, sh.ID, "")
	if err != nil {
		return nil, err
	}
	for _, m := range waiting {
		x := held{Message: room.Messages(m)[0]}
		if !m.Due.IsZero() {
			x.Due = &m.Due
		}
		out.Held = append(out.Held, x)
	}
	gone, err := chat.HiddenTail(ctx, h.DB, sh.ID, hiddenShown)
	if err != nil {
		return nil, err
	}
	for _, m := range gone {
		out.Hidden = append(out.Hidden, hidden{room.Messages(m)[0], m.Reason})
	}
	if out.Silenced, err = h.silenced(ctx, sh.ID); err != nil {
		return nil, err
	}
	out.Appeals, err = chat.OpenAppeals(ctx, h.DB)
	return out, err
}

func (h *screens) silenced(ctx context.Context, s id.Show) ([]silenced, error) {
	list, err := chat.Silenced(ctx, h.DB, s)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	names, err := h.namesOf(ctx, func(add func(id.User)) {
		for _, x := range list {
			add(x.User)
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([]silenced, len(list))
	for i, x := range list {
		out[i] = silenced{ID: x.ID, Kind: x.Kind, User: x.User, Name: names[x.User].Name, Until: x.Until, Reason: x.Reason, All: x.Show == ""}
	}
	return out, nil
}

// namesOf reads the people that each names.
func (h *screens) namesOf(ctx context.Context, each func(add func(id.User))) (map[id.User]account.User, error) {
	var ids []id.User
	each(func(u id.User) {
		if u != "" {
			ids = append(ids, u)
		}
	})
	if len(ids) == 0 {
		return map[id.User]account.User{}, nil
	}
	slices.Sort(ids)
	return account.Users(ctx, h.DB, slices.Compact(ids)...)
}

// reasonText words why something was done.
func reasonText(b page.Base, reason string) string {
	words := chat.ReasonWords(reason)
	if words[0] == '@' {
		return b.T(words[1:])
	}
	return words
}

// sayShow answers in the chat for the centre; with "reply" above what it answers.
func (h *screens) sayShow(w http.ResponseWriter, r *http.Request) error {
	sh, f, err := h.showForm(r)
	if err != nil {
		return err
	}
	body, reply := f.Need("body", 1000), id.Message(f.Text("reply", 40))
	if err := f.Err(); err != nil {
		return err
	}
	m, err := h.Flow.Answer(r.Context(), edge.Who(r).Actor, sh.ID, body, reply)
	if err != nil {
		return err
	}
	return h.answer(w, r, room.Messages(m)[0], roomPath(sh.ID), "")
}

func (h *screens) showForm(r *http.Request) (show.Show, *site.Form, error) {
	sh, err := h.theShow(r)
	if err != nil {
		return sh, nil, err
	}
	f, err := site.ReadForm(r)
	return sh, f, err
}

// messageForm reads a form that names a message.
func (h *screens) messageForm(r *http.Request) (show.Show, *site.Form, id.Message, error) {
	sh, f, err := h.showForm(r)
	if err != nil {
		return sh, f, "", err
	}
	m := id.Message(f.Need("message", 40))
	if err := f.Err(); err != nil {
		return sh, f, m, err
	}
	if !id.Valid(m) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return sh, f, m, err
}

// hideMessage takes a line of the chat out of sight.
func (h *screens) hideMessage(w http.ResponseWriter, r *http.Request) error {
	sh, f, m, err := h.messageForm(r)
	if err != nil {
		return err
	}
	reason := f.Text("reason", chat.MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.HideMessage(r.Context(), edge.Who(r).Actor, m, reason); err != nil {
		return err
	}
	return h.answer(w, r, room.MessageRef{ID: m}, roomPath(sh.ID), "")
}

// unhideMessage lets a line be seen again.
func (h *screens) unhideMessage(w http.ResponseWriter, r *http.Request) error {
	sh, _, m, err := h.messageForm(r)
	if err != nil {
		return err
	}
	if err := h.Flow.UnhideMessage(r.Context(), edge.Who(r).Actor, m); err != nil {
		return err
	}
	return h.answer(w, r, room.MessageRef{ID: m}, roomPath(sh.ID), "")
}

// pinComment puts a line above the chat; an empty one takes it off.
func (h *screens) pinComment(w http.ResponseWriter, r *http.Request) error {
	sh, f, err := h.showForm(r)
	if err != nil {
		return err
	}
	m := id.Message(f.Text("message", 40))
	if m != "" && !id.Valid(m) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := h.Flow.PinComment(r.Context(), edge.Who(r).Actor, sh.ID, m); err != nil {
		return err
	}
	pinned, err := chat.Pinned(r.Context(), h.DB, sh.ID)
	if err != nil {
		return err
	}
	return h.answer(w, r, room.Comment(pinned), roomPath(sh.ID), "")
}

// decideHeld lets a line that waits be seen, or keeps it out.
func (h *screens) decideHeld(w http.ResponseWriter, r *http.Request) error {
	sh, f, m, err := h.messageForm(r)
	if err != nil {
		return err
	}
	do, reason := f.One("do", "release", "refuse"), f.Text("reason", chat.MaxReason)
	if err := f.Err(); err != nil {
		return err
	}
	var x chat.Message
	if do == "release" {
		x, err = h.Flow.ReleaseMessage(r.Context(), edge.Who(r).Actor, m)
	} else {
		x, err = h.Flow.RefuseMessage(r.Context(), edge.Who(r).Actor, m, reason)
	}
	if err != nil {
		return err
	}
	return h.answer(w, r, room.Messages(x)[0], roomPath(sh.ID), "")
}

// setChat sets slow mode and the wait for moderators.
func (h *screens) setChat(w http.ResponseWriter, r *http.Request) error {
	sh, f, err := h.showForm(r)
	if err != nil {
		return err
	}
	slow, hold := f.Int("slow", 0, show.MaxSlowMode), f.Int("hold", chat.HoldAll, chat.MaxHold)
	if err := f.Err(); err != nil {
		return err
	}
	if err := h.Flow.SetChat(r.Context(), edge.Who(r).Actor, sh.ID, int(slow), int(hold)); err != nil {
		return err
	}
	return h.answer(w, r, map[string]int64{"slow": slow, "hold": hold}, roomPath(sh.ID), edge.Who(r).P.T("talk.rules_saved"))
}

// silences are the terms a moderator gives: a short while, longer than any
// show, and bans from every room.
var silences = map[string]struct {
	kind chat.Kind
	for_ time.Duration
}{
	"short": {chat.Mute, 10 * time.Minute}, "show": {chat.Mute, 24 * time.Hour},
	"ban7": {chat.Ban, 7 * 24 * time.Hour}, "ban30": {chat.Ban, 30 * 24 * time.Hour}, "ban365": {chat.Ban, 365 * 24 * time.Hour},
}

// silenceOrder is that of the form.
var silenceOrder = []string{"short", "show", "ban7", "ban30", "ban365"}

// mutePerson silences somebody in this room or in all, or lets them speak again.
func (h *screens) mutePerson(w http.ResponseWriter, r *http.Request) error {
	sh, f, err := h.showForm(r)
	if err != nil {
		return err
	}
	u, how, reason := id.User(f.Need("user", 40)), f.One("for", append([]string{"lift"}, silenceOrder...)...), f.Text("reason", chat.MaxReason)
	if why := f.Text("why", 20); reason == "" && slices.Contains(chat.Reasons, why) {
		reason = why
	}
	if how != "lift" && reason == "" {
		f.Add(fault.New(fault.Invalid, "fault.required").At("reason"))
	}
	about := id.Message(f.Text("message", 40))
	if err := f.Err(); err != nil {
		return err
	}
	who := edge.Who(r)
	if how == "lift" {
		err = h.Flow.MutePerson(r.Context(), who.Actor, sh.ID, u, 0, "")
	} else {
		x := silences[how]
		_, err = h.Flow.SilencePerson(r.Context(), who.Actor, chat.NewSanction{Kind: x.kind, Show: sh.ID, User: u, For: x.for_, Reason: reason, Message: about})
	}
	if err != nil {
		return err
	}
	text := who.P.T("talk.done_" + how)
	return h.answer(w, r, map[string]string{"text": text}, roomPath(sh.ID), text)
}

// talkWords are the texts that talk.js needs.
var talkWords = []string{"more", "reply", "pin", "unpin", "pinned", "unpinned", "pinned_label", "silence", "held", "release", "refuse", "due", "slow_on", "hold_on", "hold_all", "appeals", "counts", "banned_until", "unhide", "none", "rules_saved", "replying", "no_reply"}
