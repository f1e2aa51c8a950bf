//go:build playedpay

package app

import "os"

// providerAt is where the payment providers are played (package paysim): only in
// a binary that test/crash builds for itself.
func providerAt() string { return os.Getenv("LINDU_TEST_PROVIDERS") }
