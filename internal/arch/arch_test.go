package arch_test

import (
	"bytes"
	"encoding/json"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "lindu.example/lindu/"

// floor of each package, from the ground up; a package may import only lower
// ones. The names are those of docs/architecture.md.
var floor = map[string]int{
	// ground
	"internal/fault": 0,
	"internal/clock": 0, "internal/money": 0, "internal/vault": 0,
	"internal/id": 1, "internal/i18n": 1,
	"internal/actor": 2,
	"internal/db":    3, "internal/db/dbtest": 4, "internal/flow/shoptest": 25,
	// platform
	"internal/audit": 10, "internal/blob": 10, "internal/blob/blobtest": 11, "internal/blob/s3": 11, "internal/blob/s3test": 11, "internal/job": 10, "internal/ledger": 10, "internal/paper": 10, "internal/realtime": 10, "internal/sms": 10,
	"internal/media": 10, "internal/media/record": 12, "internal/media/hls": 11, "internal/media/rtmp": 11, "internal/media/rtc": 11, "internal/media/wire": 10, "internal/media/push": 12, "internal/media/loop": 11,
	"internal/tlog/entry": 10, "internal/tlog": 11, "internal/tlog/tree": 12, "internal/tlog/verify": 12,
	// domain
	"internal/account": 20, "internal/aftersale": 20, "internal/recon": 20, "internal/recording": 20, "internal/catalog": 20, "internal/chat": 20, "internal/compliance": 20, "internal/coupon": 20, "internal/pricing": 20, "internal/waitlist": 20, "internal/fund": 20, "internal/gift": 20, "internal/lot": 20, "internal/order": 20,
	"internal/payment": 20, "internal/payment/sandbox": 21, "internal/payment/wechat": 21, "internal/payment/alipay": 21, "internal/payment/paysim": 21, "internal/promise": 20, "internal/relay": 20, "internal/review": 20, "internal/shipping": 20, "internal/show": 20, "internal/statement": 20, "internal/breakeven": 20, "internal/bank": 20,
	// flow
	"internal/flow/fsck": 30, "internal/flow/orderdesk": 30, "internal/flow/practice": 30, "internal/flow/room": 30, "internal/flow/sheet": 30, "internal/flow/watch": 31, "internal/flow": 31,
	// edges
	"internal/edge":     40,
	"internal/web/page": 41, "internal/web/static": 41, "internal/web/ui": 42, "internal/web/site": 43, "internal/web/webtest": 44, "internal/web/proof": 44, "internal/web/report": 44,
	"internal/web/shop": 45, "internal/web/me": 45, "internal/web/studio": 45, "internal/web/desk": 45, "internal/web/farm": 45, "internal/web/open": 45,
	"internal/web": 46,
	"internal/api": 45,
	// app
	"internal/app/config": 50, "internal/app/demo/art": 50, "internal/app": 51, "internal/app/demo": 52, "internal/bench": 53,
	"cmd/lindu": 60,
	// beside the house
	"client":        5, // the public Go client knows no floor but its own types
	"internal/arch": 0,
}

// onlyBy names who may import a sensitive package.
var onlyBy = map[string][]string{
	"internal/ledger":                   {"internal/promise", "internal/flow/fsck", "internal/bench"},
	"github.com/jackc/pgx/v5":           {"internal/db", "internal/job", "internal/flow/orderdesk"},
	"modernc.org/sqlite":                {"internal/db"},
	"database/sql":                      {"internal/db", "internal/job"},
	"github.com/riverqueue/river":       {"internal/job"},
	"github.com/centrifugal/centrifuge": {"internal/realtime"},
	"github.com/formancehq/numscript":   {"internal/promise"},
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
	GoFiles         []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for dec.More() {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module)
		all = append(all, p)
	}
	return all
}

func TestImportsGoDown(t *testing.T) {
	for _, p := range packages(t) {
		if isTool(p.ImportPath) {
			continue
		}
		mine, ok := floor[p.ImportPath]
		if !ok {
			t.Errorf("%s stands on no floor: add it here and to docs/architecture.md", p.ImportPath)
			continue
		}
		for _, im := range p.Imports {
			name, ours := strings.CutPrefix(im, module)
			if its, known := floor[name]; ours && known && its >= mine {
				t.Errorf("%s (floor %d) imports %s (floor %d)", p.ImportPath, mine, name, its)
			}
			if by := onlyBy[name]; by != nil && !slices.Contains(by, p.ImportPath) {
				t.Errorf("%s imports %s; only %v may", p.ImportPath, name, by)
			}
			if im == "testing" && !strings.HasSuffix(p.ImportPath, "test") {
				t.Errorf("%s imports testing in product code", p.ImportPath)
			}
		}
	}
}

// isTool tells whether a package is a generator or a test of the whole house,
// which may see every floor.
func isTool(path string) bool {
	return strings.HasPrefix(path, "test/") || strings.Contains(path, "/gen")
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		found := false
		for _, f := range p.GoFiles {
			src, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, f), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			found = found || src.Doc != nil && len(src.Doc.Text()) > 60
		}
		if !found && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment that says what it is", p.ImportPath)
		}
	}
}

func TestNoFloorIsForgotten(t *testing.T) {
	have := map[string]bool{}
	for _, p := range packages(t) {
		have[p.ImportPath] = true
	}
	for p := range floor {
		if !have[p] {
			t.Errorf("the table names %s, which does not exist", p)
		}
	}
}

// TestArchitecturePaperNamesEveryPackage keeps docs/architecture.md true.
func TestArchitecturePaperNamesEveryPackage(t *testing.T) {
	b, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	for p := range floor {
		name := strings.TrimPrefix(strings.TrimPrefix(p, "internal/"), "cmd/")
		if !strings.Contains(string(b), "`"+name+"`") {
			t.Errorf("docs/architecture.md does not name `%s`", name)
		}
	}
}

// TestTemplatesAreFresh generates the templates again beside the committed
// ones and compares.
func TestTemplatesAreFresh(t *testing.T) {
	tmp := t.TempDir()
	var names []string
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(p) != ".templ" {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel("..", p)
		names = append(names, rel)
		if err := os.MkdirAll(filepath.Join(tmp, filepath.Dir(rel)), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(tmp, rel), b, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "tool", "templ", "generate", "-path", tmp).CombinedOutput(); err != nil {
		t.Fatalf("templ: %v\n%s", err, out)
	}
	// templ writes the file's own path into error positions; the folder differs here.
	where := regexp.MustCompile("FileName: `[^`]*`")
	for _, n := range names {
		gen := strings.TrimSuffix(n, ".templ") + "_templ.go"
		want, err := os.ReadFile(filepath.Join(tmp, gen))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", gen))
		if err != nil || !bytes.Equal(where.ReplaceAll(got, nil), where.ReplaceAll(want, nil)) {
			t.Errorf("internal/%s is stale: run `make generate`", gen)
		}
	}
}

// TestVendoredScriptsAreUnchanged compares the vendored libraries with the
// checksums beside them.
func TestVendoredScriptsAreUnchanged(t *testing.T) {
	cmd := exec.Command("sh", "-c", `awk 'NR>1 && NF==5 {print $5"  "$1}' VERSIONS.txt | sha256sum -c --quiet`)
	cmd.Dir = "../web/static/vendor"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestModuleHasNoReplace refuses replace directives: a build must be what go.sum says.
func TestModuleHasNoReplace(t *testing.T) {
	b, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("\nreplace ")) {
		t.Error("go.mod holds a replace directive")
	}
}
