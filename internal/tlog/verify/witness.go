package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Witness checks the log at an address whole and from the checkpoint it signed
// last time (nil for the first), cosigns the newest one (C2SP
// tlog-cosignature) and hands it in. It signs nothing while there is a finding.
// It gives the checkpoint to note for the next time, cosigned.
func Witness(ctx context.Context, address, skey, key string, seen []byte, now time.Time) (Report, []byte, error) {
	src, err := Open(address)
	if err != nil {
		return Report{}, nil, err
	}
	web, ok := src.(*Web)
	if !ok {
		return Report{}, nil, errors.New("a witness needs the log's address: a folder can't take a signature")
	}
	signer, err := fnote.NewSignerForCosignatureV1(skey)
	if err != nil {
		return Report{}, nil, errors.New("the witness's key can't be read") // the error could hold it
	}
	rep, err := Check(ctx, Options{Source: web, Key: key, Seen: seen})
	if err != nil || rep.Wrong > 0 {
		return rep, nil, err
	}
	log, err := note.NewVerifier(rep.Key)
	if err != nil {
		return rep, nil, err
	}
	n, err := note.Open(rep.Checkpoint, note.VerifierList(log))
	if err != nil {
		return rep, nil, err
	}
	n.UnverifiedSigs = nil // other witnesses' are their own matter
	b, err := note.Sign(n, signer)
	if err != nil {
		return rep, nil, err
	}
	return rep, b, handIn(ctx, web, b)
}

func handIn(ctx context.Context, s *Web, b []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Base+"/cosignature", bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	req.Header.Set("Accept", "application/json")
	res, err := s.Client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		said, _ := io.ReadAll(io.LimitReader(res.Body, 2000)) // only for the words
		return fmt.Errorf("the centre did not take the cosignature (%s): %s", res.Status, said)
	}
	return nil
}
