// Package me is a person's own corner: sign-in, profile, sessions, addresses,
// orders and paying.
package me
