package client

import "time"

// SignInCode is a sign-in code on its way to a phone. Plain is set by a demo only.
type SignInCode struct {
	ID      string    `json:"code_id"`
	Expires time.Time `json:"expires"`
	Plain   string    `json:"code"`
}

// User of the centre.
type User struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Roles []string `json:"roles"`
}

// Address of one's own book.
type Address struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name"`
	Phone    string `json:"phone"` // masked when read
	Province string `json:"province"`
	City     string `json:"city"`
	District string `json:"district,omitempty"`
	Detail   string `json:"detail"`
	Default  bool   `json:"default,omitempty"`
}

// Host of a show.
type Host struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Local     bool   `json:"local"`
	Followers int64  `json:"followers"`
}

// Item of a show's tray.
type Item struct {
	ID         string   `json:"id"`
	No         int      `json:"no"`
	Product    string   `json:"product"`
	State      string   `json:"state"` // coming, on_sale, sold_out, off
	Name       string   `json:"name"`
	SellUnit   string   `json:"sell_unit"`
	PriceFen   int64    `json:"price_fen"`
	Stock      int64    `json:"stock"`
	PerPerson  int64    `json:"per_person"`
	ReturnRule string   `json:"return_rule"` // seven_day, fresh, confirmed
	Producers  []string `json:"producers"`
}

// Message of a room's chat.
type Message struct {
	ID   string    `json:"id"`
	User string    `json:"user"`
	Name string    `json:"name"`
	Body string    `json:"body"`
	At   time.Time `json:"at"`
}

// Counts of a room: all of them true.
type Counts struct {
	Online  int   `json:"online"`
	Entered int64 `json:"entered"`
	Likes   int64 `json:"likes"`
}

// Show with its tray.
type Show struct {
	ID     string    `json:"id"`
	Title  string    `json:"title"`
	State  string    `json:"state"` // announced, live, ended, cancelled
	Starts time.Time `json:"starts"`
	Host   Host      `json:"host"`
	Items  []Item    `json:"items"`
	Pinned string    `json:"pinned"`
	Chat   []Message `json:"chat"`
	Counts Counts    `json:"counts"`
	Stream string    `json:"stream"` // idle, live, away, ended
	HLS    string    `json:"hls"`
}

// WantLine is what a buyer wants: an item of a show, or a product outside one.
type WantLine struct {
	Item     string `json:"item,omitempty"`
	Product  string `json:"product,omitempty"`
	Units    int64  `json:"units"`
	PriceFen int64  `json:"price_fen"` // as the buyer saw it
}

// Want is an order to be placed.
type Want struct {
	Show       string     `json:"show,omitempty"`
	Lines      []WantLine `json:"lines"`
	Address    string     `json:"address"`
	NoReturnOK bool       `json:"no_return_ok,omitempty"`
	Note       string     `json:"note,omitempty"`
}

// Order of a buyer.
type Order struct {
	ID          string     `json:"id"`
	No          string     `json:"no"`
	Show        string     `json:"show"`
	State       string     `json:"state"` // unpaid, paid, shipped, received, done, closed
	CloseReason string     `json:"close_reason"`
	GoodsFen    int64      `json:"goods_fen"`
	FreightFen  int64      `json:"freight_fen"`
	TotalFen    int64      `json:"total_fen"`
	Lines       []Line     `json:"lines"`
	Placed      time.Time  `json:"placed"`
	Expires     *time.Time `json:"expires"`
}

// Line of an order.
type Line struct {
	ID       string `json:"id"`
	Item     string `json:"item"`
	Product  string `json:"product"`
	Name     string `json:"name"`
	Units    int64  `json:"units"`
	PriceFen int64  `json:"price_fen"`
	GoodsFen int64  `json:"goods_fen"`
}

// Quote is a price without an order.
type Quote struct {
	GoodsFen   int64 `json:"goods_fen"`
	FreightFen int64 `json:"freight_fen"`
	TotalFen   int64 `json:"total_fen"`
	NoReturn   bool  `json:"no_return"` // a tick is needed
	Deliver    bool  `json:"deliver"`
}

// Payment that was opened.
type Payment struct {
	ID        string `json:"payment"`
	AmountFen int64  `json:"amount_fen"`
	PayURL    string `json:"pay_url"`
}

// Balance of a producer.
type Balance struct {
	Producer   string `json:"producer"`
	Name       string `json:"name"`
	Local      bool   `json:"local"`
	PendingFen int64  `json:"pending_fen"`
	OwedFen    int64  `json:"owed_fen"`
	PaidFen    int64  `json:"paid_fen"`
}

// ItemChange changes what is set.
type ItemChange struct {
	State     *string `json:"state,omitempty"` // coming, on_sale, off
	PriceFen  *int64  `json:"price_fen,omitempty"`
	WasFen    *int64  `json:"was_fen,omitempty"`
	PerPerson *int64  `json:"per_person,omitempty"`
}
