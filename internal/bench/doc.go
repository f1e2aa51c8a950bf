// Package bench measures the centre on the machine it runs on. Every figure
// comes with a peer in the same run, because machines are noisy and only
// ratios travel: orders are measured beside a handler that does nothing but
// read and answer JSON.
package bench
