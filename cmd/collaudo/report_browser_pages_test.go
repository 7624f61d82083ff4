//go:build browser

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/collaudo/collaudo/reports"
)

// browserFaults are of families that have little to do with each other.
var browserFaults = [3]string{"acceptance-text-without-subject", "envelope-subject-prefix", "delivery-subject-prefix"}

// viewed is a page to look at.
type viewed struct {
	name, path string
	anchors    []string // besides the top of it
	opened     string   // selector of what is opened before the accessibility is checked
}

// pagesOf chooses pages of each sort.
func pagesOf(t *testing.T, runs playedRuns) []viewed {
	t.Helper()
	const rows = `#rules details.row, #scenarios details.row, .problem details`
	list := []viewed{
		{"report", filepath.Join(runs.full, reports.HTMLFile), []string{"rules", "scenarios", "coverage", "practice"}, rows},
		{"report-it", filepath.Join(runs.italian, reports.HTMLFile), []string{"rules", "scenarios"}, rows},
		{"kills", filepath.Join(runs.kills, "kills.html"), []string{"families"}, ""},
	}
	for name, dir := range map[string]string{"dossier": runs.full, "dossier-of-faults": runs.italian} {
		for _, language := range []string{"", ".it"} {
			list = append(list, viewed{name: name + strings.ReplaceAll(language, ".", "-"), path: filepath.Join(dir, "dossier"+language+".html")})
		}
	}
	for name, words := range map[string]string{
		"message-envelope": "<h1>Transport envelope</h1>", "message-anomaly": "<h1>Anomaly envelope</h1>", "message-delivery": "<h1>Delivery</h1>",
		"message-infected": "<h1>Infected message</h1>", "message-altered": `class="stands bad"`, "message-many": "and 10 more", "message-it": "<h1>Busta di trasporto</h1>",
	} {
		dir := runs.full
		if name == "message-it" {
			dir = runs.italian
		}
		list = append(list, viewed{name: name, path: messageSaying(t, dir, words), anchors: []string{"signature", "header"}, opened: "details"})
	}
	return list
}

// messageSaying finds the page of a message that holds some words.
func messageSaying(t *testing.T, dir, words string) string {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(dir, "messages", "*.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		octets, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(octets, []byte(words)) {
			return p
		}
	}
	t.Fatalf("none of %d pages of messages in %s holds %q", len(pages), dir, words)
	return ""
}

// looksRight shows a page on a screen, in the dark, on a small screen and on
// paper, and has axe-core look at it in light and dark.
func looksRight(t *testing.T, p viewed, axe string) {
	ctx := tab(t)
	media(t, ctx, "screen", "light")
	open(t, ctx, p.path, "")
	photograph(t, ctx, p.name+"-light")
	for _, a := range p.anchors {
		if ask[bool](t, ctx, `Boolean(document.getElementById("`+a+`"))`) {
			ask[bool](t, ctx, `(document.getElementById("`+a+`").scrollIntoView(), true)`)
			photograph(t, ctx, p.name+"-"+a)
		}
	}
	if p.opened != "" { // some of each kind, or there would be too much to look at
		ask[bool](t, ctx, `(() => { const seen = {}; for (const d of document.querySelectorAll("`+p.opened+`")) { const k = d.dataset.key || "x"; seen[k] = (seen[k] || 0) + 1; if (seen[k] <= 2) for (const e of [d, ...d.querySelectorAll("details")]) e.open = true } return true })()`)
	}
	accessible(t, ctx, axe, "light")
	media(t, ctx, "screen", "dark")
	ask[bool](t, ctx, `(scrollTo(0, 0), true)`)
	photograph(t, ctx, p.name+"-dark")
	if paper := ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); brightness(paper) > 100 {
		t.Errorf("the page stays bright in the dark: %s", paper)
	}
	accessible(t, ctx, axe, "dark")

	media(t, ctx, "screen", "light")
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844)); err != nil {
		t.Fatal(err)
	}
	open(t, ctx, p.path, "")
	photograph(t, ctx, p.name+"-narrow")
	if wide := ask[int](t, ctx, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("the page is %d pixels wide on a screen of 390", wide)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(794, 1123)); err != nil { // A4
		t.Fatal(err)
	}
	media(t, ctx, "print", "light")
	photograph(t, ctx, p.name+"-print")
	if ask[bool](t, ctx, `[...document.querySelectorAll("nav.bar, .filter, .skip")].some(e => e.getClientRects().length > 0)`) {
		t.Error("what is for the screen only gets printed")
	}
}

// brightness of a colour as the browser writes it, 0 to 255.
func brightness(colour string) int {
	sum, n := 0, 0
	for _, part := range regexp.MustCompile(`\d+`).FindAllString(colour, 3) {
		value := 0
		for _, digit := range part {
			value = 10*value + int(digit-'0')
		}
		sum, n = sum+value, n+1
	}
	return sum / max(n, 1)
}

// accessible has axe-core look for violations of level A and AA.
func accessible(t *testing.T, ctx context.Context, axe, scheme string) {
	t.Helper()
	if !ask[bool](t, ctx, `Boolean(window.axe)`) {
		ask[bool](t, ctx, axe+"\n;true")
	}
	only, least := `{type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}`, 5
	if scheme == "dark" { // where nothing but the colours is another
		only, least = `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`, 1
	}
	answer := ask[string](t, ctx, `axe.run(document, {preload: false, runOnly: `+only+`, resultTypes: ["violations"]})
		.then(r => JSON.stringify({passes: r.passes.length, violations: r.violations.map(v => ({id: v.id, help: v.help, count: v.nodes.length, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + " | " + n.failureSummary)}))}))`)
	var found struct {
		Passes     int
		Violations []struct {
			ID, Help string
			Count    int
			Nodes    []string
		}
	}
	if err := json.Unmarshal([]byte(answer), &found); err != nil {
		t.Fatal(err)
	}
	if found.Passes < least {
		t.Errorf("axe-core looked at little: only %d of its rules found something to pass", found.Passes)
	}
	for _, v := range found.Violations {
		t.Errorf("%s: %s, %s, %d times:\n  %s", scheme, v.ID, v.Help, v.Count, strings.Join(v.Nodes, "\n  "))
	}
}

var (
	hrefs   = regexp.MustCompile(`\shref="([^"]*)"`)
	anchors = regexp.MustCompile(`\sid="([^"]*)"`)
)

// linksOnDisk follows every link of every page: to a file that is there, and to
// a part of it that is there.
func linksOnDisk(t *testing.T, runs playedRuns) {
	targets := map[string]map[string]bool{} // ids of the pages
	read := func(path string) []byte {
		octets, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return octets
	}
	ids := func(path string) map[string]bool {
		if targets[path] == nil {
			targets[path] = map[string]bool{}
			for _, m := range anchors.FindAllSubmatch(read(path), -1) {
				if id := string(m[1]); targets[path][id] {
					t.Errorf("%s: two elements have the id %q", path, id)
				} else {
					targets[path][id] = true
				}
			}
		}
		return targets[path]
	}
	pages, links, there := 0, 0, map[string]bool{}
	follow := func(page string) {
		pages++
		for _, m := range hrefs.FindAllSubmatch(read(page), -1) {
			link := strings.ReplaceAll(string(m[1]), "&#43;", "+")
			if link == "data:," { // no icon is to be asked for
				continue
			}
			links++
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "" || u.Host != "" {
				t.Errorf("%s leads outside: %s", page, link)
				continue
			}
			to := page
			if u.Path != "" {
				to = filepath.Join(filepath.Dir(page), filepath.FromSlash(u.Path))
			}
			if !there[to] {
				if _, err := os.Stat(to); err != nil {
					t.Errorf("%s leads to a file that is not there: %s", page, link)
					continue
				}
				there[to] = true
			}
			if u.Fragment != "" && !ids(to)[u.Fragment] {
				t.Errorf("%s leads to a part that is not there: %s", page, link)
			}
		}
	}
	for _, dir := range []string{runs.full, runs.italian, runs.kills} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && filepath.Ext(path) == ".html" && !strings.Contains(path, "evidence") {
				follow(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d links of %d pages lead somewhere", links, pages)
	if pages < 2000 || links < 20000 {
		t.Errorf("only %d links of %d pages: where are the others?", links, pages)
	}
}
