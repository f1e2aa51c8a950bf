package flow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"lindu.example/lindu/internal/fault"
	"lindu.example/lindu/internal/recording"
)

// checkFile tells what is wrong with a kept file, "" for nothing. A chunk that
// is deleted at this moment is no finding.
func (f *Flow) checkFile(ctx context.Context, c recording.Chunk, deep bool) (string, error) {
	body, size, err := f.Films.Get(ctx, c.File)
	switch {
	case fault.Is(err, fault.NotFound):
		if _, still, err := recording.ByID(ctx, f.DB, c.Show, c.ID); err != nil || !still {
			return "", err
		}
		return "the file is missing", nil
	case err != nil:
		return "", err
	}
	defer body.Close()
	if size != c.Bytes {
		return fmt.Sprintf("%d bytes, noted %d", size, c.Bytes), nil
	}
	if !deep {
		return "", nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, body); err != nil {
		return "", err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != c.SHA256 {
		return "its SHA-256 is " + got + ", noted " + c.SHA256, nil
	}
	return "", nil
}

// readChunk reads a chunk's file whole.
func (f *Flow) readChunk(ctx context.Context, c recording.Chunk) ([]byte, error) {
	body, _, err := f.Films.Get(ctx, c.File)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, c.Bytes))
}
