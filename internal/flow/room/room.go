package room

import (
	"time"

	"lindu.example/lindu/internal/compliance"
	"lindu.example/lindu/internal/id"
	"lindu.example/lindu/internal/money"
)

// Channel is the realtime room of a show.
func Channel(s id.Show) string { return channelPrefix + string(s) }

const channelPrefix = "show:"

// Kinds of realtime events, each with the type of its data.
const (
	KindChat   = "chat"   // Message
	KindHide   = "hide"   // MessageRef
	KindItem   = "item"   // Item: price, stock, state, all of it
	KindPin    = "pin"    // PinEvent
	KindShow   = "show"   // ShowEvent: announced, live, ended
	KindStream = "stream" // StreamEvent: live, away, ended
	KindCount  = "count"  // Counts
	KindLike   = "like"   // Likes: hearts to fly up
	KindNotice = "notice" // Notice: an announcement by staff
	KindGift   = "gift"   // GiftEvent: a gift to charity was paid

	KindComment = "comment" // CommentEvent: the message above the chat
	KindRules   = "rules"   // Rules of the chat
	// KindQueue tells moderators' pages that something waits for them. It holds
	// nothing: everybody in the room hears it.
	KindQueue = "queue"
	// KindHelp tells pages of host and staff that the host calls, or that
	// somebody comes. It holds nothing, for the same reason.
	KindHelp       = "help"       // Help
	KindCorrection = "correction" // Correction: something was said wrongly
	KindAI         = "ai"         // AIEvent: parts that AI makes
	// KindLost is the hub's own: events are gone, reload the State.
	KindLost = "lost"
)

// Item is a numbered product of the tray, as screens, API and events show it.
type Item struct {
	ID         id.Item    `json:"id"`
	No         int        `json:"no"`
	Product    id.Product `json:"product"`
	State      string     `json:"state" enum:"coming,on_sale,sold_out,off"`
	Name       string     `json:"name"`
	Summary    string     `json:"summary,omitempty"`
	SellUnit   string     `json:"sell_unit"`
	NetG       int64      `json:"net_g" doc:"net weight of a sell unit in grams, 0 if it has none"`
	Price      money.Fen  `json:"price_fen"`
	Was        money.Fen  `json:"was_fen,omitempty"`
	Per500g    money.Fen  `json:"per_500g_fen,omitempty"`
	Stock      int64      `json:"stock" doc:"sell units that can be ordered now"`
	PerPerson  int64      `json:"per_person,omitempty" doc:"most units a person may order, 0 for no limit"`
	ReturnRule string     `json:"return_rule" enum:"seven_day,fresh,confirmed"`
	Picture    string     `json:"picture,omitempty" doc:"address of a square picture about 320 px wide"`
	Flash      *Flash     `json:"flash,omitempty" doc:"its flash sale, from when it is planned until it is over"`
	Producers  []string   `json:"producers" doc:"whose goods: names of the producers of the lots on sale"`
}

// Flash is an item's flash sale. Its state follows from the times: before
// countdown planned, then counting down, from starts to ends selling at
// price_fen. Clocks differ, so a screen counts by the server's: at.
type Flash struct {
	ID        id.Flash  `json:"id"`
	Price     money.Fen `json:"price_fen" doc:"what an order must name while it runs"`
	Total     int64     `json:"total"`
	Left      int64     `json:"left" doc:"units that can still be had at this price"`
	PerPerson int64     `json:"per_person,omitempty" doc:"most units a person may order at this price, 0 for no limit"`
	Countdown time.Time `json:"countdown" doc:"when the countdown begins"`
	Starts    time.Time `json:"starts"`
	Ends      time.Time `json:"ends"`
	At        time.Time `json:"at" doc:"the server's clock when this was read"`
}

// Deal is the item as it is sold at a time: while its flash sale runs, at that
// price, with the normal one crossed out.
func (it Item) Deal(now time.Time) Item {
	if it.Flash == nil || !it.Flash.Running(now) {
		return it
	}
	f := it.Flash
	it.Was, it.Price, it.Stock = it.Price, f.Price, min(it.Stock, f.Left)
	it.Per500g = f.Price.Per500g(it.NetG)
	if f.PerPerson > 0 && (it.PerPerson == 0 || f.PerPerson < it.PerPerson) {
		it.PerPerson = f.PerPerson
	}
	return it
}

// Running tells whether it sells at a time.
func (f Flash) Running(now time.Time) bool {
	return f.Left > 0 && !now.Before(f.Starts) && now.Before(f.Ends)
}

// Message of the chat.
type Message struct {
	ID    id.Message `json:"id"`
	User  id.User    `json:"user"`
	Name  string     `json:"name"`
	Badge string     `json:"badge,omitempty" enum:",host,staff"`
	Body  string     `json:"body"`
	At    time.Time  `json:"at" doc:"when everybody could see it"`
	Reply *Quoted    `json:"reply,omitempty" doc:"what it answers"`
	// Waiting is only ever true in an answer to the writer.
	Waiting bool `json:"waiting,omitempty" doc:"it waits for the moderators"`
}

// Quoted is a message that another answers; a hidden one has no words.
type Quoted struct {
	ID   id.Message `json:"id"`
	Name string     `json:"name,omitempty"`
	Body string     `json:"body,omitempty"`
}

// CommentEvent is the message above the chat, nil for none.
type CommentEvent struct {
	Message *Message `json:"message"`
}

// Rules of the chat that a writer should know.
type Rules struct {
	SlowMode int `json:"slow_mode"`
}

// Help says that a host's call changed; who may, reads it.
type Help struct{}

// MessageRef names a message that was hidden.
type MessageRef struct {
	ID id.Message `json:"id"`
}

// PinEvent is the item explained now; "" for none.
type PinEvent struct {
	Item id.Item `json:"item"`
}

// ShowEvent is a new state of the show.
type ShowEvent struct {
	State string `json:"state" enum:"draft,announced,live,ended,cancelled"`
	Cut   string `json:"cut,omitempty" doc:"why it was ended by force"`
}

// Correction of something said in the show.
type Correction struct {
	ID    id.Correction `json:"id"`
	Wrong string        `json:"wrong"`
	Right string        `json:"right"`
	At    time.Time     `json:"at"`
}

// CorrectionOf is a correction as a room shows it.
func CorrectionOf(c compliance.Correction) Correction {
	return Correction{ID: c.ID, Wrong: c.Wrong, Right: c.Right, At: c.At}
}

// AIEvent are the parts of the show that AI makes.
type AIEvent struct {
	AI []string `json:"ai"`
}

// StreamEvent is a new state of the picture.
type StreamEvent struct {
	State string `json:"state" enum:"idle,live,away,ended"`
}

// Counts are true counts: sockets open now, people who entered, likes.
type Counts struct {
	Online  int   `json:"online"`
	Entered int64 `json:"entered"`
	Likes   int64 `json:"likes"`
}

// Likes are hearts given since the last tick.
type Likes struct {
	N int64 `json:"n"`
}

// Notice is an announcement by staff.
type Notice struct {
	Body string `json:"body"`
}

// GiftEvent is a paid gift: what it was, and by whom only where the giver
// agreed. No amount: nobody is ranked by money.
type GiftEvent struct {
	ID     id.Gift `json:"id"`
	NameZh string  `json:"name_zh"`
	NameEn string  `json:"name_en"`
	Icon   string  `json:"icon"`
	Giver  string  `json:"giver,omitempty"`
}

// Host of the show.
type Host struct {
	ID        id.User `json:"id"`
	Name      string  `json:"name"`
	Local     bool    `json:"local" doc:"a host of the county"`
	Picture   string  `json:"picture,omitempty"`
	Followers int64   `json:"followers"`
}

// State is the truth of a room: what a page loads first, and again whenever
// the stream of messages was lost.
type State struct {
	ID          id.Show      `json:"id"`
	Title       string       `json:"title"`
	Summary     string       `json:"summary,omitempty"`
	AI          []string     `json:"ai,omitempty" enum:"host,voice,picture" doc:"parts that AI makes: labelled over the picture all the time"`
	Cut         string       `json:"cut,omitempty" doc:"why it was ended by force"`
	Corrections []Correction `json:"corrections,omitempty" doc:"what was said wrongly, the newest last"`
	Practice    bool         `json:"practice,omitempty" doc:"only its host and staff see it, and nothing in it is real"`
	Cover       string       `json:"cover,omitempty"`
	Orientation string       `json:"orientation" enum:"portrait,landscape"`
	State       string       `json:"state" enum:"draft,announced,live,ended,cancelled"`
	Starts      time.Time    `json:"starts"`
	Host        Host         `json:"host"`
	Items       []Item       `json:"items"`
	Pinned      id.Item      `json:"pinned"`
	Chat        []Message    `json:"chat"`
	Comment     *Message     `json:"comment,omitempty" doc:"the message above the chat"`
	Counts      Counts       `json:"counts"`
	Stream      string       `json:"stream" enum:"idle,live,away,ended"`
	HLS         string       `json:"hls,omitempty" doc:"address of the low-latency playlist"`
	HLSPlain    string       `json:"hls_plain,omitempty" doc:"address of the plain playlist for native players"`
	SlowMode    int          `json:"slow_mode"`
	At          time.Time    `json:"at" doc:"when this was read"`
}

// Card is a show in a list: the hall, "coming up", the API.
type Card struct {
	ID          id.Show   `json:"id"`
	Title       string    `json:"title"`
	Cover       string    `json:"cover,omitempty"`
	State       string    `json:"state"`
	Starts      time.Time `json:"starts"`
	Host        Host      `json:"host"`
	Orientation string    `json:"orientation"`
	ItemCount   int       `json:"item_count"`
	Items       []Item    `json:"items,omitempty" doc:"the first three"`
}
