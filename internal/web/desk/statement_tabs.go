package desk

import (
	"lindu.example/lindu/internal/actor"
	"lindu.example/lindu/internal/statement"
	"lindu.example/lindu/internal/web/page"
	"lindu.example/lindu/internal/web/ui"
)

// settleTabs are the third navigation: statements, payouts, host pay, what the
// centre lives of.
var settleTabs = []tab{
	{"/desk/statements", "statement.tab_statements", []actor.Role{actor.Finance, actor.Service, actor.Overseer, actor.Admin}},
	{"/desk/payouts", "statement.tab_payouts", []actor.Role{actor.Finance, actor.Overseer, actor.Admin}},
	{"/desk/hostpay", "statement.tab_hostpay", []actor.Role{actor.Finance, actor.Overseer, actor.Admin}},
	{"/desk/breakeven", "statement.tab_breakeven", []actor.Role{actor.Finance, actor.Overseer, actor.Admin}},
	{"/desk/breakeven/plan", "statement.tab_plan", []actor.Role{actor.Finance, actor.Overseer, actor.Admin}},
}

func settleTabsOf(b page.Base, here string) []ui.Tab {
	var out []ui.Tab
	for _, t := range settleTabs {
		if b.Has(t.roles...) {
			out = append(out, ui.Tab{Href: t.href, Label: b.T(t.key), Here: t.href == here})
		}
	}
	return out
}

// statementTone colours a state.
func statementTone(s statement.State) ui.Tone {
	return map[statement.State]ui.Tone{statement.Issued: "warn", statement.Checked: "info", statement.Approved: "info", statement.Paid: "ok"}[s]
}

func payoutTone(s string) ui.Tone {
	return map[string]ui.Tone{statement.Waiting: "warn", statement.PaidOut: "ok", statement.Reversed: "bad", statement.Draft: "warn", statement.Released: "ok"}[s]
}
