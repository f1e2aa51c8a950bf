// Package art holds the drawings of the demo world, all made by us (README.md
// tells how): goods, people, covers, the valley, and the looping clip of the
// running show. Every name is that of a file without its ending.
package art

import (
	"embed"
	"fmt"
	"path"
)

// FS is every drawing: pictures/ (goods), portraits/, covers/, hero/, clip.mp4.
//
//go:embed pictures portraits covers hero clip.mp4
var FS embed.FS

// Picture is a JPEG by name, whatever folder it is in.
func Picture(name string) ([]byte, error) {
	for _, dir := range []string{"pictures", "portraits", "covers", "hero"} {
		if b, err := FS.ReadFile(path.Join(dir, name+".jpg")); err == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("art: no picture %q", name)
}

// Clip is the show's looping clip, an MP4 with H264 and AAC.
func Clip() ([]byte, error) { return FS.ReadFile("clip.mp4") }
