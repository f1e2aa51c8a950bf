package studio_test

import (
	"net/http"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/promise"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/studio"
	"lindu.example/lindu/internal/web/webtest"
)

// TestOnlyTheHostAgreesToAnAgencysPart by the host's own page.
func TestOnlyTheHostAgreesToAnAgencysPart(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	host.Get("/studio").Is(http.StatusOK).None("#agencies")
	money := w.Person("Money", actor.Finance)
	var agency id.Agency
	if err := w.DB.Update(t.Context(), func(tx *db.Tx) (err error) {
		agency, err = statement.SaveAgency(t.Context(), tx, actor.Actor{User: money.User.ID, Roles: []actor.Role{actor.Finance}}, statement.AgencyOf{Name: "Stars", LicenceNo: "91230000MA1AGENCY1"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	agreed := func() int64 {
		bp, err := promise.Consent(t.Context(), w.DB, host.User.ID, agency)
		if err != nil {
			t.Fatal(err)
		}
		return bp
	}
	at := "/studio/agencies/" + string(agency)
	home := host.Get("/studio")
	home.Must("#agencies")
	f := home.Form("form[action=" + at + "]")
	f.Values["percent"] = []string{"101"}
	host.Post(at, f.Values).Is(http.StatusUnprocessableEntity)
	f.Values["percent"] = []string{"20"}
	host.Post(at, f.Values).GoesTo("/studio")
	if agreed() != 2000 {
		t.Error("agreed to", agreed())
	}
	money.Post(at, webtest.Values("percent", "90")).Is(http.StatusForbidden)
	host.Post("/studio/agencies/"+string(id.New[id.Agency]()), f.Values).Is(http.StatusNotFound)
	f.Values["percent"] = []string{"0"}
	host.Post(at, f.Values).GoesTo("/studio")
	if agreed() != 0 {
		t.Error("taken back, and still", agreed())
	}
}
