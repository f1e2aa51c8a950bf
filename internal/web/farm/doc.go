// Package farm is a producer's phone: my lots, my orders, my money.
package farm
