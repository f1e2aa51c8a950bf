package e2e

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// measured skips a measurement unless it was asked for: figures are for
// docs/performance.md, no test depends on them. `make measure` asks.
func measured(t *testing.T) {
	if os.Getenv("LINDU_TEST_MEASURE") == "" {
		t.Skip("a measurement; `make measure` runs it")
	}
}

// TestMeasureServer prints start to first answer, idle memory and binary size
// of an empty centre.
func TestMeasureServer(t *testing.T) {
	measured(t)
	dir := t.TempDir()
	st, err := os.Stat(build(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []string{"first start, empty data folder", "second start"} {
		addr := freeAddr(t)
		start := time.Now()
		cmd := exec.Command(build(t), "serve", "--http", addr, "--rtmp", freeAddr(t), "--set", "rtc.udp=", "--set", "rtc.tcp=", "--data", dir, "--set", "log.level=error")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for {
			res, err := http.Get("http://" + addr + "/healthz")
			if err == nil {
				res.Body.Close()
				break
			}
			if time.Since(start) > 30*time.Second {
				t.Fatal("no answer in 30 s")
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Logf("start to first answer (%s): %d ms", run, time.Since(start).Milliseconds())
		time.Sleep(10 * time.Second)
		t.Logf("idle memory after 10 s: %d MB resident", residentMB(t, cmd.Process.Pid))
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	t.Logf("binary: %.1f MB", float64(st.Size())/1e6)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	return "127.0.0.1:" + strconv.Itoa(freePort(t))
}

func residentMB(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(b)
	kb, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kb / 1024
}

// weighed lists what a page has loaded, without pictures, video and player:
// name and compressed size, the biggest first.
const weighed = `[["the page itself", performance.getEntriesByType("navigation")[0].encodedBodySize],
  ...performance.getEntriesByType("resource").filter((e) => /\/static\/.*\.(css|js)$|icons\.svg|\/state$/.test(e.name) && !/hls/.test(e.name))
    .map((e) => [e.name.replace(/.*\/static\/[0-9a-f]+\//, ""), e.encodedBodySize])].sort((a, b) => b[1] - a[1]).map((x) => x.join(" "))`

// TestMeasureRoomWeight prints what the room's page weighs on the wire as a
// browser loads it, compressed, without the player, which comes later.
func TestMeasureRoomWeight(t *testing.T) {
	measured(t)
	need(t, "chromium")
	c := startDemo(t, "--quiet-buyers")
	b := newBrowser(t, "phone", 360, 780)
	b.open(c.Show.Page)
	b.wait(step, playing)
	total := 0
	for _, line := range js[[]string](b, weighed) {
		at := strings.LastIndexByte(line, ' ')
		name := line[:at]
		n, err := strconv.Atoi(line[at+1:])
		if err != nil {
			t.Fatal(err)
		}
		total += n
		t.Logf("%7d  %s", n, name)
	}
	t.Logf("%7d  bytes in all, compressed, without pictures and player", total)
}

// A stamped picture: 32 black or white blocks along the top hold the time of
// the frame in milliseconds, so that a page can read back how old what it
// shows is.
const (
	stampW, stampH, stampBlock = 640, 360, 20
	stampBits                  = 32
)

// stamp writes frames of raw gray pictures with the present in them.
func stamp(w io.WriteCloser, fps int) {
	defer w.Close()
	frame := make([]byte, stampW*stampH)
	for i := range frame {
		frame[i] = byte(i/stampW) / 2
	}
	tick := time.NewTicker(time.Second / time.Duration(fps))
	defer tick.Stop()
	for range tick.C {
		ms := uint32(time.Now().UnixMilli())
		for bit := range stampBits {
			v := byte(16)
			if ms>>(stampBits-1-bit)&1 == 1 {
				v = 235
			}
			for y := range stampBlock {
				row := frame[y*stampW+bit*stampBlock : y*stampW+(bit+1)*stampBlock]
				for x := range row {
					row[x] = v
				}
			}
		}
		if _, err := w.Write(frame); err != nil {
			return // ffmpeg has ended
		}
	}
}

// readStamp gives the age in milliseconds of what the video shows.
const readStamp = `(() => {
  const v = document.querySelector("video"), c = document.createElement("canvas");
  c.width = 640; c.height = 360;
  const g = c.getContext("2d"); g.drawImage(v, 0, 0, 640, 360);
  const now = Date.now(), d = g.getImageData(0, 0, 640, 20).data; let n = 0;
  for (let i = 0; i < 32; i++) n = n * 2 + (d[(10 * 640 + i * 20 + 10) * 4] > 125 ? 1 : 0);
  return (now % 4294967296) - n;
})()`

// TestMeasureGlassToGlass prints how old the picture in a browser is.
func TestMeasureGlassToGlass(t *testing.T) {
	measured(t)
	need(t, "ffmpeg", "chromium")
	c := startDemo(t, "--quiet-buyers", "--no-picture")
	cmd := exec.Command("ffmpeg", "-hide_banner", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", fmt.Sprintf("%dx%d", stampW, stampH), "-r", "30", "-i", "-",
		"-f", "lavfi", "-re", "-i", "sine=frequency=440:sample_rate=44100", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0",
		"-pix_fmt", "yuv420p", "-b:v", "800k", "-c:a", "aac", "-f", "flv", c.RTMP+"/"+c.Show.StreamKey)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go stamp(in, 30)
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	b := newBrowser(t, "viewer", 1280, 800)
	b.open(c.Show.Page)
	b.wait(step, playing)
	var ages []float64
	end := time.Now().Add(25 * time.Second)
	for time.Now().Before(end) {
		ages = append(ages, js[float64](b, readStamp))
		time.Sleep(250 * time.Millisecond)
	}
	ages = ages[len(ages)/3:] // after the player has caught up
	slices.Sort(ages)
	t.Logf("glass to glass, LL-HLS in Chromium: median %.0f ms (%.0f to %.0f, %d readings)", ages[len(ages)/2], ages[0], ages[len(ages)-1], len(ages))
}
