// Package edge is what the web and the JSON API share: the route with who may
// use it, who asks, limits, headers, and the one place where a fault becomes
// an HTTP status.
//
// Every route of the centre stands in one table as a Route (web.Routes and
// api.Routes together, mounted by app). Its Access says who may use it:
//
//   - Anyone: no sign-in needed
//   - Buyers: everyone signed in
//   - Only(roles…): staff of these roles
//   - .Own(kind, roles…): besides, the object named by {id} in the path must be
//     the asker's own, or the asker holds one of the roles
//
// Guard enforces the first three before the handler runs; ownership is checked
// by the flow that loads the object, which answers NotFound so that nobody can
// probe for ids. A test walks route × role × own/other's object and fails on a
// route that is mounted but not in the table.
package edge
