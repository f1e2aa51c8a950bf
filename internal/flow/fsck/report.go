package fsck

import (
	"fmt"
	"time"
)

// MaxFindings is how many findings of a check are kept.
const MaxFindings = 20

// Check is one invariant recomputed.
type Check struct {
	Name     string   `json:"name"`               // message key, "fsck.stock"
	Rows     int64    `json:"rows"`               // how many records it looked at
	Findings []string `json:"findings,omitempty"` // what is wrong, at most MaxFindings; no personal data
	Objects  []string `json:"objects,omitempty"`  // ids of what the findings are about: looked at again by the next run
	// PutOff: too much had changed to look at it in a minute; the full run does.
	PutOff bool `json:"put_off,omitempty"`
}

func (c *Check) found(format string, args ...any) {
	if len(c.Findings) < MaxFindings {
		c.Findings = append(c.Findings, fmt.Sprintf(format, args...))
	}
}

// full tells that more findings would not be kept.
func (c *Check) full() bool { return len(c.Findings) >= MaxFindings }

// Report of a run.
type Report struct {
	Checks []Check `json:"checks"`
	// Took is how long the run took.
	Took time.Duration `json:"took_ns,omitempty"`
	// UpTo says of a run over what changed lately that everything before was
	// looked at; the zero time for a full run.
	UpTo time.Time `json:"up_to,omitzero"`
}

// Clean tells whether nothing was found.
func (r Report) Clean() bool { return r.Findings() == 0 }

// Findings counts what is wrong; each check stops at MaxFindings.
func (r Report) Findings() int {
	n := 0
	for _, c := range r.Checks {
		n += len(c.Findings)
	}
	return n
}

// Rows counts the records looked at, once a check.
func (r Report) Rows() int64 {
	var n int64
	for _, c := range r.Checks {
		n += c.Rows
	}
	return n
}
