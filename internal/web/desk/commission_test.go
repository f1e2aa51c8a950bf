package desk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web/webtest"
)

func TestCommissionPlansOfAProduct(t *testing.T) {
	s := onAir(t)
	pick, over := s.Person("Pick", actor.Selector), s.overseer
	path := "/desk/products/" + string(s.product.ID)
	for _, c := range []*webtest.Client{pick, over, pick.In(i18n.English)} {
		c.Get(path).Is(http.StatusOK).Must("#plans")
	}
	if len(over.Get(path).All("#plans form")) != 0 {
		t.Error("an overseer has a form")
	}
	over.Post(path+"/plans", webtest.Values("plan", "open", "rate", "5")).Is(http.StatusForbidden)

	p := pick.In(i18n.English).Post(path+"/plans", webtest.Values("plan", "exclusive", "rate", "12.5"))
	if p.Is(http.StatusUnprocessableEntity); !strings.Contains(p.Body, "the other plans need one") || !strings.Contains(p.Body, `value="12.5"`) {
		t.Error("no words about the host, or what was typed is gone")
	}
	pick.Post(path+"/plans", webtest.Values("plan", "open", "rate", "60")).Is(http.StatusUnprocessableEntity)
	pick.Post(path+"/plans", webtest.Values("plan", "targeted", "host", string(s.host.User.ID), "rate", "12.5")).Is(http.StatusSeeOther)
	if body := pick.Get(path).Is(http.StatusOK).Body; !strings.Contains(body, "12.5%") || !strings.Contains(body, "Host") {
		t.Error("the plan is not shown")
	}
	plans, err := catalog.Plans(context.Background(), s.DB, s.product.ID)
	if err != nil || len(plans[s.product.ID]) != 1 || plans[s.product.ID][0].RateBP != 1250 {
		t.Fatal(plans, err)
	}
	end := path + "/plans/" + string(plans[s.product.ID][0].ID) + "/end"
	for range 2 {
		pick.Post(end, nil).Is(http.StatusSeeOther)
	}
	if plans, _ := catalog.Plans(context.Background(), s.DB, s.product.ID); len(plans) != 0 {
		t.Error("it did not end")
	}
}
