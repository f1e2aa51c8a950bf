package me

import (
	"net/http"
	"net/url"

	"lindu.example/lindu/internal/account"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/shipping"
	"lindu.example/lindu/internal/vault"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// maxPaste bounds a pasted address, in characters; shipping cuts it shorter.
const maxPaste = 2000

// addressesView is the address book.
type addressesView struct {
	page.Base
	List []account.Address
	Full bool
}

func (s *screens) addresses(w http.ResponseWriter, r *http.Request) error {
	v := edge.Who(r)
	list, err := account.Addresses(r.Context(), s.DB, s.Vault, v.Actor.User)
	if err != nil {
		return err
	}
	for i := range list { // a phone is often read over a shoulder
		list[i].Phone = vault.Phone(list[i].Phone)
	}
	view := addressesView{Base: s.Base(w, r, "me", v.P.T("me.addresses_title")), List: list, Full: len(list) >= account.MaxAddresses}
	view.Styles = []string{"me/me.css"}
	return s.Render(w, r, addressesScreen(view))
}

// addressView is the form of one address, empty for a new one.
type addressView struct {
	page.Base
	Address   account.Address
	Provinces []string
	Paste     string
	Unsure    bool // the paste was not read whole
	Next      string
	Wrong     map[string]string // by field, see ui.Errors
}

// Action is where the form goes.
func (v addressView) Action() string {
	if v.Address.ID == "" {
		return "/me/addresses"
	}
	return "/me/addresses/" + string(v.Address.ID)
}

func (s *screens) addressView(w http.ResponseWriter, r *http.Request, a account.Address) addressView {
	title := "me.address_new"
	if a.ID != "" {
		title = "me.address_edit"
	}
	v := addressView{Base: s.Base(w, r, "me", edge.Who(r).P.T(title)), Address: a, Provinces: shipping.Provinces(), Next: addressNext(r)}
	v.Path, v.Query = "/me/addresses/new", "next="+url.QueryEscape(v.Next)
	if a.ID != "" {
		v.Path = v.Action()
	}
	v.Styles, v.Scripts = []string{"me/me.css"}, []string{"me/address.js"}
	return v
}

// addressNext is where to go after saving: the page that needed an address,
// else the address book.
func addressNext(r *http.Request) string {
	if n := site.Next(r); n != "/" {
		return n
	}
	return "/me/addresses"
}

func (s *screens) newAddress(w http.ResponseWriter, r *http.Request) error {
	return s.Render(w, r, addressScreen(s.addressView(w, r, account.Address{})))
}

func (s *screens) editAddress(w http.ResponseWriter, r *http.Request) error {
	a, err := s.myAddress(r)
	if err != nil {
		return err
	}
	return s.Render(w, r, addressScreen(s.addressView(w, r, a)))
}

// myAddress reads the address in the path, if it is the asker's own.
func (s *screens) myAddress(r *http.Request) (account.Address, error) {
	want, err := site.PathID[id.Address](r, "id")
	if err != nil {
		return account.Address{}, err
	}
	list, err := account.Addresses(r.Context(), s.DB, s.Vault, edge.Who(r).Actor.User)
	for _, a := range list {
		if a.ID == want {
			return a, nil
		}
	}
	if err != nil {
		return account.Address{}, err
	}
	return account.Address{}, fault.New(fault.NotFound, "fault.not_found")
}

// addressJSON is an address as our scripts read it.
type addressJSON struct {
	ID       id.Address `json:"id,omitempty"`
	Name     string     `json:"name"`
	Phone    string     `json:"phone"`
	Province string     `json:"province"`
	City     string     `json:"city"`
	District string     `json:"district"`
	Detail   string     `json:"detail"`
	Default  bool       `json:"default"`
	Sure     bool       `json:"sure"` // of a paste: everything needed was found
}

// saveAddress creates an address, or changes the one in the path.
func (s *screens) saveAddress(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	a := readAddress(f)
	if r.PathValue("id") != "" {
		old, err := s.myAddress(r)
		if err != nil {
			return err
		}
		a.ID = old.ID
		a.Default = a.Default || old.Default // the default is moved by choosing another
	}
	f.Add(recipient(a).Check())
	if err = f.Err(); err == nil {
		err = s.DB.Update(r.Context(), func(tx *db.Tx) (err error) {
			a.ID, err = account.SaveAddress(r.Context(), tx, s.Vault, edge.Who(r).Actor, a)
			return err
		})
	}
	switch {
	case err != nil && (site.WantsJSON(r) || !site.Correctable(err)):
		return err
	case err != nil:
		view := s.addressView(w, r, a)
		view.Paste, view.Wrong = r.PostFormValue("paste"), ui.Errors(view.Base, err)
		return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), addressScreen(view))
	case site.WantsJSON(r):
		return site.JSON(w, r, addressJSON{a.ID, a.Name, a.Phone, a.Province, a.City, a.District, a.Detail, a.Default, true})
	}
	return s.Redirect(w, r, addressNext(r), edge.Who(r).P.T("me.address_saved"))
}

// readAddress reads the fields; Recipient.Check tells what is wrong with them.
func readAddress(f *site.Form) account.Address {
	p := shipping.Recipient{Name: f.Text("name", 200), Phone: f.Text("phone", 60), Province: f.Text("province", 60),
		City: f.Text("city", 200), District: f.Text("district", 200), Detail: f.Text("detail", 400)}.Clean()
	return addressOf(p, f.Tick("default"))
}

func addressOf(p shipping.Recipient, isDefault bool) account.Address {
	return account.Address{Name: p.Name, Phone: p.Phone, Province: p.Province, City: p.City, District: p.District, Detail: p.Detail, Default: isDefault}
}

func recipient(a account.Address) shipping.Recipient {
	return shipping.Recipient{Name: a.Name, Phone: a.Phone, Province: a.Province, City: a.City, District: a.District, Detail: a.Detail}
}

// parseAddress reads a pasted address: JSON to our scripts, else the form
// filled in. Nothing is stored.
func (s *screens) parseAddress(w http.ResponseWriter, r *http.Request) error {
	f, err := site.ReadForm(r)
	if err != nil {
		return err
	}
	text := f.Need("paste", maxPaste)
	if err := f.Err(); err != nil {
		if site.WantsJSON(r) {
			return err
		}
		view := s.addressView(w, r, readAddress(f))
		view.Paste, view.Wrong = r.PostFormValue("paste"), ui.Errors(view.Base, err)
		return s.RenderStatus(w, r, fault.Of(err).Kind.Status(), addressScreen(view))
	}
	p := shipping.ParseAddress(text)
	if site.WantsJSON(r) {
		return site.JSON(w, r, addressJSON{Name: p.Name, Phone: p.Phone, Province: p.Province, City: p.City, District: p.District, Detail: p.Detail, Sure: p.Sure})
	}
	view := s.addressView(w, r, addressOf(p.Recipient, f.Tick("default")))
	view.Paste, view.Unsure = text, !p.Sure
	return s.Render(w, r, addressScreen(view))
}

// defaultAddress makes an address the one that is proposed first.
func (s *screens) defaultAddress(w http.ResponseWriter, r *http.Request) error {
	a, err := s.myAddress(r)
	if err != nil {
		return err
	}
	a.Default = true
	err = s.DB.Update(r.Context(), func(tx *db.Tx) error {
		_, err := account.SaveAddress(r.Context(), tx, s.Vault, edge.Who(r).Actor, a)
		return err
	})
	if err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/addresses", edge.Who(r).P.T("me.address_default_set"))
}

// deleteAddress removes an address; orders keep their own copy.
func (s *screens) deleteAddress(w http.ResponseWriter, r *http.Request) error {
	a, err := site.PathID[id.Address](r, "id")
	if err != nil {
		return err
	}
	err = s.DB.Update(r.Context(), func(tx *db.Tx) error { return account.DeleteAddress(r.Context(), tx, edge.Who(r).Actor, a) })
	if err != nil {
		return err
	}
	return s.Redirect(w, r, "/me/addresses", edge.Who(r).P.T("me.address_deleted"))
}
