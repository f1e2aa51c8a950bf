// Package fsck recomputes every invariant of goods, orders and money from the
// records and says what does not agree. It changes nothing.
//
// It is the one package that reads all tables, by SQL of its own, so that a
// mistake in a module is not repeated here. Each check of one statement sees
// one snapshot; the two that need several (the books against the orders) look
// again at what they found, so that a running shop is no finding.
//
// Names of checks are message keys ("fsck.stock"). Findings name rows by id and
// give figures; they hold no personal data, are not translated, and are cut at
// MaxFindings a check.
package fsck
