package app

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/media/rtc"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/site"
)

// maxBy is the longest name a page gives itself over its retries.
const maxBy = 64

// buildRTC makes the way in and out without delay, unless it is turned off.
func (a *App) buildRTC() {
	c := a.cfg.RTC
	if !c.On() {
		return
	}
	most := c.MaxViewers
	if most == 0 {
		most = -1
	}
	a.rtc = &rtc.Server{UDP: c.UDP, TCP: c.TCP, Public: c.Publics(), Hub: a.hub, Log: a.log,
		MaxPublishers: a.cfg.Live.MaxPublishers, MaxViewers: most, MaxPerShow: most}
}

func (a *App) startRTC() error {
	if a.rtc == nil {
		return nil
	}
	if err := a.rtc.Start(); err != nil {
		return fmt.Errorf("the picture without delay can't be served at UDP %q and TCP %q (other addresses: rtc.udp, rtc.tcp; both empty turn it off): %w", a.cfg.RTC.UDP, a.cfg.RTC.TCP, err)
	}
	return nil
}

// RTCAddr is where browsers send the picture, "" where they can't.
func (a *App) RTCAddr() (udp, tcp string) {
	if a.rtc == nil {
		return "", ""
	}
	return a.rtc.UDPAddr(), a.rtc.TCPAddr()
}

// rtcRoutes are WHIP (RFC 9725) and WHEP: one request opens a session, another
// one ends it. Who may do it is asked here, because a stream key is no session
// of ours. Whoever knows a session's random name may end it.
func (a *App) rtcRoutes() []edge.Route {
	raw := func(h edge.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				edge.Fail(w, r, a.log, a.plainFault, err)
			}
		})
	}
	return []edge.Route{
		{Method: "POST", Path: "/whip", Access: edge.Anyone(), Raw: raw(a.whip)}, // the key names the show
		{Method: "POST", Path: "/whip/{show}", Access: edge.Anyone(), Raw: raw(a.whip)},
		{Method: "DELETE", Path: "/whip/{show}/{session}", Access: edge.Anyone(), Raw: raw(a.leaveRTC)},
		{Method: "POST", Path: "/whep/{show}", Access: edge.Anyone(), Raw: raw(a.whep)},
		{Method: "DELETE", Path: "/whep/{show}/{session}", Access: edge.Anyone(), Raw: raw(a.leaveRTC)},
	}
}

// plainFault tells our pages in JSON, and OBS and the like in a line of text.
func (a *App) plainFault(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	if site.WantsJSON(r) {
		a.Site.RenderFault(w, r, f)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(f.Kind.Status())
	_, _ = fmt.Fprintln(w, edge.Who(r).P.Err(f)) // the reader may be gone
}

// whip takes a picture from a show's own host, or from who has its stream key.
func (a *App) whip(w http.ResponseWriter, r *http.Request) error {
	o, err := a.offer(w, r)
	if err != nil {
		return err
	}
	if err = a.mayPublish(r, &o); err != nil {
		return err
	}
	ans, err := a.rtc.Publish(r.Context(), o)
	if err != nil {
		return err
	}
	return answerRTC(w, "/whip/"+o.Stream, ans)
}

// mayPublish writes into the offer for which show the asker may publish, who
// they are, and how to ask that again.
func (a *App) mayPublish(r *http.Request, o *rtc.Offer) error {
	who := edge.Who(r).Actor
	asked := id.Show(r.PathValue("show"))
	if !who.SignedIn() {
		key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return who.Need(actor.Host)
		}
		sh, err := show.ByKey(r.Context(), a.DB, key)
		if err == nil && asked != "" && asked != sh.ID {
			err = fault.New(fault.Denied, "show.key_wrong")
		}
		o.Stream = string(sh.ID)
		o.May = func(ctx context.Context) error {
			_, err := show.ByKey(ctx, a.DB, key)
			return err
		}
		return err
	}
	if asked == "" {
		return fault.New(fault.Invalid, "rtc.bad_key")
	}
	o.Stream, o.Owner = string(asked), "user:"+string(who.User)
	o.May = func(ctx context.Context) error {
		sh, err := show.ByID(ctx, a.DB, asked)
		switch {
		case err != nil:
			return err
		case sh.Host != who.User:
			return fault.New(fault.Denied, "rtc.not_host")
		case sh.Over():
			return fault.New(fault.Gone, "media.ended")
		}
		return nil
	}
	return o.May(r.Context())
}

// whep shows the picture to staff at any time, and to everybody while the show
// is live, as long as there is room.
func (a *App) whep(w http.ResponseWriter, r *http.Request) error {
	o, err := a.offer(w, r)
	if err != nil {
		return err
	}
	sh, err := show.ByID(r.Context(), a.DB, id.Show(r.PathValue("show")))
	if err != nil {
		return err
	}
	o.Stream, o.Staff = string(sh.ID), rehearses(edge.Who(r).Actor, sh)
	if !o.Staff && (sh.Practice || sh.State != show.Live) {
		return fault.New(fault.NotFound, "media.no_stream")
	}
	ans, err := a.rtc.Watch(r.Context(), o)
	if err != nil {
		return err
	}
	return answerRTC(w, "/whep/"+o.Stream, ans)
}

// offer reads what every WebRTC request brings.
func (a *App) offer(w http.ResponseWriter, r *http.Request) (rtc.Offer, error) {
	if a.rtc == nil {
		return rtc.Offer{}, fault.New(fault.NotFound, "rtc.off")
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/sdp" {
		return rtc.Offer{}, fault.New(fault.Invalid, "rtc.offer_type")
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, rtc.MaxOffer))
	if err != nil {
		return rtc.Offer{}, fault.New(fault.TooLarge, "rtc.offer_large", "KiB", rtc.MaxOffer>>10).Because(err)
	}
	by := r.Header.Get("Lindu-By")
	return rtc.Offer{SDP: string(b), Remote: edge.Who(r).Network(), By: by[:min(len(by), maxBy)]}, nil
}

func answerRTC(w http.ResponseWriter, at string, a rtc.Answer) error {
	h := w.Header()
	h.Set("Content-Type", "application/sdp")
	h.Set("Location", at+"/"+a.Session)
	w.WriteHeader(http.StatusCreated)
	_, err := io.WriteString(w, a.SDP)
	return err
}

// leaveRTC ends a session.
func (a *App) leaveRTC(w http.ResponseWriter, r *http.Request) error {
	if a.rtc == nil || !a.rtc.Leave(r.PathValue("session")) {
		return fault.New(fault.NotFound, "rtc.no_session")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *App) rtcStats() rtc.Stats {
	if a.rtc == nil {
		return rtc.Stats{}
	}
	return a.rtc.Stats()
}
