// Package app wires the house: it opens the database, builds platform, flow
// and edges, starts them from the ground up and stops them from the top down,
// so that nothing acknowledged is dropped:
//
//	stop taking pictures → wake and close the live edges → finish the requests
//	under way → drain the order desk → finish running jobs → close the database
//
// It is the only package that knows everything.
package app
