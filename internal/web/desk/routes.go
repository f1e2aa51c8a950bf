package desk

import (
	"embed"
	"slices"

	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/edge"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/site"
	"lindu.example/lindu/internal/web/ui"
)

// Files are the styles and scripts of the screens here.
//
//go:embed *.css *.js
var Files embed.FS

// screens of the desk.
type screens struct{ *site.Site }

// Routes of this audience: what runs shows, what brings goods in, and the back
// office.
func Routes(s *site.Site) []edge.Route {
	h := &screens{s}
	return slices.Concat(h.homeRoutes(), h.liveRoutes(), h.goodsRoutes(), h.backRoutes(), h.settleRoutes(), h.serviceRoutes(), h.fundRoutes(), h.giftRoutes(), h.splitRoutes(), h.promiseRoutes(), h.talkRoutes(), h.sendRoutes(), h.reportRoutes(), h.roomsRoutes(), h.overlayRoutes(), h.sellingRoutes(), h.recordingRoutes(), h.lawRoutes(), h.onAirRoutes(), h.movedRoutes())
}

// backRoutes are parcels, money, complaints, freight, people and the trail.
func (h *screens) backRoutes() []edge.Route {
	pack := edge.Only(actor.Packer)
	seePack := edge.Only(actor.Packer, actor.Overseer)
	money, seeMoney := edge.Only(actor.Finance), edge.Only(actor.Finance, actor.Overseer)
	answer, seeComplaints := edge.Only(actor.Moderator, actor.Service), edge.Only(actor.Moderator, actor.Service, actor.Overseer)
	admin := edge.Only(actor.Admin)
	return []edge.Route{
		{Method: "GET", Path: "/desk/parcels", Access: seePack, Handle: h.parcels},
		{Method: "GET", Path: "/desk/parcels/list", Access: seePack, Handle: h.packingList},
		{Method: "POST", Path: "/desk/parcels/paste", Access: pack, Handle: h.pasteParcels},
		{Method: "POST", Path: "/desk/parcels/{id}/ship", Access: pack, Handle: h.shipParcel},
		{Method: "POST", Path: "/desk/parcels/{id}/reveal", Access: pack, Handle: h.revealParcel},

		{Method: "GET", Path: "/desk/finance", Access: seeMoney, Handle: h.finance},
		{Method: "GET", Path: "/desk/finance/export", Access: seeMoney, Handle: h.exportFinance},
		{Method: "GET", Path: "/desk/finance/orders/{id}", Access: seeMoney, Handle: h.orderMoneyPage},
		{Method: "GET", Path: "/desk/finance/recon", Access: seeMoney, Handle: h.recon},
		{Method: "POST", Path: "/desk/finance/recon", Access: money, Handle: h.askBill},
		{Method: "POST", Path: "/desk/finance/recon/transfers", Access: money, Handle: h.enterTransfers},
		{Method: "POST", Path: "/desk/finance/recon/{id}", Access: money, Handle: h.settleDifference},
		{Method: "POST", Path: "/desk/finance/offline", Access: money, Handle: h.confirmOffline},
		{Method: "POST", Path: "/desk/finance/quarantine/{id}", Access: money, Handle: h.proposeQuarantine},
		{Method: "POST", Path: "/desk/finance/quarantine/{id}/sign", Access: money, Handle: h.signQuarantine},
		{Method: "POST", Path: "/desk/finance/refunds/{id}/retry", Access: money, Handle: h.retryRefund},
		{Method: "POST", Path: "/desk/finance/refunds/{id}/confirm", Access: money, Handle: h.confirmRefund},

		{Method: "GET", Path: "/desk/complaints", Access: seeComplaints, Handle: h.complaints},
		{Method: "POST", Path: "/desk/complaints/{id}", Access: answer, Handle: h.answerComplaint},

		{Method: "GET", Path: "/desk/freight", Access: edge.Only(actor.Operator, actor.Overseer), Handle: h.freight},
		{Method: "POST", Path: "/desk/freight", Access: edge.Only(actor.Operator), Handle: h.saveFreight},

		{Method: "GET", Path: "/desk/people", Access: admin, Handle: h.people},
		{Method: "POST", Path: "/desk/people", Access: admin, Handle: h.addPerson},
		{Method: "GET", Path: "/desk/people/{id}", Access: admin, Handle: h.person},
		{Method: "POST", Path: "/desk/people/{id}", Access: admin, Handle: h.savePerson},

		{Method: "GET", Path: "/desk/audit", Access: edge.Only(actor.Overseer, actor.Admin), Handle: h.audit},
	}
}

// tab of the desk's second navigation, for those who may open it.
type tab struct {
	href, key string
	roles     []actor.Role
}

var tabs = []tab{
	{"/desk", "desk.tab_home", nil},
	{"/desk/shows", "desk.tab_shows", []actor.Role{actor.Operator, actor.Moderator, actor.Overseer}},
	{"/desk/recordings", "recording.tab", []actor.Role{actor.Operator, actor.Moderator, actor.Service, actor.Overseer}},
	{"/desk/prices", "pricing.tab", []actor.Role{actor.Operator, actor.Admin, actor.Overseer}},
	{"/desk/words", "talk.tab", []actor.Role{actor.Operator, actor.Moderator, actor.Overseer}},
	{"/desk/rooms", "rooms.tab", []actor.Role{actor.Operator, actor.Moderator, actor.Overseer}},
	{onAirPath, "compliance.onair", []actor.Role{actor.Admin}},
	{"/desk/goods", "desk.tab_goods", []actor.Role{actor.Selector, actor.Overseer}},
	{"/desk/lots", "desk.lots", []actor.Role{actor.Operator}},
	{"/desk/parcels", "desk.tab_parcels", []actor.Role{actor.Packer, actor.Overseer}},
	{"/desk/service", "desk.tab_service", []actor.Role{actor.Service, actor.Packer, actor.Finance, actor.Overseer}},
	{"/desk/finance", "desk.tab_finance", []actor.Role{actor.Finance, actor.Overseer}},
	{"/desk/statements", "statement.tab_places", []actor.Role{actor.Finance, actor.Service, actor.Overseer, actor.Admin}},
	{"/desk/funds", "desk.tab_funds", []actor.Role{actor.Finance, actor.Admin, actor.Overseer}},
	{"/desk/promises", "desk.tab_promises", []actor.Role{actor.Finance, actor.Admin, actor.Overseer, actor.Moderator}},
	{"/desk/gifts", "desk.tab_gifts", []actor.Role{actor.Admin, actor.Moderator, actor.Service, actor.Overseer}},
	{"/desk/complaints", "desk.tab_complaints", []actor.Role{actor.Moderator, actor.Service, actor.Overseer}},
	{"/desk/freight", "desk.tab_freight", []actor.Role{actor.Operator, actor.Overseer}},
	{"/desk/people", "desk.tab_people", []actor.Role{actor.Admin}},
	{"/desk/audit", "desk.tab_audit", []actor.Role{actor.Overseer, actor.Admin}},
}

// tabsOf is the second navigation with the tab that is here.
func tabsOf(b page.Base, here string) []ui.Tab {
	var out []ui.Tab
	for _, t := range tabs {
		if t.href == "/desk/lots" && goodsTab(b) != t.href { // they have all goods under one tab
			continue
		}
		if len(t.roles) == 0 || b.Has(t.roles...) {
			out = append(out, ui.Tab{Href: t.href, Label: b.T(t.key), Here: t.href == here})
		}
	}
	return out
}
