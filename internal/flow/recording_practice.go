package flow

import "lindu.example/lindu/internal/show"

// practice tells whether a show is a practice room, which no public sees.
func practice(show.Show) bool { return false }
