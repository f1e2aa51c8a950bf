package e2e

import (
	"encoding/json"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestBenchOrdersTellsAll runs the order bench for a moment: every figure that
// the docs quote is there, nothing is oversold, and the records agree.
func TestBenchOrdersTellsAll(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), build(t), "bench", "orders", "--json", "--buyers", "8", "--for", "300ms")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	got := map[string]any{}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, key := range strings.Fields("db buyers noop_per_s one_tx_per_s desk_per_s ratio_noop ratio_one_tx p50_ms p99_ms cpu_us_per_order accepted refused_full refused_soldout oversold fsck") {
		if _, ok := got[key]; !ok {
			t.Errorf("no %s among %v", key, slices.Sorted(maps.Keys(got)))
		}
	}
	for _, key := range []string{"noop_per_s", "one_tx_per_s", "desk_per_s", "accepted"} {
		if n, _ := got[key].(float64); n <= 0 {
			t.Errorf("%s = %v", key, got[key])
		}
	}
	if got["oversold"] != 0.0 || got["failed"] != 0.0 || got["fsck"] != "clean" {
		t.Errorf("oversold %v, failed %v, fsck %v", got["oversold"], got["failed"], got["fsck"])
	}
}
