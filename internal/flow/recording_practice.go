package flow

import "lindu.example/lindu/internal/show"

// IsPractice tells whether a show is a practice room, which no public sees.
func (f *Flow) IsPractice(sh show.Show) bool { return sh.Practice }
