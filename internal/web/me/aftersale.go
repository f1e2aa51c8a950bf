package me

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/flow"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
)

// askView is the form of an after-sale request.
type askView struct {
	page.Base
	Order  order.Order
	Kind   aftersale.Kind
	Kinds  []aftersale.Kind // that can be asked for
	Lines  []askLine
	Key    string
	Reason string
	Words  string
	Rules  aftersale.Rules
	Errors map[string]string
}

// askLine is a line in the form, with what was typed.
type askLine struct {
	flow.LineOptions
	Picture string
	Typed   string
}

// Reasons of the form: without a reason only what may come back so.
func (v askView) Reasons() []string {
	var out []string
	for _, r := range aftersale.Reasons[v.Kind] {
		if r == aftersale.SevenDay && !v.noReason() {
			continue
		}
		out = append(out, r)
	}
	return out
}

func (v askView) noReason() bool {
	for _, l := range v.Lines {
		if l.May(aftersale.Return) && l.NoReason {
			return true
		}
	}
	return false
}

// askKinds in the order they are offered.
var askKinds = []aftersale.Kind{aftersale.Cancel, aftersale.Claim, aftersale.Return}

func (s *screens) askPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.askView(w, r, aftersale.Kind(r.URL.Query().Get("kind")))
	if err != nil {
		return err
	}
	return s.Render(w, r, askScreen(v))
}

func (s *screens) askView(w http.ResponseWriter, r *http.Request, kind aftersale.Kind) (askView, error) {
	o, err := s.myOrder(r)
	if err != nil {
		return askView{}, err
	}
	x, lines, err := s.Flow.AfterSaleOptions(r.Context(), edge.Who(r).Actor, o.ID)
	if err != nil {
		return askView{}, err
	}
	v := askView{Base: s.Base(w, r, "me", edge.Who(r).P.T("aftersale.ask_title")), Order: x, Key: id.New[string](), Rules: s.Flow.Rules()}
	v.Path, v.Query, v.Styles = "/orders/"+string(x.ID)+"/after-sale", "", []string{"me/me.css"}
	pics, err := s.pictures(r.Context(), []order.Order{x})
	for _, l := range lines {
		v.Lines = append(v.Lines, askLine{LineOptions: l, Picture: pics[l.Product]})
	}
	for _, k := range askKinds {
		for _, l := range lines {
			if l.May(k) {
				v.Kinds = append(v.Kinds, k)
				break
			}
		}
	}
	for _, k := range v.Kinds {
		if k == kind || v.Kind == "" {
			v.Kind = k
		}
	}
	if v.Kind != "" {
		v.Query = "kind=" + string(v.Kind)
	}
	return v, err
}

// ask takes the request.
func (s *screens) ask(w http.ResponseWriter, r *http.Request) error {
	o, err := s.myOrder(r)
	if err != nil {
		return err
	}
	form, photos, err := readAsk(w, r)
	if err != nil && form == nil {
		return err
	}
	in := flow.AskIn{Order: o.ID, Key: form["key"], Kind: aftersale.Kind(form["kind"]), Reason: form["reason"], Words: form["words"], Photos: photos}
	for _, l := range o.Lines {
		n, bad := strconv.ParseInt(form["line-"+string(l.ID)], 10, 64)
		switch {
		case bad != nil || n <= 0:
		case in.Kind == aftersale.Claim:
			in.Lines = append(in.Lines, flow.AskLine{Line: l.ID, Share: n})
		default:
			in.Lines = append(in.Lines, flow.AskLine{Line: l.ID, Units: n})
		}
	}
	if err == nil {
		_, err = s.Flow.AskAfterSale(r.Context(), edge.Who(r).Actor, in)
	}
	if err != nil {
		return s.askAgain(w, r, form, err)
	}
	said := "aftersale.sent_ok"
	if in.Kind == aftersale.Cancel {
		said = "aftersale.cancelled_ok"
	}
	return s.Redirect(w, r, "/orders/"+string(o.ID)+"#after-sale", edge.Who(r).P.T(said))
}

// askAgain shows the form with what was typed and what is wrong. The photos
// can't be kept for the buyer: browsers do not take a file from a page.
func (s *screens) askAgain(w http.ResponseWriter, r *http.Request, form map[string]string, err error) error {
	if !site.Correctable(err) {
		return err
	}
	v, bad := s.askView(w, r, aftersale.Kind(form["kind"]))
	if bad != nil {
		return bad
	}
	v.Reason, v.Words = form["reason"], form["words"]
	if form["key"] != "" {
		v.Key = form["key"]
	}
	for i, l := range v.Lines {
		v.Lines[i].Typed = form["line-"+string(l.ID)]
	}
	v.Errors = map[string]string{}
	for _, x := range fault.Of(err).All() {
		v.Errors[x.Field] = v.P.Err(x)
	}
	if v.Kind == aftersale.Claim && v.Errors["photos"] == "" {
		v.Errors["photos"] = v.T("aftersale.photos_again")
	}
	return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), askScreen(v))
}

// maxAsk bounds a request with its photos.
const maxAsk = aftersale.MaxPhotos*catalog.MaxUpload + 256<<10

// maxField bounds one field of it.
const maxField = 4 << 10

// readAsk reads the form as it comes: each photo is made ready (type by its
// content, size capped, its hidden data taken off) before the next is read, so
// that little memory is held. The fields read so far come with an error.
func readAsk(w http.ResponseWriter, r *http.Request) (form map[string]string, photos []catalog.Prepared, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxAsk)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "fault.form").Because(err)
	}
	form = map[string]string{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return form, photos, nil
		} else if err != nil {
			return form, photos, tooLarge(err)
		}
		if part.FormName() != "photos" {
			b, err := io.ReadAll(io.LimitReader(part, maxField))
			if err != nil || len(form) > 100 {
				return form, photos, tooLarge(err)
			}
			form[part.FormName()] = strings.TrimSpace(string(b))
			continue
		}
		if part.FileName() == "" { // none was chosen
			continue
		}
		if len(photos) == aftersale.MaxPhotos {
			return form, nil, fault.New(fault.Invalid, "aftersale.photos", "Max", aftersale.MaxPhotos).At("photos")
		}
		ready, err := catalog.PrepareImage(part)
		if err != nil {
			return form, nil, fault.Of(err).At("photos")
		}
		photos = append(photos, ready)
	}
}

func tooLarge(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.TooLarge, "catalog.image_large", "Max", "10 MB").At("photos")
	}
	return fault.New(fault.Invalid, "fault.form").Because(err)
}

// myCase is the case in the path.
func (s *screens) myCase(r *http.Request) (id.Order, id.Case, error) {
	o, err := s.myOrder(r)
	if err != nil {
		return "", "", err
	}
	c, err := site.PathID[id.Case](r, "case")
	return o.ID, c, err
}

func (s *screens) withdrawCase(w http.ResponseWriter, r *http.Request) error {
	o, c, err := s.myCase(r)
	if err != nil {
		return err
	}
	if err := s.Flow.WithdrawCase(r.Context(), edge.Who(r).Actor, c); err != nil {
		return s.orderAgain(w, r, err)
	}
	return s.Redirect(w, r, "/orders/"+string(o)+"#after-sale", edge.Who(r).P.T("aftersale.withdrawn_ok"))
}

func (s *screens) sendBack(w http.ResponseWriter, r *http.Request) error {
	o, c, err := s.myCase(r)
	if err != nil {
		return err
	}
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	parcel := f.Need("parcel", 80)
	if err = f.Err(); err == nil {
		err = s.Flow.SendBack(r.Context(), edge.Who(r).Actor, c, parcel)
	}
	if err != nil {
		return s.orderAgain(w, r, err)
	}
	return s.Redirect(w, r, "/orders/"+string(o)+"#after-sale", edge.Who(r).P.T("aftersale.parcel_ok"))
}

// casePhoto serves a photo of a case to its buyer and to staff: it may show an
// address, so nobody keeps it but the reader's own browser.
func (s *screens) casePhoto(w http.ResponseWriter, r *http.Request) error {
	name, jpg := strings.CutSuffix(r.PathValue("file"), ".jpg")
	width, err := strconv.Atoi(name)
	if !jpg || err != nil || !id.Valid(r.PathValue("photo")) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	body, size, err := s.Flow.CasePhoto(r.Context(), edge.Who(r).Actor, r.PathValue("photo"), width)
	if err != nil {
		return err
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("X-Content-Type-Options", "nosniff")
	if size > 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	if _, err = io.Copy(w, body); r.Context().Err() != nil {
		return nil
	}
	return err
}

func (v askView) typed(l askLine) string {
	if l.Typed != "" {
		return l.Typed
	}
	if v.Kind != aftersale.Claim && len(v.Lines) == 1 {
		return "1"
	}
	return "0"
}
