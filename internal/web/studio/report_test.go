package studio_test

import (
	"net/http"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/i18n"
	"lindu.example/lindu/internal/web/studio"
	"lindu.example/lindu/internal/web/webtest"
)

func TestAHostReadsTheOwnSheet(t *testing.T) {
	w := webtest.New(t, studio.Routes)
	host := w.Person("Host", actor.Host)
	path, _ := planned(t, w, host)
	en := host.In(i18n.English)
	en.Get(path+"/report").Is(http.StatusOK).Has("never went live", "Paid GMV", "Local share").HasNot("Gift income")
	w.Person("Other", actor.Host).Get(path + "/report").Is(http.StatusNotFound)
	en.Get(path + "/report?format=csv").Is(http.StatusOK).Has("Paid GMV")
}
