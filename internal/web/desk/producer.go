package desk

import (
	"net/http"
	"strconv"
	"strings"

	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// producerView is the form of a producer.
type producerView struct {
	page.Base
	P            catalog.Producer
	Face         catalog.Picture
	Phone        string // masked
	Typed        map[string]string
	Wrong        map[string]string
	PictureWrong string
}

func (v producerView) typed(name, stands string) string {
	if v.Typed != nil {
		return v.Typed[name]
	}
	return stands
}

func (h *screens) producerBase(w http.ResponseWriter, r *http.Request, p catalog.Producer) (producerView, error) {
	v := producerView{P: p}
	title := p.Name
	if title == "" {
		title = edge.Who(r).P.T("desk.producer_new")
	}
	v.Base = h.Base(w, r, "desk", title)
	v.Styles, v.Scripts = []string{"desk/desk.css"}, []string{"desk/upload.js"}
	if p.PhoneEnc != "" {
		phone, err := p.Phone(h.Vault)
		if err != nil {
			return v, err
		}
		v.Phone = vault.Phone(phone)
	}
	if p.Picture == "" {
		return v, nil
	}
	pics, err := catalog.Pictures(r.Context(), h.DB, p.Picture)
	v.Face = pics[p.Picture]
	return v, err
}

func (h *screens) newProducer(w http.ResponseWriter, r *http.Request) error {
	v, err := h.producerBase(w, r, catalog.Producer{})
	if err != nil {
		return err
	}
	v.P = catalog.Producer{Kind: "household", Local: true, State: "active"}
	return h.Render(w, r, producerScreen(v))
}

func (h *screens) theProducer(r *http.Request) (catalog.Producer, error) {
	pid, err := site.PathID[id.Producer](r, "id")
	if err != nil {
		return catalog.Producer{}, err
	}
	ps, err := catalog.Producers(r.Context(), h.DB, pid)
	if err != nil {
		return catalog.Producer{}, err
	}
	p, ok := ps[pid]
	if !ok {
		return catalog.Producer{}, fault.New(fault.NotFound, "fault.not_found")
	}
	return p, nil
}

func (h *screens) producer(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProducer(r)
	if err != nil {
		return err
	}
	v, err := h.producerBase(w, r, p)
	if err != nil {
		return err
	}
	return h.Render(w, r, producerScreen(v))
}

func (h *screens) createProducer(w http.ResponseWriter, r *http.Request) error {
	return h.writeProducer(w, r, catalog.Producer{})
}

func (h *screens) saveProducer(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProducer(r)
	if err != nil {
		return err
	}
	return h.writeProducer(w, r, p)
}

func (h *screens) writeProducer(w http.ResponseWriter, r *http.Request, old catalog.Producer) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	p := h.readProducer(f, old)
	pid := old.ID
	if err = f.Err(); err == nil {
		err = h.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
			pid, err = catalog.SaveProducer(r.Context(), tx, edge.Who(r).Actor, p)
			return err
		})
	}
	if err == nil {
		return h.Redirect(w, r, "/desk/producers/"+string(pid), edge.Who(r).P.T("desk.saved"))
	}
	if !site.Correctable(err) {
		return err
	}
	v, verr := h.producerBase(w, r, old)
	if verr != nil {
		return verr
	}
	p.PhoneEnc = old.PhoneEnc
	v.P, v.Wrong, v.Typed = p, ui.Errors(v.Base, err), map[string]string{}
	for _, k := range []string{"name", "village", "district", "licence_no", "story", "commission", "phone"} {
		v.Typed[k] = clip(r.PostFormValue(k), 4000)
	}
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), producerScreen(v))
}

func (h *screens) readProducer(f *site.Form, p catalog.Producer) catalog.Producer {
	p.Kind, p.Name = f.One("kind", catalog.Kinds...), f.Need("name", 40)
	p.Village, p.District = f.Text("village", 40), f.Need("district", 40)
	p.Local, p.LicenceNo, p.Story = f.Tick("local"), f.Text("licence_no", 40), f.Text("story", 2000)
	p.CommissionBP = percent(f, "commission")
	p.State = f.One("state", catalog.ProducerStates...)
	p.PhoneEnc = "" // an empty field keeps what stands
	if phone := f.Text("phone", 30); phone != "" {
		sealed, err := catalog.SealPhone(h.Vault, phone)
		f.Add(err)
		p.PhoneEnc = sealed
	}
	return p
}

// percent reads a rate with at most two decimals into hundredths of a percent.
func percent(f *site.Form, field string) int64 {
	s := strings.TrimSuffix(f.Text(field, 10), "%")
	if s == "" {
		return 0
	}
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole+(frac + "00")[:2], 10, 32)
	if err != nil || len(frac) > 2 || whole == "" || len(whole) > 3 {
		f.Add(fault.New(fault.Invalid, "desk.percent").At(field))
		return 0
	}
	return int64(n)
}

// rate writes hundredths of a percent.
func rate(bp int64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(float64(bp)/100, 'f', 2, 64), "0"), ".")
}

func (h *screens) producerPicture(w http.ResponseWriter, r *http.Request) error {
	p, err := h.theProducer(r)
	if err != nil {
		return err
	}
	pic, err := h.takePicture(w, r, "producer", string(p.ID), p.Name)
	if err == nil && p.Picture != "" { // the new one is the face from now on
		p.Picture, p.PhoneEnc = pic.ID, ""
		err = h.DB.Update(r.Context(), func(tx *db.Tx) error {
			_, err := catalog.SaveProducer(r.Context(), tx, edge.Who(r).Actor, p)
			return err
		})
	}
	if err == nil {
		return h.answer(w, r, pictureDone{pic.URL(640)}, "/desk/producers/"+string(p.ID), edge.Who(r).P.T("desk.picture_done"))
	}
	if site.WantsJSON(r) || !site.Correctable(err) {
		return err
	}
	v, verr := h.producerBase(w, r, p)
	if verr != nil {
		return verr
	}
	v.PictureWrong = edge.Who(r).P.Err(fault.Of(err))
	return h.RenderStatus(w, r, fault.Of(err).Kind.Status(), producerScreen(v))
}
