// Package desk is where the centre's staff works: the control room of a show,
// producers, products, lots, parcels, money, people and the audit trail.
package desk
