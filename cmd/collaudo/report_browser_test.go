//go:build browser

package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/collaudo/collaudo/reports"
)

// The pages of a run in a real browser, from the disk: make report-browser.
// Screenshots go to out/report, for a person to look at.
const (
	pageShots = "../../out/report"

	// What the project aims at on a quiet machine, and what fails: a machine that
	// has much else to do must not fail the page.
	paintAim, paintMost   = time.Second, 4 * time.Second
	filterAim, filterMost = 100 * time.Millisecond, 500 * time.Millisecond
	reportMost            = 5 << 20
)

// axe-core 4.14.1, which npm installs by test/report/run: AXE names the file.
const axeSHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"

// axeSource is the accessibility checker, as it was looked at when it was chosen.
func axeSource(t *testing.T) string {
	t.Helper()
	path := os.Getenv("AXE")
	if path == "" {
		t.Fatal("AXE names no file: test/report/run installs axe-core and says where (make report-browser)")
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(octets); hex.EncodeToString(sum[:]) != axeSHA256 {
		t.Fatalf("%s is not the axe-core that was chosen: its SHA-256 is %x, expected %s", path, sum, axeSHA256)
	}
	return string(octets)
}

// playedRuns are the folders whose pages are looked at.
type playedRuns struct {
	full    string // a full run, in English
	italian string // a run with faults, in Italian
	kills   string // a small kill matrix
}

// playForPages plays what is looked at. REPORT_PAGES names a folder to keep it
// in, where what is there already is not played again.
func playForPages(t *testing.T) playedRuns {
	t.Helper()
	dir := cmp.Or(os.Getenv("REPORT_PAGES"), t.TempDir())
	binary := filepath.Join(t.TempDir(), "collaudo")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	play := func(name string, want int, arguments ...string) string {
		to := filepath.Join(dir, name)
		if _, err := os.Stat(to); err == nil {
			return to
		}
		out, err := exec.CommandContext(t.Context(), binary, append(arguments, "--out", to)...).CombinedOutput()
		code := 0
		if exit := (*exec.ExitError)(nil); err != nil && !asExit(err, &exit) {
			t.Fatal(err)
		} else if exit != nil {
			code = exit.ExitCode()
		}
		if code != want {
			t.Fatalf("collaudo %s: expected exit code %d, got %d\n%s", strings.Join(arguments, " "), want, code, out)
		}
		return to
	}
	return playedRuns{
		full: play("full", 0, "run"),
		italian: play("italian", 1, "run", "--language", "it", "--rule", "PEC-ACC-005,PEC-TE-003,PEC-DP-008",
			"--fault", browserFaults[0], "--fault", browserFaults[1], "--fault", browserFaults[2]),
		kills: play("kills", 0, "mutants", "--only", browserFaults[0], "--only", browserFaults[1]),
	}
}

func asExit(err error, to **exec.ExitError) bool {
	exit, is := err.(*exec.ExitError) //nolint:errorlint // exec returns it as it is
	*to = exit
	return is
}

// tab opens a tab in which nothing may fail and nothing may be asked of a network.
func tab(t *testing.T) context.Context {
	t.Helper()
	ctx := browser(t, 10*time.Minute, chromedp.WindowSize(1280, 900), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"))
	err := chromedp.Listen(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventConsoleAPICalled:
			t.Errorf("the page writes to the console: %s", e.Type)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file:") && !strings.HasPrefix(e.Request.URL, "data:") {
				t.Errorf("the page asks for %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		return chromedp.Void{}, err
	}); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// open goes to a page on the disk, at an anchor where one is given.
func open(t *testing.T, ctx context.Context, path, anchor string) {
	t.Helper()
	absolute, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate((&url.URL{Scheme: "file", Path: absolute, Fragment: anchor}).String()), until(`document.readyState === "complete"`)); err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
}

// media has the browser show pages in a scheme of colours, on a screen or paper.
func media(t *testing.T, ctx context.Context, kind, scheme string) {
	t.Helper()
	if err := chromedp.Do(ctx, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	}); err != nil {
		t.Fatal(err)
	}
}

// ask evaluates JavaScript on the page; of a promise it returns what comes of it.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.200s: %v", expression, err)
	}
	return answer
}

// photograph keeps what the window shows.
func photograph(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.MkdirAll(pageShots, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(pageShots, name+".png"), picture, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestReportInChromium looks at every page of a run as its readers do.
func TestReportInChromium(t *testing.T) {
	axe := axeSource(t)
	runs := playForPages(t)
	t.Run("links", func(t *testing.T) { linksOnDisk(t, runs) })
	t.Run("speed", func(t *testing.T) { opensFast(t, filepath.Join(runs.full, reports.HTMLFile)) })
	t.Run("filter", func(t *testing.T) { filters(t, runs.full) })
	for _, p := range pagesOf(t, runs) {
		t.Run(p.name, func(t *testing.T) { looksRight(t, p, axe) })
	}
}

// opensFast measures the report on the way to the screen.
func opensFast(t *testing.T, path string) {
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() >= reportMost {
		t.Errorf("%s has %d octets, expected less than %d", path, info.Size(), reportMost)
	}
	best := time.Hour
	for range 3 {
		ctx := tab(t)
		open(t, ctx, path, "")
		painted := ask[float64](t, ctx, `new Promise(done => { const look = () => { const p = performance.getEntriesByName("first-contentful-paint")[0]; p ? done(p.startTime) : setTimeout(look, 20) }; look() })`)
		best = min(best, time.Duration(painted*float64(time.Millisecond)))
	}
	t.Logf("%s: %.2f MB, first paint after %v (aim: %v)", filepath.Base(path), float64(info.Size())/1e6, best.Round(time.Millisecond), paintAim)
	if best > paintMost {
		t.Errorf("the first paint took %v, expected at most %v", best, paintMost)
	}
}

// filters types into the filter of the rules and counts what is left.
func filters(t *testing.T, dir string) {
	result, err := reports.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	family, passed := 0, 0
	for _, r := range result.Rules {
		if strings.HasPrefix(r.ID, "PEC-AP-") {
			family++
		}
		if r.Verdict == "pass" {
			passed++
		}
	}
	ctx := tab(t)
	open(t, ctx, filepath.Join(dir, reports.HTMLFile), "rules")
	const left = `[...document.querySelectorAll("#rules .row")].filter(r => r.getClientRects().length > 0).length`
	// From the key to the picture: the time until what follows the next frame.
	typed := func(text string) time.Duration {
		took := ask[float64](t, ctx, fmt.Sprintf(`new Promise(done => {
			const input = document.querySelector('.filter[data-list="rules"] input'), began = performance.now();
			input.value = %q;
			input.dispatchEvent(new Event("input", {bubbles: true}));
			requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
		})`, text))
		return time.Duration(took * float64(time.Millisecond))
	}
	all := ask[int](t, ctx, left)
	if all != len(result.Rules) {
		t.Errorf("%d rules are shown, the result has %d", all, len(result.Rules))
	}
	worst := time.Duration(0)
	for _, text := range []string{"p", "pe", "pec-", "pec-ap-"} {
		worst = max(worst, typed(text))
	}
	if got := ask[int](t, ctx, left); got != family || family == 0 {
		t.Errorf(`"pec-ap-" leaves %d rules, expected %d`, got, family)
	}
	photograph(t, ctx, "report-filtered")
	worst = max(worst, typed("no rule says this"))
	if got := ask[int](t, ctx, left); got != 0 {
		t.Errorf("words that no rule says leave %d rules", got)
	}
	worst = max(worst, typed(""))
	if got := ask[int](t, ctx, left); got != all {
		t.Errorf("without words %d rules are shown, expected %d", got, all)
	}
	ask[bool](t, ctx, `document.querySelector('.filter[data-list="rules"] button[data-key="pass"]').click(), true`)
	if got := ask[int](t, ctx, left); got != passed {
		t.Errorf("the button for pass leaves %d rules, the result has %d", got, passed)
	}
	t.Logf("filter over %d rules: at most %v from key to picture (aim: %v)", all, worst.Round(time.Millisecond), filterAim)
	if worst > filterMost {
		t.Errorf("the filter took %v, expected at most %v", worst, filterMost)
	}
}
