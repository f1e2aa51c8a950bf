package shop

import (
	"net/http"
	"strings"

	"lindu.example/lindu/internal/chat"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
)

// readTalk adds what only the writer sees of the chat: own lines that wait for
// the moderators, and why they may not write.
func (s *screens) readTalk(r *http.Request, sid id.Show, me *meState) error {
	v := edge.Who(r)
	waiting, err := chat.Waiting(r.Context(), s.DB, sid, v.Actor.User)
	if err != nil {
		return err
	}
	if len(waiting) > 0 {
		me.Waiting = room.Messages(waiting...)
	}
	x, ok, err := chat.Silence(r.Context(), s.DB, v.Actor.User, sid)
	if err == nil && ok {
		why := chat.ReasonWords(x.Reason)
		if key, of := strings.CutPrefix(why, "@"); of {
			why = v.P.T(key)
		}
		me.Silence = v.P.T("chat.silence_"+string(x.Kind), "Until", x.Until.In(clock.Shanghai).Format("2006-01-02 15:04"), "Reason", why)
	}
	return err
}
