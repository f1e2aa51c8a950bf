// Package shop is what a buyer sees without signing in: home, the hall, a
// show's notice page, the live room with its half-sheet, products, lots and
// producers.
package shop
