package record

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Status is how the recorder does.
type Status struct {
	Recording int           // streams being written down
	Stopped   int           // streams that should be and are not: no room, or a write failed
	Why       string        // the newest reason of that, for the log's reader
	Waiting   int           // finished chunks that wait to be kept
	WaitBytes int64         // and their size
	KeepErr   string        // why the last try to keep one failed, "" if it did not
	Bytes     uint64        // written since the start
	Lost      time.Duration // media that could not be written since the start
	Free      int64         // bytes free on the spool's disk; -1 unknown
	Total     int64         // its size
	MinFree   int64         // what the recorder leaves to others
}

// Status tells how the recorder does.
func (r *Recorder) Status() Status {
	r.mu.Lock()
	s := r.status
	s.Stopped = len(r.broken)
	for _, err := range r.broken {
		s.Why = err.Error()
	}
	r.mu.Unlock()
	s.Waiting, s.WaitBytes = 0, 0
	if names, err := r.list(wholeExt); err == nil {
		s.Waiting = len(names)
		for _, n := range names {
			if info, err := os.Stat(filepath.Join(r.Dir, n)); err == nil {
				s.WaitBytes += info.Size()
			}
		}
	}
	s.MinFree = max(r.MinFree, 0)
	var err error
	if s.Free, s.Total, err = r.Space(r.Dir); err != nil {
		s.Free, s.Total = -1, 0
	}
	return s
}

// room says whether there is room for another group.
func (r *Recorder) room() error {
	if r.MinFree < 0 {
		return nil
	}
	free, _, err := r.Space(r.Dir)
	if err != nil {
		return fmt.Errorf("record: free space: %w", err)
	}
	if free < r.MinFree {
		return errFull
	}
	return nil
}

// DiskSpace asks the system. Free is what ordinary users may use.
func DiskSpace(dir string) (free, total int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * s.Bsize, int64(s.Blocks) * s.Bsize, nil
}

func (r *Recorder) kick() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

func (r *Recorder) begins(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.Recording += n
}

func (r *Recorder) wrote(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.Bytes += uint64(n)
}

func (r *Recorder) lost(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.Lost += d
}

func (r *Recorder) keeping(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.KeepErr = ""
	if err != nil {
		r.status.KeepErr = err.Error()
	}
}

// stopped is loud: a show that is not recorded is an offence (Order 117 art. 16).
func (r *Recorder) stopped(stream string, why error) {
	r.mu.Lock()
	r.broken[stream] = why
	r.mu.Unlock()
	r.Log.Error("record: THE SHOW IS NOT BEING RECORDED; it is tried again", "stream", stream, "every", r.RetryAfter, "err", why)
	if r.Alert != nil {
		r.Alert(stream, why)
	}
}

func (r *Recorder) forget(stream string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.broken, stream)
}

func (r *Recorder) recovered(stream string) {
	r.forget(stream)
	r.Log.Warn("record: the recording goes on", "stream", stream)
	if r.Alert != nil {
		r.Alert(stream, nil)
	}
}

// Broken tells whether the recording of a stream stands still.
func (r *Recorder) Broken(stream string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken[stream] != nil
}
