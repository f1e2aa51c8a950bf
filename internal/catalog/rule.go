package catalog

import "slices"

// Return rules.
const (
	SevenDay  = "seven_day" // seven days without reason (Consumer Rights Law art. 25)
	Fresh     = "fresh"     // fresh and perishable: excluded by art. 25 itself
	Confirmed = "confirmed" // excluded because the buyer confirmed it when buying
)

// Legal grounds of a return rule other than SevenDay.
const (
	Perishable  = "perishable"    // Consumer Rights Law art. 25 no. 2
	Opened      = "opened"        // changes once opened: Seven-Day Return Measures art. 7 no. 1
	NearExpiry  = "near_expiry"   // said to be near its date or flawed: Measures art. 7 no. 3
	MadeToOrder = "made_to_order" // Consumer Rights Law art. 25 no. 1
)

// ReturnRules lists the rules in the order forms show them.
var ReturnRules = []string{SevenDay, Fresh, Confirmed}

// Grounds lists the legal grounds.
var Grounds = []string{Perishable, Opened, NearExpiry, MadeToOrder}

// freshCategories may be fresh and perishable, unless the product is dried.
var freshCategories = []string{"fruit", "vegetable", "mushroom", "meat"}

// DefaultReturn is the return rule of a category when nobody chooses one:
// what keeps has seven days.
func DefaultReturn(category string, dried bool) string {
	if !dried && slices.Contains(freshCategories, category) {
		return Fresh
	}
	return SevenDay
}

// GroundsFor lists the grounds a rule can rest on for such goods, the usual
// one first; none means that the rule is not lawful for them. SevenDay needs
// none.
func GroundsFor(rule, category string, dried bool) []string {
	switch {
	case rule == Fresh && !dried && slices.Contains(freshCategories, category):
		return []string{Perishable}
	case rule == Confirmed && category == "craft":
		return []string{MadeToOrder}
	case rule == Confirmed:
		return []string{Opened, NearExpiry}
	}
	return nil
}

// asPicked are the categories whose goods, as long as they are not dried, are
// edible farm produce in law.
var asPicked = []string{"fruit", "vegetable", "mushroom", "nut"}

// NeedsFoodLicence tells whether whoever sells such goods needs a food trade
// licence or, for prepackaged food only, a filing (Food Safety Law art. 35).
// Edible farm produce as it was picked needs neither. All other food is taken
// for prepackaged: the strict reading, since nothing here tells a sealed bag of
// rice from a weighed one.
func NeedsFoodLicence(category string, dried bool) bool {
	return category != "craft" && (dried || !slices.Contains(asPicked, category))
}

// ReturnKey is the message key of a return rule's name.
func ReturnKey(rule string) string { return "catalog.return_" + rule }

// GroundKey is the message key of the sentence that says why a product can't
// simply be sent back, with the law it rests on. For seven_day it says that it can.
func (p Product) GroundKey() string {
	if p.Ground == "" {
		return "catalog.ground_none"
	}
	return "catalog.ground_" + p.Ground
}

// CategoryKey is the message key of a category's name.
func CategoryKey(c string) string { return "catalog.category_" + c }

// KindKey is the message key of a producer's kind.
func KindKey(k string) string { return "catalog.kind_" + k }

// checkReturn fills in the default rule and ground and refuses what the law
// does not allow.
func (p *Product) checkReturn(c *checks) {
	or(&p.ReturnRule, DefaultReturn(p.Category, p.Dried))
	if !slices.Contains(ReturnRules, p.ReturnRule) {
		c.add("return_rule", "fault.choice")
		return
	}
	if p.ReturnRule == SevenDay {
		p.Ground = ""
		return
	}
	allowed := GroundsFor(p.ReturnRule, p.Category, p.Dried)
	switch {
	case len(allowed) == 0:
		c.add("return_rule", "catalog.not_fresh")
	case p.Ground == "":
		p.Ground = allowed[0]
	case !slices.Contains(allowed, p.Ground):
		c.add("return_ground", "catalog.ground")
	}
}
