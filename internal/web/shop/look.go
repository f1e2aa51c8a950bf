package shop

import (
	"net/http"

	"lindu.example/lindu/internal/web/page"
)

// lookView is the living page of the design language.
type lookView struct{ page.Base }

// look shows every part once, in the visitor's language, type size and light:
// for those who build screens, and for looking at after a change.
func (s *screens) look(w http.ResponseWriter, r *http.Request) error {
	b := s.Base(w, r, "shop", "Look")
	b.Styles = []string{"shop/shop.css"}
	return s.Render(w, r, lookScreen(lookView{b}))
}
