package desk

import (
	"net/http"
	"strings"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// qrPixels is large enough for a telephone that looks at a television.
const qrPixels = 480

// overlayRoutes are the page that OBS lays over the picture, for whoever has
// its address, and the making of that address.
func (h *screens) overlayRoutes() []edge.Route {
	run := edge.Only(actor.Operator)
	return []edge.Route{
		{Method: "GET", Path: "/overlay/{token}", Access: edge.Anyone(), Handle: h.overlay},
		{Method: "GET", Path: "/overlay/{token}/state", Access: edge.Anyone(), Handle: h.overlayState},
		{Method: "GET", Path: "/overlay/{token}/qr.png", Access: edge.Anyone(), Handle: h.overlayQR},
		{Method: "GET", Path: "/desk/shows/{id}/overlay", Access: run, Handle: h.overlayPage},
		{Method: "POST", Path: "/desk/shows/{id}/overlay", Access: run, Handle: h.newOverlay},
		{Method: "POST", Path: "/desk/shows/{id}/overlay/revoke", Access: run, Handle: h.revokeOverlay},
	}
}

// overlayState is what overlay.js draws: goods, and nobody's name.
type overlayState struct {
	Show   id.Show     `json:"show"`
	State  string      `json:"state"`
	Pinned id.Item     `json:"pinned"`
	Items  []room.Item `json:"items"`
	At     time.Time   `json:"at"`
}

type overlayView struct {
	page.Base
	Token   string
	Labels  []string // practice, parts made by AI: said over the picture
	Private bool     // its room is closed to the page's socket
	State   overlayState
}

func (h *screens) readOverlay(r *http.Request) (overlayState, show.Show, error) {
	sh, err := show.ByOverlay(r.Context(), h.DB, r.PathValue("token"))
	if err != nil {
		return overlayState{}, sh, err
	}
	st, err := room.Read(r.Context(), h.DB, sh.ID, 0)
	if err != nil {
		return overlayState{}, sh, err
	}
	return overlayState{Show: sh.ID, State: st.State, Pinned: st.Pinned, Items: st.Items, At: st.At}, sh, nil
}

// overlay is the page for OBS's browser source: clear, no frame around it. Our
// own pages may show it in a frame.
func (h *screens) overlay(w http.ResponseWriter, r *http.Request) error {
	st, sh, err := h.readOverlay(r)
	if err != nil {
		return err
	}
	v := overlayView{Base: h.Base(w, r, "desk", edge.Who(r).P.T("rooms.overlay_title", "Title", sh.Title)), Token: r.PathValue("token"), State: st}
	v.Private = !sh.Public()
	if sh.Practice {
		v.Labels = append(v.Labels, v.T("rooms.overlay_practice"))
	}
	for _, part := range sh.AI {
		v.Labels = append(v.Labels, v.T("compliance.ai_"+part))
	}
	head := w.Header()
	head.Set("X-Frame-Options", "SAMEORIGIN")
	head.Set("Content-Security-Policy", strings.Replace(head.Get("Content-Security-Policy"), "frame-ancestors 'none'", "frame-ancestors 'self'", 1))
	head.Set("Referrer-Policy", "no-referrer") // the address is the key
	head.Set("X-Robots-Tag", "noindex")
	return h.Render(w, r, overlayScreen(v))
}

// overlayState answers "reload the truth".
func (h *screens) overlayState(w http.ResponseWriter, r *http.Request) error {
	st, _, err := h.readOverlay(r)
	if err != nil {
		return err
	}
	return site.JSON(w, r, st)
}

// overlayQR leads to the room.
func (h *screens) overlayQR(w http.ResponseWriter, r *http.Request) error {
	sh, err := show.ByOverlay(r.Context(), h.DB, r.PathValue("token"))
	if err != nil {
		return err
	}
	png, err := qrcode.Encode(h.BaseURL+"/room/"+string(sh.ID), qrcode.Medium, qrPixels)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, err = w.Write(png)
	if r.Context().Err() != nil {
		return nil // the reader left
	}
	return err
}

// overlayDesk is where an operator gets the address.
type overlayDesk struct {
	page.Base
	Show show.Show
	URL  string // "": none yet
}

func (h *screens) overlayPage(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	v := overlayDesk{Base: h.Base(w, r, "desk", edge.Who(r).P.T("rooms.overlay")), Show: sh}
	v.Styles = []string{"desk/desk.css", "desk/overlaydesk.css"}
	token, err := show.Overlay(r.Context(), h.DB, h.Vault, v.Actor, sh.ID)
	if err != nil {
		return err
	}
	if token != "" {
		v.URL = h.BaseURL + "/overlay/" + token
	}
	return h.Render(w, r, overlayDeskScreen(v))
}

func (h *screens) newOverlay(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
		_, err := show.NewOverlay(r.Context(), tx, h.Vault, edge.Who(r).Actor, sh.ID)
		return err
	})
	if err != nil {
		return err
	}
	return h.Redirect(w, r, roomPath(sh.ID)+"/overlay", edge.Who(r).P.T("rooms.overlay_made"))
}

func (h *screens) revokeOverlay(w http.ResponseWriter, r *http.Request) error {
	sh, err := h.theShow(r)
	if err != nil {
		return err
	}
	if err := h.DB.Update(r.Context(), func(tx *db.Tx) error { return show.RevokeOverlay(r.Context(), tx, edge.Who(r).Actor, sh.ID) }); err != nil {
		return err
	}
	return h.Redirect(w, r, roomPath(sh.ID)+"/overlay", edge.Who(r).P.T("rooms.overlay_revoked"))
}

// overlayWords are the texts that overlay.js needs.
func overlayWords(b page.Base) map[string]string {
	out := map[string]string{}
	for _, k := range []string{"left", "out", "ends", "soon", "now", "number", "over"} {
		out[k] = b.T("rooms.overlay_" + k)
	}
	return out
}
