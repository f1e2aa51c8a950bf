// Command lindu is the whole centre in one binary: the server, its demo world,
// and the tools that look after its records. `lindu --help` lists them.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"lindu.example/lindu/internal/bench"
)

// version is set by the build.
var version = "dev"

type commands struct {
	Config string   `help:"Configuration file (YAML); 'lindu config' prints one with every key." type:"existingfile" short:"c" placeholder:"FILE"`
	Set    []string `help:"Set a configuration key, like --set orders.unpaid_for=10m. May be repeated." sep:"none" placeholder:"KEY=VALUE"`

	Serve   serveCmd   `cmd:"" help:"Serve the centre."`
	Demo    demoCmd    `cmd:"" help:"Serve a centre with a made-up county, a running show and buyers: offline, nothing to install."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to this version's schema. 'serve' does it too."`
	Fsck    fsckCmd    `cmd:"" help:"Recompute stock, orders and books from the records and say what does not agree. Exits with 1 on a finding."`
	Verify  verifyCmd  `cmd:"" help:"Check a centre's public log from outside: no database, no trust. Exits with 1 if something is wrong, 2 if it could not be checked."`
	Log     logCmd     `cmd:"" help:"Look after the public log: check, rebuild, adopt, key, witness."`
	Secret  secretCmd  `cmd:"" help:"Seal secrets of the configuration: secret seal."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine: bench orders."`
	Conf    configCmd  `cmd:"" name:"config" help:"Print every configuration key with its default and what it does."`
	Openapi openapiCmd `cmd:"" name:"openapi" help:"Print the description of the JSON API (OpenAPI 3.1)."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	var c commands
	k := kong.Parse(&c, kong.Name("lindu"),
		kong.Description("Lindu, the operating system of a live-commerce centre.\n\nTry it: lindu demo"),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(bench.Sets(c.Set))
	k.FatalIfErrorf(k.Run(&c))
}
