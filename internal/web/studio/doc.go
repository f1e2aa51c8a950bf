// Package studio is the host's side: my shows, how to go live, the running
// order and what to say next.
package studio
