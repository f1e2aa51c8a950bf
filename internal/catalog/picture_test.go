package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/catalog"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

func prepared(t *testing.T, w, h int) catalog.Prepared {
	t.Helper()
	p, err := catalog.PrepareImage(bytes.NewReader(encode(t, "png", quarters(w, h))))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPictureIsStoredAndServed(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		pid, err := w.saveProducer(selector, household())
		if err != nil {
			w.t.Fatal(err)
		}
		prod, err := w.saveProduct(selector, berries())
		if err != nil {
			w.t.Fatal(err)
		}
		img := prepared(w.t, 1000, 800)
		a, err := catalog.AddPicture(ctx, w.d, w.store, selector, "product", string(prod), " A bowl ", img)
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := catalog.AddPicture(ctx, w.d, w.store, selector, "product", string(prod), "", prepared(w.t, 200, 200))
		if err != nil {
			w.t.Fatal(err)
		}
		pics := w.product(prod).Pictures
		if len(pics) != 2 || fmt.Sprint(pics[0]) != fmt.Sprint(a) || fmt.Sprint(pics[1]) != fmt.Sprint(b) || a.Alt != "A bowl" || a.Pos != 1 || b.Pos != 2 {
			w.t.Errorf("got %+v", pics)
		}
		for width, want := range map[int]int{0: 320, 1: 320, 320: 320, 321: 640, 640: 640, 700: 1000, 5000: 1000} {
			if got := a.URL(width); got != fmt.Sprintf("/media/p/%s/%d.jpg", a.ID, want) {
				w.t.Errorf("%d: %s", width, got)
			}
		}
		if (catalog.Picture{}).URL(320) != "" {
			w.t.Error("no picture has an address")
		}
		r, n, err := catalog.OpenPicture(ctx, w.store, a.ID, 640)
		if err != nil {
			w.t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || !bytes.Equal(got, img.JPEG[640]) || n != int64(len(got)) {
			w.t.Errorf("%d bytes, %v", len(got), err)
		}
		for _, c := range []struct {
			p id.Picture
			w int
		}{{a.ID, 641}, {a.ID, 0}, {a.ID, -1}, {a.ID, 1 << 30}, {"../" + a.ID, 320}, {"", 320}, {id.New[id.Picture](), 320}} {
			if _, _, err := catalog.OpenPicture(ctx, w.store, c.p, c.w); !fault.Is(err, fault.NotFound) {
				w.t.Errorf("%v: %v", c, err)
			}
		}
		face, err := catalog.AddPicture(ctx, w.d, w.store, selector, "producer", string(pid), "", img)
		if err != nil || w.producer(pid).Picture != face.ID {
			w.t.Errorf("the first picture is no face: %v", err)
		}
		if err := catalog.RemovePicture(ctx, w.d, w.store, selector, face.ID); err != nil || w.producer(pid).Picture != "" {
			w.t.Errorf("the face stays: %v", err)
		}
		if keys, err := w.store.List(ctx, "picture/"+string(face.ID)); err != nil || len(keys) != 0 {
			w.t.Errorf("files stay: %v, %v", keys, err)
		}
		if err := catalog.RemovePicture(ctx, w.d, w.store, selector, face.ID); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("removed twice: %v", err)
		}
		if m, err := catalog.Pictures(ctx, w.d, a.ID, face.ID); err != nil || len(m) != 1 {
			w.t.Errorf("by id: %v, %v", m, err)
		}
	})
}

func TestPictureThatIsRefusedLeavesNothing(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		img := prepared(w.t, 10, 10)
		prod, err := w.saveProduct(selector, berries())
		if err != nil {
			w.t.Fatal(err)
		}
		buyer := actor.Actor{User: id.New[id.User](), Via: "web"}
		add := func(who actor.Actor, kind string, owner string) error {
			_, err := catalog.AddPicture(ctx, w.d, w.store, who, kind, owner, "", img)
			return err
		}
		for _, c := range []struct {
			who         actor.Actor
			kind, owner string
			want        fault.Kind
		}{
			{buyer, "product", string(prod), fault.Denied},
			{actor.Actor{}, "product", string(prod), fault.Unauthenticated},
			{buyer, "show", string(id.New[id.Show]()), fault.Denied},
			{buyer, "user", string(selector.User), fault.Denied},
			{selector, "product", string(id.New[id.Product]()), fault.NotFound},
			{selector, "product", "../../x", fault.NotFound},
			{selector, "moon", string(prod), fault.Invalid},
		} {
			if err := add(c.who, c.kind, c.owner); !fault.Is(err, c.want) {
				w.t.Errorf("%s of %v: got %v, want %s", c.kind, c.who.Roles, err, c.want)
			}
		}
		if keys, err := w.store.List(ctx, ""); err != nil || len(keys) != 0 {
			w.t.Errorf("files stay: %v, %v", keys, err)
		}
		if err := add(buyer, "user", string(buyer.User)); err != nil {
			w.t.Errorf("one's own face: %v", err)
		}
		if err := catalog.RemovePicture(ctx, w.d, w.store, buyer, func() id.Picture {
			of, err := catalog.PicturesOf(ctx, w.d, "user", string(buyer.User))
			if err != nil || len(of[string(buyer.User)]) != 1 {
				w.t.Fatal(of, err)
			}
			return of[string(buyer.User)][0].ID
		}()); err != nil {
			w.t.Errorf("one's own face away: %v", err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		full := 0
		for range catalog.MaxPictures + 3 {
			wg.Go(func() {
				_, err := catalog.AddPicture(context.Background(), w.d, w.store, selector, "product", string(prod), "", img)
				mu.Lock()
				defer mu.Unlock()
				if fault.HasKey(err, "catalog.pictures_full") {
					full++
				} else if err != nil {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		var pos []int
		for _, p := range w.product(prod).Pictures {
			pos = append(pos, p.Pos)
		}
		if full != 3 || !slices.IsSorted(pos) || len(slices.Compact(pos)) != catalog.MaxPictures {
			w.t.Errorf("%d refused, positions %v", full, pos)
		}
	})
}

// full is a store whose disk is full.
type full struct{ blob.Store }

var errFull = errors.New("no space left")

func (full) Put(context.Context, string, io.Reader) error { return errFull }

func TestPictureWithoutFilesHasNoRow(t *testing.T) {
	each(t, func(w *world) {
		prod, err := w.saveProduct(selector, berries())
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = catalog.AddPicture(w.t.Context(), w.d, full{w.store}, selector, "product", string(prod), "", prepared(w.t, 10, 10))
		if !errors.Is(err, errFull) || len(w.product(prod).Pictures) != 0 {
			w.t.Errorf("got %v, %v", err, w.product(prod).Pictures)
		}
	})
}
