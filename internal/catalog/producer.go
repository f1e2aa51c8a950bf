package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/audit"
	"lindu.example/lindu/internal/clock"
	"lindu.example/lindu/internal/db"
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/vault"
)

const (
	maxRows   = 10_000 // producers; products
	maxList   = 500
	maxRateBP = 5000
	colPhone  = "producer.phone"
	// NoPhone as PhoneEnc takes a producer's phone away.
	NoPhone = "-"
)

// Kinds of producers and their states, in the order forms show them.
var (
	Kinds          = []string{"household", "coop", "firm"}
	ProducerStates = []string{"active", "paused"}
)

// Producer grows or makes goods.
type Producer struct {
	ID           id.Producer
	Kind         string // household, coop, firm
	Name         string
	Village      string
	District     string
	Local        bool
	PhoneEnc     string // sealed by SealPhone
	LicenceNo    string
	Story        string
	Picture      id.Picture
	CommissionBP int64  // 0 for a local producer, always
	State        string // active, paused
	Created      time.Time
}

// SealPhone seals a producer's phone number for PhoneEnc.
func SealPhone(v *vault.Vault, phone string) (string, error) {
	phone = strings.Join(strings.Fields(phone), "")
	if strings.Trim(phone, "+-0123456789") != "" || len(phone) > 20 || len(phone) > 0 && len(phone) < 7 {
		return "", fault.New(fault.Invalid, "catalog.phone").At("phone")
	}
	return v.Seal(colPhone, phone)
}

// Phone opens a producer's phone number. Show it masked (vault.Phone) unless
// the reader has a right to it.
func (p Producer) Phone(v *vault.Vault) (string, error) { return v.Open(colPhone, p.PhoneEnc) }

func (p *Producer) check() error {
	var c checks
	or(&p.State, "active")
	p.LicenceNo = strings.ToUpper(strings.Join(strings.Fields(p.LicenceNo), ""))
	c.choice("kind", p.Kind, Kinds)
	c.choice("state", p.State, ProducerStates)
	c.text("name", &p.Name, true, 40, false)
	c.text("village", &p.Village, false, 40, false)
	c.text("district", &p.District, true, 40, false)
	c.text("story", &p.Story, false, 2000, true)
	switch {
	case p.LicenceNo == "" && (p.Kind == "coop" || p.Kind == "firm"):
		c.add("licence_no", "catalog.licence_missing")
	case len(p.LicenceNo) > 30 || strings.Trim(p.LicenceNo, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "":
		c.add("licence_no", "catalog.licence")
	}
	switch {
	case p.Local && p.CommissionBP != 0:
		c.add("commission", "catalog.local_commission")
	case p.CommissionBP < 0 || p.CommissionBP > maxRateBP:
		c.add("commission", "catalog.commission", "Max", maxRateBP/100)
	}
	return c.err()
}

// SaveProducer creates (ID empty) or changes a producer (selector). When one
// is changed, an empty PhoneEnc or Picture keeps what stands; NoPhone takes
// the phone away.
func SaveProducer(ctx context.Context, tx *db.Tx, who actor.Actor, p Producer) (id.Producer, error) {
	if err := who.Need(actor.Selector); err != nil {
		return "", err
	}
	if err := p.check(); err != nil {
		return "", err
	}
	if p.PhoneEnc != "" && p.PhoneEnc != NoPhone && !strings.HasPrefix(p.PhoneEnc, "v1.") {
		return "", errors.New("catalog: a producer's phone came in clear") // never quote it
	}
	if p.ID == "" {
		return createProducer(ctx, tx, who, p)
	}
	return p.ID, changeProducer(ctx, tx, who, p)
}

func createProducer(ctx context.Context, tx *db.Tx, who actor.Actor, p Producer) (id.Producer, error) {
	if err := room(ctx, tx, "producer"); err != nil {
		return "", err
	}
	p.ID = id.New[id.Producer]()
	if p.PhoneEnc == NoPhone {
		p.PhoneEnc = ""
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO producer (id, kind, name, village, district, local, phone_enc, licence_no, story, picture_id, commission_bp, state, created_us)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		p.ID, p.Kind, p.Name, p.Village, p.District, p.Local, p.PhoneEnc, p.LicenceNo, p.Story, p.Picture, p.CommissionBP, p.State, tx.NowUs())
	if err != nil {
		return "", err
	}
	return p.ID, audit.Write(ctx, tx, who, "catalog.create_producer", "producer", p.ID,
		map[string]any{"kind": p.Kind, "local": p.Local, "commission_bp": p.CommissionBP})
}

func changeProducer(ctx context.Context, tx *db.Tx, who actor.Actor, p Producer) error {
	m, err := Producers(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	old, ok := m[p.ID]
	if !ok {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	switch p.PhoneEnc {
	case "":
		p.PhoneEnc = old.PhoneEnc
	case NoPhone:
		p.PhoneEnc = ""
	}
	if p.Picture == "" {
		p.Picture = old.Picture
	}
	_, err = tx.Exec(ctx, `
		UPDATE producer SET kind = $2, name = $3, village = $4, district = $5, local = $6, phone_enc = $7, licence_no = $8,
			story = $9, picture_id = $10, commission_bp = $11, state = $12
		WHERE id = $1`,
		p.ID, p.Kind, p.Name, p.Village, p.District, p.Local, p.PhoneEnc, p.LicenceNo, p.Story, p.Picture, p.CommissionBP, p.State)
	if err != nil {
		return err
	}
	detail := map[string]any{"kind": p.Kind, "state": p.State}
	if old.Local != p.Local || old.CommissionBP != p.CommissionBP { // the promise hangs on these
		detail["local"], detail["commission_bp"] = []bool{old.Local, p.Local}, []int64{old.CommissionBP, p.CommissionBP}
	}
	if old.PhoneEnc != p.PhoneEnc {
		detail["phone"] = "changed"
	}
	return audit.Write(ctx, tx, who, "catalog.change_producer", "producer", p.ID, detail)
}

// room refuses one row more than a centre can want.
func room(ctx context.Context, tx *db.Tx, table string) error {
	var n int64
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		return fmt.Errorf("catalog: count %s: %w", table, err)
	}
	if n >= maxRows {
		return fault.New(fault.Conflict, "catalog.full", "Max", maxRows)
	}
	return nil
}

const producerColumns = `id, kind, name, village, district, local, phone_enc, licence_no, story, picture_id, commission_bp, state, created_us`

func scanProducer(r *db.Rows, p *Producer) error {
	var us int64
	err := r.Scan(&p.ID, &p.Kind, &p.Name, &p.Village, &p.District, &p.Local, &p.PhoneEnc, &p.LicenceNo, &p.Story, &p.Picture, &p.CommissionBP, &p.State, &us)
	p.Created = clock.FromUs(us)
	return err
}

// maxIn is how many ids one query asks for.
const maxIn = 256

// Producers reads producers by id; unknown ids are left out.
func Producers(ctx context.Context, q db.Querier, ids ...id.Producer) (map[id.Producer]Producer, error) {
	out := make(map[id.Producer]Producer, len(ids))
	for part := range slices.Chunk(ids, maxIn) {
		rows, err := q.Query(ctx, `SELECT `+producerColumns+` FROM producer WHERE id IN (`+db.In(1, len(part))+`) ORDER BY id`, db.Args(part)...)
		ps, err := db.Collect(rows, err, scanProducer)
		if err != nil {
			return nil, err
		}
		for _, p := range ps {
			out[p.ID] = p
		}
	}
	return out, nil
}

// AllProducers lists producers, the newest first; at most 500.
func AllProducers(ctx context.Context, q db.Querier) ([]Producer, error) {
	rows, err := q.Query(ctx, `SELECT `+producerColumns+` FROM producer ORDER BY created_us DESC, id DESC LIMIT $1`, maxList)
	return db.Collect(rows, err, scanProducer)
}
