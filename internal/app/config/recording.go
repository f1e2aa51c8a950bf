package config

import (
	"net/url"
	"strconv"

	"lindu.example/lindu/internal/recording"
)

// Recording of shows: where it is kept and for how long.
type Recording struct {
	Store         string `koanf:"store" doc:"where recordings are kept: dir (a folder), s3 (a bucket), or off: then nothing is recorded, which the law does not allow who sells live"`
	Dir           string `koanf:"dir" doc:"folder of recordings, with store: dir; empty: recordings in the data folder"`
	Rehearsals    bool   `koanf:"rehearsals" doc:"true records what is published before a show starts too"`
	MinFreeMB     int64  `koanf:"min_free_mb" doc:"recording stops, loudly, when the disk of the data folder has less than this free: the orders need it"`
	SoldDays      int    `koanf:"sold_days" doc:"days a show with orders is kept after the last of them was finished; at least 1096 (three years)"`
	ShownDays     int    `koanf:"shown_days" doc:"days a show without orders is kept; at least 1096"`
	PracticeDays  int    `koanf:"practice_days" doc:"days a practice show is kept"`
	RehearsalDays int    `koanf:"rehearsal_days" doc:"days a rehearsal is kept"`
	FFmpeg        string `koanf:"ffmpeg" doc:"ffmpeg program that makes the stills of clips; empty: the one in the PATH if there is one; off: none"`
	S3            S3     `koanf:"s3"`
}

// S3 is a bucket of anything that speaks S3.
type S3 struct {
	Endpoint  string `koanf:"endpoint" doc:"https://host of the bucket's service"`
	Region    string `koanf:"region" doc:"its region"`
	Bucket    string `koanf:"bucket" doc:"name of the bucket, which must exist and not be public"`
	Prefix    string `koanf:"prefix" doc:"put in front of every key, like lindu/films"`
	AccessKey string `koanf:"access_key" doc:"access key id"`
	Secret    string `koanf:"secret" doc:"its secret; better file:/path, sealed, or LINDU_RECORDING__S3__SECRET than plain here"`
	PathStyle bool   `koanf:"path_style" doc:"true for MinIO, Garage and others that want the bucket in the path"`
}

// Stores of recordings.
const (
	RecordOff = "off"
	RecordDir = "dir"
	RecordS3  = "s3"
)

func defaultRecording() Recording {
	return Recording{Store: RecordDir, MinFreeMB: 1024, SoldDays: recording.LeastDays, ShownDays: recording.LeastDays, PracticeDays: 90, RehearsalDays: 30,
		S3: S3{Region: "us-east-1"}}
}

// check tells what is wrong.
func (r Recording) check(wrong func(key, why string)) {
	switch r.Store {
	case RecordOff, RecordDir:
	case RecordS3:
		u, err := url.Parse(r.S3.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			wrong("recording.s3.endpoint", "must be https://host")
		}
		if r.S3.Bucket == "" || r.S3.AccessKey == "" || r.S3.Secret == "" {
			wrong("recording.s3", "needs bucket, access_key and secret")
		}
	default:
		wrong("recording.store", "must be dir, s3 or off")
	}
	for key, days := range map[string]int{"recording.sold_days": r.SoldDays, "recording.shown_days": r.ShownDays} {
		if days < recording.LeastDays || days > 36_500 {
			wrong(key, "must be "+strconv.Itoa(recording.LeastDays)+" (three years, which the law asks for) or more")
		}
	}
	for key, days := range map[string]int{"recording.practice_days": r.PracticeDays, "recording.rehearsal_days": r.RehearsalDays} {
		if days < 1 || days > 36_500 {
			wrong(key, "must be 1 or more")
		}
	}
	if r.MinFreeMB < 0 {
		wrong("recording.min_free_mb", "must be 0 or more")
	}
}
