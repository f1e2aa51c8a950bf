package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"lindu.example/lindu/internal/api"
)

// TestDescriptionIsFresh compares the committed description with the code.
func TestDescriptionIsFresh(t *testing.T) {
	a := &api.API{}
	a.Routes()
	got, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("openapi.json is stale: run make generate (%v)", err)
	}
}

// TestEveryOperationIsInTheTable holds the two lists together: what huma
// serves is what the route table says.
func TestEveryOperationIsInTheTable(t *testing.T) {
	a := &api.API{}
	table := map[string]bool{}
	for _, r := range a.Routes() {
		table[r.Pattern()] = r.Access.Signed
	}
	spec, err := a.Spec()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string           `json:"operationId"`
			Security    []map[string]any `json:"security"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s, want 3.1", doc.OpenAPI)
	}
	n := 0
	for path, ops := range doc.Paths {
		for method, op := range ops {
			n++
			signed, ok := table[strings.ToUpper(method)+" "+path]
			if !ok {
				t.Errorf("%s %s (%s) is not in the route table", method, path, op.OperationID)
			}
			if signed != (len(op.Security) > 0) {
				t.Errorf("%s %s: sign-in needed %v, described %v", method, path, signed, op.Security)
			}
		}
	}
	if n != len(table)-1 { // the description itself is a route and no operation
		t.Errorf("%d operations, %d routes", n, len(table)-1)
	}
}
