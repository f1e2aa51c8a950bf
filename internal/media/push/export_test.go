package push

import "time"

// Quick makes the pauses of a Pusher short. Before Start.
func (p *Pusher) Quick(first, longest, hopeless, steady, away time.Duration) {
	p.first, p.longest, p.hopeless, p.steady, p.away = first, longest, hopeless, steady, away
}

// Clean is clean.
func Clean(said, key string) string { return clean(said, key) }

// Times maps the times of pictures and sounds.
type Times struct{ line timeline }

// Run begins a run.
func (t *Times) Run() { t.line.run() }

// Video is where a picture goes.
func (t *Times) Video(d time.Duration) time.Duration { return t.line.video(d) }

// Sound is where a sound goes.
func (t *Times) Sound(d time.Duration) (time.Duration, bool) { return t.line.sound(d) }
