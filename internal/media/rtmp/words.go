package rtmp

import (
	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/i18n"
)

// bothLanguages says an error in every language of the product: nobody knows
// which one the person in front of the encoder reads. An error that is no
// fault says only that something went wrong; its text is in the log.
func bothLanguages(err error) string {
	f := fault.Of(err)
	out := ""
	for _, l := range i18n.Langs {
		if out != "" {
			out += " / "
		}
		out += i18n.For(l).Err(f)
	}
	return out
}
