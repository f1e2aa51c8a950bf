// Package demo is a made-up county that shows what Lindu does: producers, lots,
// hosts, a running show fed through the real RTMP port by a looping clip, a
// payment sandbox that really signs, and buyers that use the real HTTP API.
//
// Everything is built through the same flows that people use, so what a
// visitor sees obeys the same rules. Every page is labelled as a demo, every
// name is invented, and paying costs nothing. The world is data and speaks
// Chinese.
package demo
