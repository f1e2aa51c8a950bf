// Package static embeds the files all screens share: base style and script,
// icons, and the vendored libraries with their versions and checksums
// (vendor/VERSIONS).
package static

import "embed"

// Files are the shared static files.
//
//go:embed css js img vendor
var Files embed.FS
