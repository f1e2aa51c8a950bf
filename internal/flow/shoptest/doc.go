// Package shoptest sets up a small shop for tests of the flows: a local farm
// and an outside works, products, lots on sale, a live show with items, buyers
// with addresses. Everything is made through the modules, as staff would.
package shoptest
