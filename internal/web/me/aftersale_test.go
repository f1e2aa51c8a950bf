package me_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"testing"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/aftersale"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/order"
	"lindu.example/lindu/internal/web/me"
	"lindu.example/lindu/internal/web/webtest"
)

// upload posts a form with photos.
func upload(c *webtest.Client, path string, fields map[string]string, photos ...[]byte) *webtest.Page {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		w.WriteField(k, v)
	}
	for _, p := range photos {
		f, _ := w.CreateFormFile("photos", "IMG_1.jpg")
		f.Write(p)
	}
	w.Close()
	r := c.Request("POST", path, nil)
	r.ContentLength, r.Body = int64(b.Len()), io.NopCloser(&b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return c.Do(r)
}

func picture(t *testing.T) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestABuyerClaimsWithAPhotoFromTheOrdersPage(t *testing.T) {
	w := webtest.New(t, me.Routes)
	w.Site.Flow.ClaimWithin = 48 * time.Hour
	buyer, other, service := w.Person("Buyer"), w.Person("Other"), w.Person("Service", actor.Service)
	p := w.Product("Berries", 3990)
	w.Lot(p, w.Producer("Wang"), 20)
	o := w.Order(buyer, p, 2)
	w.Pay(buyer, o)
	page := "/orders/" + string(o.ID)
	ask := page + "/after-sale"

	// Before the parcel leaves some units are cancelled at once.
	buyer.Get(page).Is(http.StatusOK).Must(`a[href="` + ask + `"]`)
	form := buyer.Get(ask).Is(http.StatusOK).Form(`form[enctype="multipart/form-data"]`)
	line := "line-" + string(o.Lines[0].ID)
	upload(buyer, ask, map[string]string{"key": form.Values.Get("key"), "kind": "cancel", "reason": "unwanted", line: "9"}).Is(http.StatusConflict).Must("[data-error]")
	upload(buyer, ask, map[string]string{"key": form.Values.Get("key"), "kind": "cancel", "reason": "unwanted", line: "1"}).GoesTo(page + "#after-sale")
	buyer.Get(page).Is(http.StatusOK).Has("39.90").Must("#after-sale .badge")

	w.Ship(o)
	if _, err := w.Site.Flow.ReceiveOrder(context.Background(), buyer.Actor(), o.ID); err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{"key": id.New[string](), "kind": "claim", "reason": "quality", "words": "soft <b>berries</b>", line: "3000"}
	upload(buyer, ask, fields).Is(http.StatusUnprocessableEntity).Must("[data-error]")
	upload(buyer, ask, fields, []byte("no picture")).Is(http.StatusUnprocessableEntity).Must("[data-error]")
	upload(buyer, ask, fields, picture(t)).GoesTo(page + "#after-sale")
	cases, err := aftersale.OfOrder(context.Background(), w.DB, o.ID)
	if err != nil || len(cases) != 2 || len(cases[1].Photos) != 1 || cases[1].Sum() != 1197 {
		t.Fatalf("%+v %v", cases, err)
	}
	seen := buyer.Get(page).Is(http.StatusOK)
	src := seen.Must("#after-sale .case-photos img").Attr("src")
	buyer.Get(src).Is(http.StatusOK)
	other.Get(src).Is(http.StatusNotFound)
	service.Get(src).Is(http.StatusOK)
	other.Get(ask).Is(http.StatusNotFound)
	upload(other, ask, fields, picture(t)).Is(http.StatusNotFound)

	buyer.Post(page+"/cases/"+string(cases[1].ID)+"/withdraw", nil).GoesTo(page + "#after-sale")
	other.Post(page+"/cases/"+string(cases[1].ID)+"/withdraw", nil).Is(http.StatusNotFound)
	if c, err := aftersale.ByID(context.Background(), w.DB, cases[1].ID); err != nil || c.State != aftersale.Withdrawn {
		t.Errorf("%s %v", c.State, err)
	}
	if x, err := order.ByID(context.Background(), w.DB, o.ID); err != nil || x.Refunded() != 3990 {
		t.Errorf("%s back, %v", x.Refunded(), err)
	}
}
