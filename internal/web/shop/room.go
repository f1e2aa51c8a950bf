package shop

import (
	"context"
	"net/http"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow/room"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/lot"
	"lindu.example/lindu/internal/show"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// roomState is the truth of a room as room.js reads it, now and whenever
// messages were lost.
type roomState struct {
	truth
	WHEP string  `json:"whep,omitempty"` // where the picture without delay is asked for
	Me   meState `json:"me"`
}

// truth is room.State under a name that leaves its field State reachable.
type truth = room.State

// meState is what the room knows about the person who looks.
type meState struct {
	SignedIn  bool    `json:"signed_in"`
	User      id.User `json:"user,omitempty"`
	Following bool    `json:"following"`
	Reminded  bool    `json:"reminded"`
	// Waiting is what of theirs the moderators hold back.
	Waiting []room.Message `json:"waiting,omitempty"`
	// Silence says why they may not write, and until when; "" if they may.
	Silence string `json:"silence,omitempty"`
}

// roomView is the room's page.
type roomView struct {
	page.Base
	State     roomState
	Producers []catalog.Producer // whose goods are in the tray
	Link      string             // absolute address of the page, to share
	Demo      bool
	Gifts     bool // the centre takes gifts to charity
	Selling   sellingState
}

func (s *screens) room(w http.ResponseWriter, r *http.Request) error {
	st, err := s.readRoom(r)
	if err != nil {
		return err
	}
	ps, err := s.producersOf(r.Context(), st.truth)
	if err != nil {
		return err
	}
	v := roomView{Base: s.Base(w, r, "shop", st.Title), State: st, Producers: ps, Link: s.BaseURL + "/room/" + string(st.ID), Demo: s.Centre.Demo, Gifts: s.Flow.Gifts.Licence != ""}
	if v.Selling, err = s.sellingOf(r.Context(), edge.Who(r), st.ID); err != nil {
		return err
	}
	v.Full = true
	v.Styles = []string{"shop/room.css", "shop/selling.css", "shop/talk.css", "shop/law.css"}
	v.Scripts = []string{"shop/room.js"}
	v.Description, v.Picture = st.Summary, s.absolute(st.Cover)
	return s.Render(w, r, roomScreen(v))
}

// roomState answers "reload the truth".
func (s *screens) roomState(w http.ResponseWriter, r *http.Request) error {
	st, err := s.readRoom(r)
	if err != nil {
		return err
	}
	return site.JSON(w, r, st)
}

// readRoom reads the room in the path; a draft is seen by staff only.
func (s *screens) readRoom(r *http.Request) (roomState, error) {
	ctx, who := r.Context(), edge.Who(r).Actor
	sid, err := site.PathID[id.Show](r, "id")
	if err != nil {
		return roomState{}, err
	}
	st, err := s.Rooms.Read(ctx, sid)
	if err != nil {
		return roomState{}, err
	}
	if (st.Practice || st.State == string(show.Draft)) && st.Host.ID != who.User && !who.Has(actor.Operator, actor.Moderator, actor.Overseer) {
		return roomState{}, fault.New(fault.NotFound, "fault.not_found")
	}
	out := roomState{truth: s.withPicture(st), Me: meState{SignedIn: who.SignedIn(), User: who.User}}
	if s.FastViewers && out.HLS != "" {
		out.WHEP = "/whep/" + string(sid)
	}
	if !who.SignedIn() {
		return out, nil
	}
	if _, out.Me.Following, err = account.Followers(ctx, s.DB, st.Host.ID, who.User); err != nil {
		return roomState{}, err
	}
	if _, out.Me.Reminded, err = show.Reminded(ctx, s.DB, sid, who.User); err != nil {
		return roomState{}, err
	}
	return out, s.readTalk(r, sid, &out.Me)
}

// withPicture adds what the sockets and the media hub know. The addresses of
// the stream are told only while the show is live: before that the host may be
// rehearsing.
func (s *screens) withPicture(st room.State) room.State {
	if s.RT != nil {
		st.Counts.Online = s.RT.Online(room.Channel(st.ID))
	}
	st.Stream, st.HLS, st.HLSPlain = "idle", "", ""
	if st.State == string(show.Ended) {
		st.Stream = "ended"
	}
	if st.State == string(show.Live) {
		if s.Streams != nil {
			st.Stream = s.Streams.State(string(st.ID))
		}
		st.HLS = "/live/" + string(st.ID) + "/index.m3u8"
		st.HLSPlain = "/live/" + string(st.ID) + "/plain.m3u8"
	}
	return st
}

// producersOf reads whose goods a room sells, each once: the seller panel must
// say it (Order 117 art. 26). While it runs these are the producers of the lots on
// sale behind the tray; when it is over, of all that were.
func (s *screens) producersOf(ctx context.Context, st room.State) ([]catalog.Producer, error) {
	if st.State == string(show.Ended) || st.State == string(show.Cancelled) {
		sh, err := show.ByID(ctx, s.DB, st.ID)
		if err != nil {
			return nil, err
		}
		return s.Flow.WhoseGoods(ctx, sh)
	}
	var products []id.Product
	for _, it := range st.Items {
		if it.State != string(show.Off) {
			products = append(products, it.Product)
		}
	}
	if len(products) == 0 {
		return nil, nil
	}
	stocks, err := lot.OnSaleStock(ctx, s.DB, products...)
	if err != nil {
		return nil, err
	}
	seen := map[id.Producer]bool{}
	var ids []id.Producer
	for _, p := range products {
		for _, st := range stocks[p] {
			if !seen[st.Producer] {
				seen[st.Producer] = true
				ids = append(ids, st.Producer)
			}
		}
	}
	return s.producersInOrder(ctx, ids)
}

func (s *screens) producersInOrder(ctx context.Context, ids []id.Producer) ([]catalog.Producer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	byID, err := catalog.Producers(ctx, s.DB, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]catalog.Producer, 0, len(ids))
	for _, p := range ids {
		if x, ok := byID[p]; ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// absolute makes a page's address one that other apps can open.
func (s *screens) absolute(path string) string {
	if path == "" {
		return ""
	}
	return s.BaseURL + path
}
