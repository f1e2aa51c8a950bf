package config

import "lindu.example/lindu/internal/flow/watch"

// Alerts of the desk: from where on somebody is told to look.
type Alerts struct {
	DropPercent int     `koanf:"drop_percent" doc:"percent of a room's online that leaves within a minute and is told"`
	DropFloor   int     `koanf:"drop_floor" doc:"rooms that never had so many online raise no such alert"`
	LowUnits    int64   `koanf:"low_units" doc:"units left of what is explained or on sale that are told"`
	MinFPS      float64 `koanf:"min_fps" doc:"pictures a second below which a stream counts as choppy"`
	MinKBit     int64   `koanf:"min_kbit" doc:"kbit a second below which a stream counts as poor"`
}

func defaultAlerts() Alerts {
	r := watch.DefaultRules()
	return Alerts{DropPercent: r.Drop, DropFloor: r.Floor, LowUnits: r.LowUnits, MinFPS: r.MinFPS, MinKBit: r.MinKBit}
}

// Rules are the alerts' thresholds as package watch takes them.
func (a Alerts) Rules() watch.Rules {
	return watch.Rules{Drop: a.DropPercent, Floor: a.DropFloor, LowUnits: a.LowUnits, MinFPS: a.MinFPS, MinKBit: a.MinKBit}
}

func (a Alerts) check(wrong func(key, why string)) {
	if a.DropPercent < 1 || a.DropPercent > 99 {
		wrong("alerts.drop_percent", "must be 1 to 99")
	}
	if a.DropFloor < 1 {
		wrong("alerts.drop_floor", "must be 1 or more")
	}
	if a.LowUnits < 0 || a.LowUnits > 1_000_000 {
		wrong("alerts.low_units", "must be 0 to 1000000")
	}
	if a.MinFPS < 0 || a.MinFPS > 60 {
		wrong("alerts.min_fps", "must be 0 to 60")
	}
	if a.MinKBit < 0 || a.MinKBit > 100_000 {
		wrong("alerts.min_kbit", "must be 0 to 100000")
	}
}
