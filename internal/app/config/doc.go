// Package config is the one validated struct of everything that can be set.
//
// A value comes from, later ones winning: the defaults below, a YAML file, the
// environment (LINDU_ORDERS__UNPAID_FOR=10m, two underscores for a dot), and
// flags (--set orders.unpaid_for=10m). An unknown key in any of them is an
// error. Secrets may be given as "file:/path", so that they need not stand in
// the file or the environment. The file is readable by its owner only, or holds
// what `lindu secret seal` made of the secret with the master key, for this
// setting and no other. `lindu config` prints every key with its default and
// what it does.
package config
