package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Video is `lindu bench video`: viewers of a stream of 2 Mbit/s at our origin
// and, in turns, at a bare file server with the same bytes; then the time from
// glass to glass, where a browser is installed.
type Video struct {
	JSON     bool          `name:"json" help:"Print one line of JSON: a list, one object a path."`
	Viewers  int           `help:"Viewers at once." default:"1000"`
	Seconds  time.Duration `name:"for" help:"How long each turn is measured." default:"12s"`
	Rounds   int           `help:"Turns of each; medians are told." default:"3"`
	Quick    bool          `help:"200 viewers, one short turn: to see that it works."`
	Glass    bool          `help:"Measure the time from glass to glass." default:"true" negatable:""`
	Chromium string        `help:"Browser for that; empty: the one in the PATH."`
	Profile  string        `help:"Write CPU profiles of our server there, a file a path." placeholder:"DIR"`
}

// VideoResult is what it prints for one path. What was not measured is null.
type VideoResult struct {
	Path          string   `json:"path"`
	Viewers       *int     `json:"viewers"`
	Late          *int64   `json:"late_segments"`
	MbitPerS      *float64 `json:"mbit_per_s"`
	CPU           *float64 `json:"server_cpu_pct"` // of one core
	FilesMbitPerS *float64 `json:"file_server_mbit_per_s"`
	FilesCPU      *float64 `json:"file_server_cpu_pct"`
	Ratio         *float64 `json:"ratio"`  // viewers at equal CPU: ours to the file server's
	Glass         *float64 `json:"g2g_ms"` // median

	note string
}

// warmUp is how long viewers come, one after the other, before it counts.
const warmUp = 5 * time.Second

// turnFigures are what one turn of one server came to.
type turnFigures struct {
	late      int64
	mbit, cpu float64
	problem   string
}

// Run measures and prints.
func (v *Video) Run(ctx context.Context) error {
	if v.Quick {
		v.Viewers, v.Rounds, v.Seconds = 200, 1, 6*time.Second
	}
	dir, err := os.MkdirTemp("", "lindu-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var plain, low, files []turnFigures
	for round := range max(v.Rounds, 1) {
		for _, x := range []struct {
			to    *[]turnFigures
			serve []string
			low   bool
		}{
			{&plain, []string{"--part=210ms"}, false},
			{&files, []string{"--files=" + filepath.Join(dir, fmt.Sprint("files", round))}, false},
			{&low, []string{"--part=500ms"}, true},
		} {
			f, err := v.turn(ctx, x.low, v.profiled(x.serve, x.low, round)...)
			if err != nil {
				return err
			}
			*x.to = append(*x.to, f)
		}
	}
	out := []VideoResult{v.result("hls", plain, files), v.result("ll-hls", low, files), {Path: "whep"}}
	if v.Glass {
		v.glass(ctx, out)
	}
	return v.print(out)
}

func (v *Video) profiled(args []string, low bool, round int) []string {
	if v.Profile == "" || round > 0 {
		return args
	}
	return append(args, "--profile="+filepath.Join(v.Profile, fmt.Sprintf("video-low-%v.pprof", low)))
}

// turn runs one server with its viewers.
func (v *Video) turn(ctx context.Context, low bool, serve ...string) (f turnFigures, err error) {
	srv, err := startVideo(ctx, serve...)
	if err != nil {
		return f, err
	}
	var t videoTally
	done := make(chan error, 1)
	go func() {
		var err error
		t, err = driveVideo(ctx, videoPlan{Addr: srv.addr, Low: low, Viewers: v.Viewers, Ramp: warmUp / 2, Warm: warmUp, For: v.Seconds})
		done <- err
	}()
	if err = <-done; err != nil {
		return f, err
	}
	cpu, took, err := srv.stop(t.From, t.To)
	if err != nil {
		return f, err
	}
	f = turnFigures{late: t.Late, problem: t.Problem, mbit: float64(t.Bytes) * 8 / 1e6 / (time.Duration(t.To - t.From)).Seconds(), cpu: 100 * cpu.Seconds() / took.Seconds()}
	return f, nil
}

func median(list []turnFigures, of func(turnFigures) float64) float64 {
	var x []float64
	for _, f := range list {
		x = append(x, of(f))
	}
	slices.Sort(x)
	return x[len(x)/2]
}

// result is a path's line. The ratio is of the medians' CPU for the same bytes,
// because CPU grows with viewers on both sides.
func (v *Video) result(path string, ours, files []turnFigures) VideoResult {
	cpu := func(f turnFigures) float64 { return f.cpu }
	mbit := func(f turnFigures) float64 { return f.mbit }
	r := VideoResult{Path: path, Viewers: &v.Viewers, Late: new(int64), MbitPerS: new(float64), CPU: new(float64), FilesMbitPerS: new(float64), FilesCPU: new(float64), Ratio: new(float64)}
	for _, f := range ours {
		*r.Late += f.late
		if f.problem != "" {
			r.note = f.problem
		}
	}
	*r.MbitPerS, *r.CPU = round(median(ours, mbit), 0), round(median(ours, cpu), 1)
	*r.FilesMbitPerS, *r.FilesCPU = round(median(files, mbit), 0), round(median(files, cpu), 1)
	if *r.CPU > 0 && *r.FilesMbitPerS > 0 {
		*r.Ratio = round((*r.MbitPerS / *r.CPU)/(*r.FilesMbitPerS / *r.FilesCPU), 2)
	}
	return r
}

func (v *Video) print(out []VideoResult) error {
	if v.JSON {
		for _, r := range out {
			if r.note != "" {
				fmt.Fprintln(os.Stderr, r.Path+":", r.note)
			}
		}
		return json.NewEncoder(os.Stdout).Encode(out)
	}
	for _, r := range out {
		fmt.Printf("%-8s", r.Path)
		if r.Viewers != nil {
			fmt.Printf("%d viewers, %d late, %.0f Mbit/s at %.1f %% of a core; files %.0f Mbit/s at %.1f %%; ratio %.2f",
				*r.Viewers, *r.Late, *r.MbitPerS, *r.CPU, *r.FilesMbitPerS, *r.FilesCPU, *r.Ratio)
		}
		if r.Glass != nil {
			fmt.Printf("  glass to glass %.0f ms", *r.Glass)
		}
		if r.note != "" {
			fmt.Printf("  (%s)", r.note)
		}
		fmt.Println()
	}
	return nil
}
