package flow

import "lindu.example/lindu/internal/show"

// practice tells whether a show is a practice room.
func practice(show.Show) bool { return false }

// IsPractice tells whether a show is a practice room, which no public sees.
func (f *Flow) IsPractice(sh show.Show) bool { return practice(sh) }
