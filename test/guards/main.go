// Command guards takes out every guard against a green run by accident, one at a
// time, and looks whether its tests notice: conformance/fail_open.yaml is the list.
// It judges nothing, and changes no file of the project: the guards are taken out
// in an overlay of the go command, all in one build, each by its name in the
// environment. It is run from the root of the project; arguments are the packages
// to try, as conformance or cmd/collaudo. None: all.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

const (
	listed = "conformance/fail_open.yaml"
	named  = "COLLAUDO_WITHOUT_GUARD" // the guard that is out, in the environment of a test
)

// guard is one line that stands against a green run by accident.
type guard struct {
	ID      string   `yaml:"id"`
	Museum  int      `yaml:"museum"`
	File    string   `yaml:"file"`
	Line    string   `yaml:"line"`
	Without string   `yaml:"without"`
	Tests   []string `yaml:"tests"`
}

func (g guard) room() string { return filepath.Dir(g.File) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "guards: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	guards, err := read()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "guards-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	overlay, err := lay(scratch, guards)
	if err != nil {
		return err
	}
	var rooms []string
	tried := 0
	for _, g := range guards {
		if len(os.Args) < 2 || slices.Contains(os.Args[1:], g.room()) {
			rooms = append(rooms, g.room())
			tried++
		}
	}
	slices.Sort(rooms)
	if len(rooms) == 0 {
		return fmt.Errorf("no guard stands in %s", strings.Join(os.Args[1:], ", "))
	}
	bad := 0
	for _, room := range slices.Compact(rooms) {
		b := bench{overlay: overlay, room: room, binary: filepath.Join(scratch, strings.ReplaceAll(room, "/", "-")+".test")}
		n, err := b.try(ctx, slices.DeleteFunc(slices.Clone(guards), func(g guard) bool { return g.room() != room }))
		if err != nil {
			return err
		}
		bad += n
	}
	if bad > 0 {
		return fmt.Errorf("%d times a guard of %d can be taken out without its test noticing", bad, tried)
	}
	fmt.Printf("\n%d guards: each is missed by its tests\n", tried)
	return nil
}

// read reads the list; it refuses one that leaves an entry of the museum without
// a guard, or a guard without a test.
func read() ([]guard, error) {
	octets, err := os.ReadFile(listed)
	if err != nil {
		return nil, err
	}
	var list struct {
		Museum map[int]string `yaml:"museum"`
		Guards []guard        `yaml:"guards"`
	}
	if err := yaml.Unmarshal(octets, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", listed, err)
	}
	for _, g := range list.Guards {
		if len(g.Tests) == 0 || !strings.Contains(g.Without, "kept()") {
			return nil, fmt.Errorf("%s: guard %s names no test, or its line without it asks nobody whether it is kept()", listed, g.ID)
		}
		if _, known := list.Museum[g.Museum]; !known && g.Museum != 0 {
			return nil, fmt.Errorf("%s: guard %s stands for number %d, which is not in the museum", listed, g.ID, g.Museum)
		}
	}
	for number := range list.Museum {
		if !slices.ContainsFunc(list.Guards, func(g guard) bool { return g.Museum == number }) {
			return nil, fmt.Errorf("%s: nothing stands against number %d", listed, number)
		}
	}
	if len(list.Museum) == 0 || len(list.Guards) == 0 {
		return nil, fmt.Errorf("%s: it holds no museum, or no guard", listed)
	}
	return list.Guards, nil
}

var packageName = regexp.MustCompile(`(?m)^package (\w+)`)

// lay writes the files as they are when every guard can be taken out, and the
// overlay that has the go command read them. A line that is not there once is
// refused: the list is to be mended then.
func lay(scratch string, guards []guard) (overlay string, err error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	files, asks := map[string]string{}, map[string]string{}
	for _, g := range guards {
		text, read := files[g.File]
		if !read {
			octets, err := os.ReadFile(g.File)
			if err != nil {
				return "", err
			}
			text = string(octets)
			name := packageName.FindStringSubmatch(text)
			if name == nil {
				return "", fmt.Errorf("%s names no package", g.File)
			}
			asks[filepath.Join(g.room(), "guard_kept.go")] = "package " + name[1] + "\n\nimport \"os\"\n\n" +
				"func guardKept(id string) bool { return os.Getenv(\"" + named + "\") != id }\n"
		}
		if n := strings.Count(text, g.Line); n != 1 {
			return "", fmt.Errorf("%s: the line of guard %s stands %d times in %s, and should once: %s", listed, g.ID, n, g.File, g.Line)
		}
		files[g.File] = strings.Replace(text, g.Line, strings.ReplaceAll(g.Without, "kept()", fmt.Sprintf("guardKept(%q)", g.ID)), 1)
	}
	replace := map[string]string{}
	for _, some := range []map[string]string{files, asks} {
		for file, text := range some {
			path := filepath.Join(scratch, strings.ReplaceAll(file, "/", "-")+".txt")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return "", err
			}
			replace[filepath.Join(root, file)] = path
		}
	}
	octets, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(scratch, "overlay.json")
	return overlay, os.WriteFile(overlay, octets, 0o644)
}

// bench tries the guards of one package, with its tests in one binary.
type bench struct{ overlay, room, binary string }

func (b bench) try(ctx context.Context, guards []guard) (bad int, err error) {
	build := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", b.overlay, "-o", b.binary, "./"+b.room)
	if said, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s cannot be built with its guards made to be taken out: %w\n%s", b.room, err, said)
	}
	var all []string
	for _, g := range guards {
		all = append(all, g.Tests...)
	}
	slices.Sort(all)
	for _, test := range slices.Compact(all) { // a test that there is not, or that fails anyway, proves nothing
		if said, code, err := b.test(ctx, "", test); err != nil || code != 0 || !strings.Contains(said, "--- PASS: "+test+" ") {
			return 0, errors.Join(err, fmt.Errorf("%s: %s does not pass with every guard in its place:\n%s", b.room, test, said))
		}
	}
	for _, g := range guards {
		for _, test := range g.Tests {
			began := time.Now()
			said, code, err := b.test(ctx, g.ID, test)
			if err != nil {
				return 0, err
			}
			state := "missed"
			failed := code == 1 && strings.Contains(said, "--- FAIL: "+test)
			if crashed := strings.Contains(said, "\npanic: ") || strings.Contains(said, "\nfatal error: "); !failed || crashed {
				state = "NOT MISSED"
				bad++
			}
			number := "    "
			if g.Museum > 0 {
				number = fmt.Sprintf("%2d  ", g.Museum)
			}
			fmt.Printf("%s%-11s %-36s %-30s %s (%.1f s)\n", number, state, g.ID, g.File, test, time.Since(began).Seconds())
			if state != "missed" {
				fmt.Println(said)
			}
		}
	}
	return bad, nil
}

// test runs one test, without one guard; "" leaves all in their place.
func (b bench) test(ctx context.Context, without, test string) (said string, code int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, b.binary, "-test.v", "-test.count=1", "-test.run", "^"+test+"$")
	command.Dir = b.room
	command.Env = append(os.Environ(), named+"="+without, "GOFLAGS=-overlay="+b.overlay)
	octets, err := command.CombinedOutput()
	var exited *exec.ExitError
	if errors.As(err, &exited) {
		return string(octets), exited.ExitCode(), ctx.Err()
	}
	return string(octets), 0, err
}
