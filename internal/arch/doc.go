// Package arch holds no code: its tests keep the rules of docs/architecture.md
// true. Imports go down the floors and never sideways, sensitive packages are
// imported only by those named, product code never imports testing, every
// package says in a doc comment what it is, and generated files are fresh.
package arch
