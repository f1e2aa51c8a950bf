package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
)

// Config is everything that can be set.
type Config struct {
	HTTP    string `koanf:"http" doc:"address the site is served at; port 0 picks a free one"`
	RTMP    string `koanf:"rtmp" doc:"address OBS and ffmpeg publish to; empty turns it off"`
	BaseURL string `koanf:"base_url" doc:"public address of the site, like https://lindu.example; empty: http:// and the address above"`
	RTMPURL string `koanf:"rtmp_url" doc:"public address hosts type into OBS, like rtmp://lindu.example/live; empty: from the address above"`
	Data    string `koanf:"data" doc:"folder of the database, pictures and keys"`
	DB      string `koanf:"db" doc:"postgres://… for PostgreSQL; empty: a SQLite file in the data folder"`
	DBConns int    `koanf:"db_conns" doc:"most database connections; 0: a default for two cores"`
	Redis   string `koanf:"redis" doc:"redis://… spreads the rooms over several nodes; empty: in memory"`
	KeyFile string `koanf:"key_file" doc:"file of the master keys for personal data and sealed secrets; empty: keys/master.key in the data folder, made at the first start"`
	Proxies int    `koanf:"proxies" doc:"how many trusted proxies in front add to X-Forwarded-For"`

	TLS     TLS     `koanf:"tls"`
	Log     Log     `koanf:"log"`
	Centre  Centre  `koanf:"centre"`
	Orders  Orders  `koanf:"orders"`
	Payment Payment `koanf:"payment"`
	Gift    Gift    `koanf:"gift"`
	SMS     SMS     `koanf:"sms"`
	Live    Live    `koanf:"live"`
	PubLog  PubLog  `koanf:"public_log"`

	RTC       RTC       `koanf:"rtc"`
	Recording Recording `koanf:"recording"`
	Alerts    Alerts    `koanf:"alerts"`

	// Unsealed are the settings whose secret was read from a plain file, for the
	// log. Nobody sets them.
	Unsealed []string `koanf:"-"`
}

// TLS of our own, where no proxy ends it.
type TLS struct {
	Cert string `koanf:"cert" doc:"certificate file (PEM); with a key the site is served over HTTPS"`
	Key  string `koanf:"key" doc:"its private key file (PEM)"`
}

// Log of the server.
type Log struct {
	Level  string `koanf:"level" doc:"debug, info, warn or error"`
	Format string `koanf:"format" doc:"text or json"`
}

// Centre is who runs the site; the law wants it on the home page.
type Centre struct {
	Name           string `koanf:"name" doc:"short name beside the logo"`
	LegalName      string `koanf:"legal_name" doc:"legal name of who sells"`
	LicenceNo      string `koanf:"licence_no" doc:"business licence number"`
	FoodLicenceNo  string `koanf:"food_licence_no" doc:"food trade licence or filing number"`
	FoodLicenceTo  string `koanf:"food_licence_until" doc:"last day of the food licence, like 2031-01-31; open for a filing, which has no end. Without it no show with packaged food begins"`
	ICP            string `koanf:"icp" doc:"ICP filing number as it is to be shown"`
	ComplaintPhone string `koanf:"complaint_phone" doc:"phone number for complaints"`
	Address        string `koanf:"address" doc:"where the centre is"`
}

// Orders and their clocks.
type Orders struct {
	UnpaidFor     time.Duration `koanf:"unpaid_for" doc:"how long an order waits for its payment"`
	FlashUnpaid   time.Duration `koanf:"flash_unpaid_for" doc:"how long an order with goods of a flash sale waits"`
	MaxUnpaid     int64         `koanf:"max_unpaid" doc:"most unpaid orders of a buyer, each of which holds goods; 0: no limit"`
	TransferFor   time.Duration `koanf:"transfer_for" doc:"how long it waits once the buyer has chosen a bank transfer"`
	ReceivedAfter time.Duration `koanf:"received_after" doc:"a shipped order counts as received after this"`
	DoneAfter     time.Duration `koanf:"done_after" doc:"a received order is done, its after-sale window closed, after this"`
	ClaimWithin   time.Duration `koanf:"claim_within" doc:"goods that came bad are claimed with a photo within this of receipt"`
	StatementCut  string        `koanf:"statement_cut" doc:"how often statements are made: half_month or month"`
	Queue         int           `koanf:"queue" doc:"most orders waiting at the desk; more are told to try again"`
	Group         int           `koanf:"group" doc:"most orders in one transaction"`
	Writers       int           `koanf:"writers" doc:"how many such transactions at once, on PostgreSQL"`
}

// Payment ways. Keys stand in files of their own, sealed or readable by the
// server only, and never in this configuration (docs/payments.md).
type Payment struct {
	OfflineText string `koanf:"offline_text" doc:"account for offline transfers as buyers see it; empty turns offline transfers off"`
	// SinglePerson lets one person do what two should: a village has no more.
	SinglePerson bool   `koanf:"single_person" doc:"true where one person keeps the money: who proposes a refund or a settlement may also confirm it"`
	WeChat       WeChat `koanf:"wechat"`
	Alipay       Alipay `koanf:"alipay"`
}

// WeChat Pay, API v3; off without a merchant number.
type WeChat struct {
	Merchant       string `koanf:"merchant" doc:"WeChat Pay merchant number (mchid); empty turns WeChat Pay off"`
	App            string `koanf:"app" doc:"app id that the merchant number is bound to"`
	AppSecretFile  string `koanf:"app_secret_file" doc:"file with the app's secret, sealed or mode 600, for paying inside WeChat; empty: buyers inside WeChat scan a code"`
	KeyFile        string `koanf:"key_file" doc:"file of the merchant's private key (apiclient_key.pem), sealed by 'lindu secret seal' or mode 600"`
	Serial         string `koanf:"serial" doc:"serial number of the merchant's API certificate"`
	APIv3KeyFile   string `koanf:"apiv3_key_file" doc:"file with the API v3 key, 32 characters, sealed or mode 600"`
	PublicKeyID    string `koanf:"public_key_id" doc:"PUB_KEY_ID_… of WeChat Pay's public key"`
	PublicKeyFile  string `koanf:"public_key_file" doc:"WeChat Pay's public key (pub_key.pem)"`
	CertificateDir string `koanf:"certificate_dir" doc:"folder of platform certificates (*.pem), for merchants without a public key or during the change-over"`
}

// Alipay; off without an app id.
type Alipay struct {
	App           string `koanf:"app" doc:"Alipay app id; empty turns Alipay off"`
	Seller        string `koanf:"seller" doc:"seller id (2088…); callbacks of another one are refused"`
	KeyFile       string `koanf:"key_file" doc:"file of our private key, sealed by 'lindu secret seal' or mode 600"`
	PublicKeyFile string `koanf:"public_key_file" doc:"Alipay's public key"`
}

// Gift to the charity fund, given in a room.
type Gift struct {
	LicenceNo string `koanf:"licence_no" doc:"number of the licence for paid live performance; empty: gifts are off"`
	MaxYuan   int64  `koanf:"max_yuan" doc:"most a gift, in yuan; givers may set less"`
	DayYuan   int64  `koanf:"day_yuan" doc:"most a person may give a day, in yuan; givers may set less"`
}

// SMS goes out through a webhook that the centre's SMS provider is bound to.
type SMS struct {
	WebhookURL    string `koanf:"webhook_url" doc:"https address that sends a text; empty: nobody can sign in but in the demo"`
	WebhookSecret string `koanf:"webhook_secret" doc:"signs what is posted there (HMAC-SHA-256); better file:/path or sealed than plain here"`
}

// Live picture and room.
type Live struct {
	MaxPublishers int `koanf:"max_publishers" doc:"most pictures published at once"`
	MaxSockets    int `koanf:"max_sockets" doc:"most people listening to rooms at once on this node"`
	// SendPrivate is for closed sites; elsewhere an operator could reach what
	// only this server may.
	SendPrivate bool `koanf:"send_private" doc:"true lets pictures be sent on to servers in private networks too"`
}

// PubLog is the public log of what promises are about.
type PubLog struct {
	Name      string `koanf:"name" doc:"name of the log and its key, given at the first start and kept; empty: the site's host with /log"`
	Witnesses string `koanf:"witnesses" doc:"verifier keys of witnesses (the overseer) whose cosignatures are taken, with commas between; 'lindu log witness --new NAME' makes one"`
}

// Default is the configuration of a first start.
func Default() Config {
	return Config{
		HTTP: "127.0.0.1:8080",
		RTMP: ":1935",
		Data: "data",
		Log:  Log{Level: "info", Format: "text"},
		Centre: Centre{
			Name:      "Lindu",
			LegalName: "Lindu",
		},
		Orders: Orders{
			UnpaidFor:     15 * time.Minute, // features.md 17
			FlashUnpaid:   5 * time.Minute,
			MaxUnpaid:     5,
			TransferFor:   24 * time.Hour,
			ReceivedAfter: 15 * 24 * time.Hour, // features.md 18
			DoneAfter:     7 * 24 * time.Hour,
			StatementCut:  "half_month",
			ClaimWithin:   48 * time.Hour, // features.md 29
			Queue:         2048,
			Group:         256,
			Writers:       2,
		},
		Gift: Gift{MaxYuan: 200, DayYuan: 500},
		Live: Live{MaxPublishers: 32, MaxSockets: 20_000},

		RTC:       defaultRTC(),
		Recording: defaultRecording(),
		Alerts:    defaultAlerts(),
	}
}

// Load reads the configuration. path may be empty; sets are "key=value".
func Load(path string, environ func() []string, sets []string) (Config, error) {
	c, err := parse(path, environ, sets)
	if err != nil {
		return Config{}, err
	}
	return c.finish()
}

// parse reads the values as they stand, unchecked.
func parse(path string, environ func() []string, sets []string) (Config, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		return Config{}, err
	}
	known := map[string]bool{}
	for _, key := range k.Keys() {
		known[key] = true
	}
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, fmt.Errorf("config: %s can't be read: %w", path, err)
		}
	}
	err := k.Load(env.Provider(".", env.Opt{Prefix: "LINDU_", EnvironFunc: withoutTests(environ), TransformFunc: func(key, v string) (string, any) {
		return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(key, "LINDU_")), "__", "."), v
	}}), nil)
	if err != nil {
		return Config{}, fmt.Errorf("config: environment: %w", err)
	}
	flags := map[string]any{}
	for _, s := range sets {
		key, v, ok := strings.Cut(s, "=")
		if !ok {
			return Config{}, fmt.Errorf("config: --set %q is not key=value", s)
		}
		flags[key] = v
	}
	if err := k.Load(confmap.Provider(flags, "."), nil); err != nil {
		return Config{}, fmt.Errorf("config: --set: %w", err)
	}
	for _, key := range k.Keys() {
		if !known[key] {
			return Config{}, fmt.Errorf("config: unknown key %q; `lindu config` lists them all", key)
		}
	}
	var c Config
	if err := k.UnmarshalWithConf("", &c, koanf.UnmarshalConf{Tag: "koanf", DecoderConfig: &mapstructure.DecoderConfig{
		DecodeHook: mapstructure.StringToTimeDurationHookFunc(), WeaklyTypedInput: true, ErrorUnused: true, Result: &c, TagName: "koanf",
	}}); err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	return c, nil
}

// withoutTests leaves out LINDU_TEST_…, which steers tests and configures
// nothing.
func withoutTests(environ func() []string) func() []string {
	return func() []string {
		var out []string
		for _, e := range environ() {
			if !strings.HasPrefix(e, "LINDU_TEST_") {
				out = append(out, e)
			}
		}
		return out
	}
}

// finish fills what follows from other values and checks everything, telling
// all that is wrong at once.
func (c Config) finish() (Config, error) {
	var errs []error
	wrong := func(key, why string) { errs = append(errs, fmt.Errorf("config: %s: %s", key, why)) }
	if _, _, err := net.SplitHostPort(c.HTTP); err != nil {
		wrong("http", "must be host:port, like 127.0.0.1:8080")
	}
	if _, _, err := net.SplitHostPort(c.RTMP); c.RTMP != "" && err != nil {
		wrong("rtmp", "must be host:port, like :1935, or empty")
	}
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.HasSuffix(c.BaseURL, "/")) {
		wrong("base_url", "must be http(s)://host without a slash at the end")
	}
	if c.Data == "" {
		wrong("data", "must name a folder")
	}
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		wrong("tls", "cert and key go together")
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		wrong("log.format", "must be text or json")
	}
	switch c.Log.Level {
	case "debug", "info", "warn", "error":
	default:
		wrong("log.level", "must be debug, info, warn or error")
	}
	for key, d := range map[string]time.Duration{"orders.unpaid_for": c.Orders.UnpaidFor, "orders.flash_unpaid_for": c.Orders.FlashUnpaid, "orders.transfer_for": c.Orders.TransferFor, "orders.received_after": c.Orders.ReceivedAfter, "orders.done_after": c.Orders.DoneAfter} {
		if d < time.Second {
			wrong(key, "must be a second or more, like 15m")
		}
	}
	if to := c.Centre.FoodLicenceTo; to != "" && to != "open" {
		if _, err := time.Parse(time.DateOnly, to); err != nil {
			wrong("centre.food_licence_until", "must be a day like 2031-01-31, or open")
		}
	}
	if c.Orders.MaxUnpaid < 0 || c.Orders.MaxUnpaid > 1000 {
		wrong("orders.max_unpaid", "must be 0 to 1000")
	}
	if c.Orders.StatementCut != "half_month" && c.Orders.StatementCut != "month" {
		wrong("orders.statement_cut", "must be half_month or month")
	}
	if c.Orders.Writers < 1 || c.Orders.Writers > 64 {
		wrong("orders.writers", "must be 1 to 64")
	}
	if c.Orders.Queue < 1 || c.Orders.Queue > 100_000 {
		wrong("orders.queue", "must be 1 to 100000")
	}
	if c.Orders.Group < 1 || c.Orders.Group > 1000 {
		wrong("orders.group", "must be 1 to 1000")
	}
	if c.Proxies < 0 || c.Proxies > 5 {
		wrong("proxies", "must be 0 to 5")
	}
	if c.Live.MaxPublishers < 1 {
		wrong("live.max_publishers", "must be 1 or more")
	}
	if c.Live.MaxSockets < 1 {
		wrong("live.max_sockets", "must be 1 or more")
	}
	c.RTC.check(wrong)
	c.Recording.check(wrong)
	c.Alerts.check(wrong)
	c.KeyFile = c.masterKeys()
	errs = append(errs, c.openSecrets())
	return c, errors.Join(errs...)
}

// DSN is the address of the database.
func (c Config) DSN() string {
	if c.DB != "" {
		return c.DB
	}
	return filepath.Join(c.Data, "lindu.db")
}

// Secure tells whether browsers reach the site over HTTPS.
func (c Config) Secure() bool {
	return c.TLS.Cert != "" || strings.HasPrefix(c.BaseURL, "https://")
}

// Example is a configuration file with every key, its default and what it does.
func Example() string {
	var b strings.Builder
	b.WriteString("# Every key with its default. An unknown key is an error.\n")
	explain(&b, reflect.ValueOf(Default()), "")
	return b.String()
}

func explain(b *strings.Builder, v reflect.Value, indent string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Tag.Get("koanf") == "-" {
			continue
		}
		if v.Field(i).Kind() == reflect.Struct {
			fmt.Fprintf(b, "\n%s%s:\n", indent, f.Tag.Get("koanf"))
			explain(b, v.Field(i), indent+"  ")
			continue
		}
		fmt.Fprintf(b, "%s# %s\n%s%s: %s\n", indent, f.Tag.Get("doc"), indent, f.Tag.Get("koanf"), scalar(v.Field(i).Interface()))
	}
}

func scalar(v any) string {
	switch x := v.(type) {
	case string:
		return fmt.Sprintf("%q", x)
	case time.Duration:
		return x.String()
	}
	return fmt.Sprint(v)
}
