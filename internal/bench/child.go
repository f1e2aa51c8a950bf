package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// stopWithin bounds how long a server may take to end.
const stopWithin = time.Minute

// child is a server process.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *json.Decoder
	addr string
}

// start runs `lindu bench serve` and waits for its address.
func start(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return launch(exec.CommandContext(ctx, self, append([]string{"bench", "serve"}, args...)...))
}

// launch starts a server process and waits for its address.
func launch(cmd *exec.Cmd) (_ *child, err error) {
	c := &child{cmd: cmd}
	c.cmd.Stderr = os.Stderr
	c.cmd.WaitDelay = stopWithin
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	c.out = json.NewDecoder(out)
	var r ready
	if err := c.out.Decode(&r); err != nil {
		_ = c.cmd.Process.Kill()
		return nil, fmt.Errorf("bench: the server did not start: %w, %w", err, c.cmd.Wait())
	}
	c.addr = r.Addr
	return c, nil
}

// stop ends the server and tells the CPU time it spent while it was driven.
func (c *child) stop() (time.Duration, error) {
	c.in.Close()
	late := time.AfterFunc(stopWithin, func() { _ = c.cmd.Process.Kill() })
	defer late.Stop()
	var s spent
	err := c.out.Decode(&s)
	return s.CPU, errors.Join(err, c.cmd.Wait())
}

// drive runs `lindu bench load` with a plan.
func drive(ctx context.Context, p plan) (tally, error) {
	var t tally
	self, err := os.Executable()
	if err != nil {
		return t, err
	}
	in, err := json.Marshal(p)
	if err != nil {
		return t, err
	}
	cmd := exec.CommandContext(ctx, self, "bench", "load")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return t, fmt.Errorf("bench: load client: %w", err)
	}
	return t, json.Unmarshal(out, &t)
}
