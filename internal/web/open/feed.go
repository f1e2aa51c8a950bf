package open

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"time"

	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fund"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/web/page"
)

// feedItem is a piece of news: a disbursement that was paid, a version that was
// announced, the sums of a month that is over.
type feedItem struct {
	ID, Title, Text, Path string
	At                    time.Time
}

// feedMonths is how many months' sums stand in the feed, feedItems how many
// items in all.
const (
	feedMonths = 6
	feedItems  = 100
)

// readFeed gathers the news, the newest first.
func (s *screens) readFeed(ctx context.Context, b page.Base) ([]feedItem, error) {
	var out []feedItem
	paid, err := fund.PaidOut(ctx, s.DB, "", time.UnixMicro(0), b.Now.Add(time.Hour), feedItems)
	if err != nil {
		return nil, err
	}
	for _, d := range paid {
		out = append(out, feedItem{"disbursement/" + string(d.ID), b.T("open.feed_paid", "Fund", b.T("desk.fund_"+d.Fund), "Total", b.Yuan(d.Fen), "Recipient", d.Recipient),
			d.Purpose, "/funds/vouchers/" + string(d.ID), d.PaidAt})
	}
	versions, err := promise.Versions(ctx, s.DB, false)
	if err != nil {
		return nil, err
	}
	since, err := promise.Since(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		at, title := v.Signed, b.T("open.feed_version", "No", v.No, "When", b.Stamp(v.Start))
		if v.Founding() {
			at, title = since, b.T("open.feed_founding", "No", v.No)
		}
		if at.IsZero() {
			continue
		}
		out = append(out, feedItem{"promise/" + v.No + "/" + strconv.FormatInt(v.Version, 10), title, v.Words[b.Lang()], versionPath(v), at})
	}
	months, err := s.feedMonths(ctx, b, since)
	out = append(out, months...)
	slices.SortFunc(out, func(x, y feedItem) int { return cmp.Or(y.At.Compare(x.At), cmp.Compare(x.ID, y.ID)) })
	return out[:min(len(out), feedItems)], err
}

// feedMonths are the main sums of months that are over.
func (s *screens) feedMonths(ctx context.Context, b page.Base, since time.Time) (out []feedItem, err error) {
	n := 0
	for _, p := range periods(since, b.Now) {
		over := p.To.Add(1).Time()
		if len(p.Name) != len("2026-11") || over.After(b.Now) {
			continue
		}
		if n++; n > feedMonths {
			break
		}
		text := ""
		for _, f := range promise.Figures {
			if !f.Main {
				continue
			}
			fen, err := f.Read(ctx, s.DB, p.From, p.To)
			if err != nil {
				return nil, err
			}
			text += b.T("open.sum_"+f.Name) + ": " + b.Yuan(fen) + "; "
		}
		out = append(out, feedItem{"month/" + p.Name, b.T("open.feed_month", "Month", p.Name), text, p.link("/promises"), over})
	}
	return out, nil
}

// atom is RFC 4287.
type atom struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

func (s *screens) atom(w http.ResponseWriter, r *http.Request) error {
	b := s.Base(w, r, "open", "")
	items, err := s.readFeed(r.Context(), b)
	if err != nil {
		return err
	}
	a := atom{Lang: b.Lang(), Title: b.T("open.feed_title", "Name", s.Centre.Name), ID: s.BaseURL + "/promises", Updated: newest(items, b.Now).Format(time.RFC3339),
		Author: atomAuthor{s.Centre.LegalName}, Links: []atomLink{{"self", s.BaseURL + "/promises/feed.atom"}, {"alternate", s.BaseURL + "/promises"}}}
	for _, x := range items {
		a.Entries = append(a.Entries, atomEntry{x.Title, s.BaseURL + "/promises#" + x.ID, x.At.UTC().Format(time.RFC3339), atomLink{"alternate", s.BaseURL + x.Path}, x.Text})
	}
	out, err := xml.MarshalIndent(a, "", " ")
	if err != nil {
		return err
	}
	return feedAnswer(w, r, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), out...))
}

// newest is when something last changed: a feed that nothing happened in keeps
// its time, so that readers see nothing new.
func newest(items []feedItem, now time.Time) time.Time {
	if len(items) == 0 {
		return now.UTC().Truncate(24 * time.Hour)
	}
	return items[0].At.UTC()
}

// jsonFeed is jsonfeed.org/version/1.1.
type jsonFeed struct {
	Version  string         `json:"version"`
	Title    string         `json:"title"`
	Home     string         `json:"home_page_url"`
	Feed     string         `json:"feed_url"`
	Language string         `json:"language"`
	Authors  []jsonAuthor   `json:"authors"`
	Items    []jsonFeedItem `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonFeedItem struct {
	ID      string `json:"id"`
	URL     string `json:"url"`
	Title   string `json:"title"`
	Text    string `json:"content_text"`
	Publish string `json:"date_published"`
}

func (s *screens) jsonFeed(w http.ResponseWriter, r *http.Request) error {
	b := s.Base(w, r, "open", "")
	items, err := s.readFeed(r.Context(), b)
	if err != nil {
		return err
	}
	f := jsonFeed{"https://jsonfeed.org/version/1.1", b.T("open.feed_title", "Name", s.Centre.Name), s.BaseURL + "/promises", s.BaseURL + "/promises/feed.json", b.Lang(),
		[]jsonAuthor{{s.Centre.LegalName}}, []jsonFeedItem{}}
	for _, x := range items {
		f.Items = append(f.Items, jsonFeedItem{s.BaseURL + "/promises#" + x.ID, s.BaseURL + x.Path, x.Title, x.Text, x.At.UTC().Format(time.RFC3339)})
	}
	out, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return feedAnswer(w, r, "application/feed+json; charset=utf-8", out)
}

// feedAnswer lets a reader that has the same already go without it.
func feedAnswer(w http.ResponseWriter, r *http.Request, kind string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Vary", "Accept-Language, Cookie")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", kind)
	_, err := w.Write(body)
	if r.Context().Err() != nil {
		return nil // the reader left
	}
	return err
}

// cardView is what other sites show of us.
type cardView struct {
	page.Base
	Promise promiseView
	Site    string
}

// card is a small page for a frame on other sites: no script, no cookie, and the
// only page that may be framed.
func (s *screens) card(w http.ResponseWriter, r *http.Request) error {
	ps, err := s.inForce(r.Context(), periodOf(nil))
	if err != nil {
		return err
	}
	v := cardView{Base: s.Base(w, r, "open", edge.Who(r).P.T("open.promises_title")), Site: s.BaseURL}
	if len(ps) > 0 {
		v.Promise = ps[0]
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors *; base-uri 'none'; form-action 'none'")
	h.Del("X-Frame-Options")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("Set-Cookie")
	h.Set("Cache-Control", "public, max-age=300")
	h.Add("Vary", "Accept-Language, Cookie") // without ?lang= it speaks the reader's language
	return s.Render(w, r, cardScreen(v))
}
