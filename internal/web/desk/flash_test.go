package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/lot"
)

// TestFlashSaleIsStartedAndEndedAtTheDesk: one at a time, a double tap counts
// once, and what is wrong is said at its field.
func TestFlashSaleIsStartedAndEndedAtTheDesk(t *testing.T) {
	s := onAir(t)
	to := s.path("/items/" + string(s.item) + "/flash")
	form := url.Values{"key": {"tap-1"}, "price": {"25.00"}, "total": {"5"}, "per_person": {"1"}, "countdown": {"10"}, "minutes": {"5"}}
	with := func(field, value string) url.Values {
		f := url.Values{}
		for k, v := range form {
			f[k] = v
		}
		f.Set(field, value)
		return f
	}
	for field, bad := range map[string]string{"price": "39.90", "countdown": "9", "minutes": "21", "total": "11"} {
		s.operator.Post(to, with(field, bad)).Is(http.StatusUnprocessableEntity)
	}
	s.moderator.Post(to, form).Is(http.StatusForbidden)
	s.operator.Post(to, form)
	s.operator.Post(to, form) // tapped twice
	s.operator.Post(to, with("key", "tap-2")).Is(http.StatusConflict)
	s.operator.Get(s.path("/pulse")).Has(`"state":"countdown"`)
	lines := strings.Count(s.operator.Get(s.path("/pulse")).Body, `"countdown"`)
	if lines != 1 {
		t.Errorf("%d flash sales after two taps", lines)
	}
}

// TestSharesOfALot: given, made smaller, taken back; the host sees it.
func TestSharesOfALot(t *testing.T) {
	s := onAir(t)
	lots := "/desk/lots/" + string(s.lot.ID)
	page := s.operator.Get(lots)
	page.Must("#allots")
	form := url.Values{"key": {"share-1"}, "for": {"show:" + string(s.show)}, "units": {"12"}, "expires": {"2030-01-01T00:00"}}
	s.operator.Post(lots+"/allot", form).Is(http.StatusUnprocessableEntity).Must("#allot-expires-error")
	form.Set("expires", page.Form("#allots form").Values.Get("expires"))
	s.operator.Post(lots+"/allot", form)
	s.operator.Post(lots+"/allot", form) // tapped twice
	list, err := lot.Allotments(t.Context(), s.DB, s.lot.ID)
	if err != nil || len(list) != 1 || list[0].Qty != 12*s.product.BasePerUnit {
		t.Fatalf("%+v, %v", list, err)
	}
	share := lots + "/allot/" + string(list[0].ID)
	s.operator.Post(share, url.Values{"do": {"resize"}, "units": {"41"}}).Is(http.StatusConflict)
	s.operator.Post(share, url.Values{"do": {"resize"}, "units": {"8"}})
	s.host.Post(share, url.Values{"do": {"back"}}).Is(http.StatusForbidden)
	s.operator.Post(share, url.Values{"do": {"back"}})
	x, err := lot.AllotmentByID(t.Context(), s.DB, list[0].ID)
	if err != nil || x.State != lot.AllotBack || x.Qty != 8*s.product.BasePerUnit {
		t.Errorf("%+v, %v", x, err)
	}
}

// TestADoubleTapReceivesOnce: the form carries a key.
func TestADoubleTapReceivesOnce(t *testing.T) {
	s := onAir(t)
	pick := s.Person("Pick", actor.Selector)
	lots := "/desk/lots/" + string(s.lot.ID)
	f := pick.Get(lots).Form("#move").Values
	f.Set("kind", "receive")
	f.Set("qty", "5") // kilograms
	pick.Post(lots+"/move", f)
	pick.Post(lots+"/move", f)
	more := s.path("/items/" + string(s.item) + "/release")
	tap := url.Values{"n": {"3"}, "key": {"more-1"}}
	s.operator.Post(more, tap)
	s.operator.Post(more, tap)
	m, err := lot.ByID(t.Context(), s.DB, s.lot.ID)
	if err != nil || m[s.lot.ID].OnHand != s.lot.OnHand+5000 {
		t.Errorf("%d on hand of %d, %v", m[s.lot.ID].OnHand, s.lot.OnHand, err)
	}
	s.operator.Get(s.path("/pulse")).Has(`"released":13`)
}
