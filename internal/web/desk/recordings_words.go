package desk

import (
	"fmt"
	"time"

	"lindu.example/lindu/internal/recording"
	"lindu.example/lindu/internal/web/page"
)

// sizeOf is a number of bytes as people say it.
func sizeOf(n int64) string {
	switch {
	case n >= 1<<40:
		return fmt.Sprintf("%.1f TB", float64(n)/(1<<40))
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
}

// lengthOf is a length: 1:02:03.
func lengthOf(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// forecast says how long the disk lasts.
func forecast(b page.Base, d diskView) string {
	if !d.Paced {
		return b.T("recording.no_pace")
	}
	return b.N("recording.full_in", d.Days)
}

// keptWords says how long something is kept, and what holds it longer.
func keptWords(b page.Base, row recordingRow) string {
	k := row.Kept
	switch {
	case k.Locked:
		return b.T("recording.until_lock")
	case k.Orders:
		return b.T("recording.until_orders")
	case k.Case:
		return b.T("recording.until_case")
	case k.Until.IsZero():
		return b.T("recording.until_end")
	}
	return b.T("recording.until", "Day", k.Until.Format("2006-01-02"))
}

func clipURL(c recording.Clip, ext string) string {
	return "/media/clip/" + string(c.Show) + "/" + string(c.ID) + "." + ext
}

// posterOf is a clip's still, or the product's picture where it has none.
func posterOf(v recordingView, c recording.Clip) string {
	if c.Poster != "" {
		return clipURL(c, "jpg")
	}
	return v.Pictures[c.Item]
}

// stillKind says honestly where the picture comes from.
func stillKind(c recording.Clip) string {
	if c.Poster == "" {
		return "product"
	}
	if c.Poster == "page" {
		return "by_page"
	}
	return c.Poster
}
