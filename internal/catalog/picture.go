package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/blob"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
)

// MaxPictures is how many pictures one owner has.
const MaxPictures = 12

// Picture is a stored picture in several widths.
type Picture struct {
	ID            id.Picture
	OwnerKind     string // product, producer, show, user, lot
	OwnerID       string
	Pos           int
	Width, Height int   // of the largest kept, for the layout
	Sizes         []int // widths kept, the smallest first
	Alt           string
}

// URL is the address of the picture at the smallest kept width >= w, or the
// largest there is; "" for the zero Picture.
func (p Picture) URL(w int) string {
	if p.ID == "" || len(p.Sizes) == 0 {
		return ""
	}
	best := p.Sizes[len(p.Sizes)-1]
	for _, s := range slices.Backward(p.Sizes) {
		if s >= w {
			best = s
		}
	}
	return fmt.Sprintf("/media/p/%s/%d.jpg", p.ID, best)
}

func fileKey(p id.Picture, width int) string { return fmt.Sprintf("picture/%s/%d.jpg", p, width) }

// mayPicture tells who may add pictures to what. That a host's show or a
// person's profile is their own is checked for "user" here, for "show" by the
// caller, who knows the show.
func mayPicture(who actor.Actor, ownerKind, ownerID string) error {
	switch ownerKind {
	case "product", "producer", "lot":
		return who.Need(actor.Selector)
	case "show":
		return who.Need(actor.Operator, actor.Host)
	case "user":
		if who.SignedIn() && string(who.User) == ownerID {
			return nil
		}
		return who.Need(actor.Admin)
	}
	return fault.New(fault.Invalid, "fault.choice").At("owner_kind")
}

// AddPicture stores a prepared picture: files first, then the row, so that no
// row ever points at nothing. A producer's first picture becomes their face.
func AddPicture(ctx context.Context, d *db.DB, store blob.Store, who actor.Actor, ownerKind, ownerID, alt string, p Prepared) (Picture, error) {
	if err := mayPicture(who, ownerKind, ownerID); err != nil {
		return Picture{}, err
	}
	var c checks
	c.text("alt", &alt, false, 120, false)
	if err := c.err(); err != nil {
		return Picture{}, err
	}
	if len(p.JPEG) == 0 {
		return Picture{}, errors.New("catalog: a picture that was not prepared")
	}
	pic := Picture{ID: id.New[id.Picture](), OwnerKind: ownerKind, OwnerID: ownerID, Width: p.Width, Height: p.Height,
		Sizes: slices.Sorted(maps.Keys(p.JPEG)), Alt: alt}
	err := putFiles(ctx, store, pic, p)
	if err == nil {
		err = d.Update(ctx, func(tx *db.Tx) (err error) {
			pic.Pos, err = insertPicture(ctx, tx, who, pic)
			return err
		})
	}
	if err != nil {
		return Picture{}, errors.Join(err, dropFiles(context.WithoutCancel(ctx), store, pic))
	}
	return pic, nil
}

func putFiles(ctx context.Context, store blob.Store, pic Picture, p Prepared) error {
	for _, w := range pic.Sizes {
		if err := store.Put(ctx, fileKey(pic.ID, w), bytes.NewReader(p.JPEG[w])); err != nil {
			return err
		}
	}
	return nil
}

func dropFiles(ctx context.Context, store blob.Store, pic Picture) error {
	var errs []error
	for _, w := range pic.Sizes {
		errs = append(errs, store.Delete(ctx, fileKey(pic.ID, w)))
	}
	return errors.Join(errs...)
}

// lockOwner makes changes of one owner's pictures wait for each other and
// refuses an owner of this package that does not exist.
func lockOwner(ctx context.Context, tx *db.Tx, kind, owner string) error {
	if !id.Valid(owner) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if kind != "product" && kind != "producer" {
		return nil
	}
	n, err := tx.Exec(ctx, `UPDATE `+kind+` SET state = state WHERE id = $1`, owner)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return err
}

func insertPicture(ctx context.Context, tx *db.Tx, who actor.Actor, p Picture) (pos int, err error) {
	if err := lockOwner(ctx, tx, p.OwnerKind, p.OwnerID); err != nil {
		return 0, err
	}
	var n int64
	err = tx.QueryRow(ctx, `
		SELECT count(*), coalesce(max(pos), 0) + 1 FROM picture WHERE owner_kind = $1 AND owner_id = $2`,
		p.OwnerKind, p.OwnerID).Scan(&n, &pos)
	if err != nil {
		return 0, err
	}
	if n >= MaxPictures {
		return 0, fault.New(fault.Conflict, "catalog.pictures_full", "Max", MaxPictures)
	}
	sizes, err := json.Marshal(p.Sizes)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO picture (id, owner_kind, owner_id, pos, width, height, sizes, alt, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, p.OwnerKind, p.OwnerID, pos, p.Width, p.Height, string(sizes), p.Alt, tx.NowUs())
	if err != nil {
		return 0, err
	}
	if p.OwnerKind == "producer" {
		if _, err := tx.Exec(ctx, `UPDATE producer SET picture_id = $2 WHERE id = $1 AND picture_id = ''`, p.OwnerID, p.ID); err != nil {
			return 0, err
		}
	}
	return pos, audit.Write(ctx, tx, who, "catalog.add_picture", p.OwnerKind, p.OwnerID, map[string]any{"picture": p.ID})
}

// RemovePicture takes a picture away: the row first, then its files. A file
// that can't be deleted is an error, but the picture is gone all the same.
func RemovePicture(ctx context.Context, d *db.DB, store blob.Store, who actor.Actor, p id.Picture) error {
	var pic Picture
	err := d.Update(ctx, func(tx *db.Tx) error {
		m, err := Pictures(ctx, tx, p)
		if err != nil {
			return err
		}
		var ok bool
		if pic, ok = m[p]; !ok {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if err := mayPicture(who, pic.OwnerKind, pic.OwnerID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM picture WHERE id = $1`, p); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			UPDATE producer SET picture_id = coalesce((
				SELECT x.id FROM picture x WHERE x.owner_kind = 'producer' AND x.owner_id = producer.id ORDER BY x.pos, x.id LIMIT 1), '')
			WHERE picture_id = $1`, p); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, "catalog.remove_picture", pic.OwnerKind, pic.OwnerID, map[string]any{"picture": p})
	})
	if err != nil {
		return err
	}
	return dropFiles(context.WithoutCancel(ctx), store, pic)
}

const pictureColumns = `id, owner_kind, owner_id, pos, width, height, sizes, alt`

func scanPicture(r *db.Rows, p *Picture) error {
	var sizes string
	if err := r.Scan(&p.ID, &p.OwnerKind, &p.OwnerID, &p.Pos, &p.Width, &p.Height, &sizes, &p.Alt); err != nil {
		return err
	}
	return json.Unmarshal([]byte(sizes), &p.Sizes)
}

// Pictures reads pictures by id; unknown ids are left out.
func Pictures(ctx context.Context, q db.Querier, ids ...id.Picture) (map[id.Picture]Picture, error) {
	out := make(map[id.Picture]Picture, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+pictureColumns+` FROM picture WHERE id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		ps, err := db.Collect(rows, err, scanPicture)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.ID] = p
		}
	}
	return out, nil
}

// PicturesOf reads the pictures of owners of one kind, in their order.
func PicturesOf(ctx context.Context, q db.Querier, ownerKind string, owners ...string) (map[string][]Picture, error) {
	out := make(map[string][]Picture, len(owners))
	for part := range slices.Chunk(owners, maxIn) {
		rows, err := q.Query(ctx, `
			SELECT `+pictureColumns+` FROM picture WHERE owner_kind = $1 AND owner_id IN (`+db.In(2, len(part))+`)
			ORDER BY owner_id, pos, id`, append([]any{ownerKind}, db.Args(part)...)...)
		ps, err := db.Collect(rows, err, scanPicture)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.OwnerID] = append(out[p.OwnerID], p)
		}
	}
	return out, nil
}

// OpenPicture reads a stored picture's file by id and width, for the edge.
// Fault NotFound for what there is not.
func OpenPicture(ctx context.Context, store blob.Store, p id.Picture, width int) (io.ReadCloser, int64, error) {
	if !id.Valid(p) || width <= 0 || width > widths[len(widths)-1] {
		return nil, 0, fault.New(fault.NotFound, "fault.not_found")
	}
	return store.Get(ctx, fileKey(p, width))
}
