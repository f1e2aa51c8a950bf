// Package actor says who acts: every write takes an Actor, and the domain
// checks it; SQL does not.
//
// Roles, from design.md: buyer (everyone signed in), host, operator,
// moderator, selector, packer, service, finance, teacher, overseer (reads
// all, writes nothing), admin, and producer (sees their own lots, orders and
// money). Roles do not imply each other, except that admin may do what
// operator, moderator, selector, packer and service may. Admin may not do
// finance's work: who grants roles must not also confirm money.
package actor
