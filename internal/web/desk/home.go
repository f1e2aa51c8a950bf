package desk

import "lindu.example/lindu/internal/edge"

func (h *screens) homeRoutes() []edge.Route { return nil }
func (h *screens) goodsRoutes() []edge.Route { return nil }
