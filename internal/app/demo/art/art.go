package art

import (
	"embed"
	"fmt"
	"path"
)

// FS has every file named below.
//
//go:embed pictures/*.jpg portraits/*.jpg covers/*.jpg hero/*.jpg clip.mp4
var FS embed.FS

// Picture is a JPEG by its bare name ("honey"), whatever folder it is in.
func Picture(name string) ([]byte, error) {
	for _, dir := range []string{"pictures", "portraits", "covers", "hero"} {
		if b, err := FS.ReadFile(path.Join(dir, name+".jpg")); err == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("art: no picture %q", name)
}

// Clip is the show's looping clip, an MP4 with H264 and AAC.
func Clip() ([]byte, error) { return FS.ReadFile(ClipFile) }

// Product pictures, 1200 x 1200 pixels.
const (
	Blueberry         = "pictures/blueberry.jpg"          // fresh blueberries in a wooden bowl
	DriedBlueberry    = "pictures/dried-blueberry.jpg"    // dried blueberries, pouch and scoop
	WoodEar           = "pictures/wood-ear.jpg"           // black wood-ear on an oak log
	PineNut           = "pictures/pine-nut.jpg"           // Korean pine nuts with their cone
	Hazelnut          = "pictures/hazelnut.jpg"           // wild hazelnuts in a basket
	Honey             = "pictures/honey.jpg"              // linden honey with comb and blossom
	Rice              = "pictures/rice.jpg"               // a steaming bowl of rice
	MonkeyHead        = "pictures/monkey-head.jpg"        // lion's-mane mushrooms on a plate
	HoneyMushroom     = "pictures/honey-mushroom.jpg"     // honey mushrooms in a basket
	MountainVegetable = "pictures/mountain-vegetable.jpg" // bracken shoots and aralia buds
	GiftBox           = "pictures/gift-box.jpg"           // the county's box with some of each
)

// Portraits, 600 x 600 pixels: four people of the centre, four producers.
const (
	Secretary   = "portraits/secretary.jpg"   // a man of about 45 in a suit: the star host
	Hostess     = "portraits/hostess.jpg"     // a woman of about 30 in a flowered vest, with headset: the host of the clip
	Returnee    = "portraits/returnee.jpg"    // a young man with glasses, come home
	Trainee     = "portraits/trainee.jpg"     // a woman of about 48 with curls
	Grower      = "portraits/grower.jpg"      // an old farmer in a straw hat
	Beekeeper   = "portraits/beekeeper.jpg"   // a man with moustache and bee hat
	Grandmother = "portraits/grandmother.jpg" // an old woman in a flowered headscarf
	Forester    = "portraits/forester.jpg"    // a bearded man in a fur hat
)

// Show covers, 1080 x 1440 pixels.
const (
	CoverBlueberryNight = "covers/blueberry-night.jpg" // the hostess with blueberries at sunset
	CoverHoneySeason    = "covers/honey-season.jpg"    // the beekeeper with honey in summer
	CoverAutumnForest   = "covers/autumn-forest.jpg"   // the secretary with nuts and mushrooms in autumn
)

// The home picture: a valley at sunrise, its upper left kept quiet for words.
const (
	HeroWide  = "hero/valley-wide.jpg"  // 1600 x 800 pixels
	HeroPhone = "hero/valley-phone.jpg" // 900 x 1100 pixels
)

// The show clip, made to be sent round and round, and what a sender must know of it.
// Each quarter shows one of the goods: Blueberry, Honey, WoodEar, Rice.
const (
	ClipFile       = "clip.mp4"
	ClipWidth      = 540 // pixels
	ClipHeight     = 960 // pixels
	ClipFPS        = 24  // frames per second
	ClipSeconds    = 20
	ClipSampleRate = 44100 // Hz, one channel
)

// Products lists the product pictures in the order a county would show them.
func Products() []string {
	return []string{Blueberry, WoodEar, Honey, PineNut, Hazelnut, Rice, MonkeyHead, HoneyMushroom, DriedBlueberry, MountainVegetable, GiftBox}
}

// Portraits lists the people: the centre's first, then the producers.
func Portraits() []string {
	return []string{Secretary, Hostess, Returnee, Trainee, Grower, Beekeeper, Grandmother, Forester}
}

// Covers lists the show covers.
func Covers() []string {
	return []string{CoverBlueberryNight, CoverHoneySeason, CoverAutumnForest}
}

// Heroes lists the home picture's two shapes.
func Heroes() []string { return []string{HeroWide, HeroPhone} }
