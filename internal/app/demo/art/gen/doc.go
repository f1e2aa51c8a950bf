// Command gen draws the demo world: product pictures, show covers, portraits,
// the home picture, the app icons, and the looping show clip with its melody.
//
// Everything is composed by the scripts in studio/ as SVG (and a canvas for
// the clip), rasterised by a headless Chromium that posts the results back to
// a server this command runs on 127.0.0.1, and encoded by ffmpeg. Every random
// choice has a fixed seed, so the same sources give the same pictures.
//
// It is a tool for contributors. The product only embeds its results, so
// neither Chromium nor ffmpeg is needed to build or run Lindu.
package main
