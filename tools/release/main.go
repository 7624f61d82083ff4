// Command release builds what is given to people who have no Go: the binary for
// six platforms, each in an archive, with a bill of materials (SBOM) and the
// checksums of all.
//
// It publishes nothing. The same commit gives the same octets again: paths and
// times of the machine that builds are left out, and times are the commit's.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

// platform is an operating system and a processor, as Go names them.
type platform struct{ system, processor string }

func (p platform) String() string { return p.system + "_" + p.processor }

// platforms are those that a release is made for.
func platforms() []platform {
	var list []platform
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, processor := range []string{"amd64", "arm64"} {
			list = append(list, platform{system, processor})
		}
	}
	return list
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root := flag.String("root", ".", "folder of the project")
	out := flag.String("out", "out/release", "folder for the release; new or empty")
	only := flag.String("only", "", "one platform, such as linux_amd64; empty: all")
	dirty := flag.Bool("allow-modified", false, "build a working copy that differs from its commit; the version says so")
	flag.Parse()
	if err := release(ctx, *root, *out, *only, *dirty); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func release(ctx context.Context, root, out, only string, dirty bool) error {
	stamp, err := readStamp(ctx, root)
	if err != nil {
		return err
	}
	if stamp.modified && !dirty {
		return errors.New("the working copy differs from its commit, so nobody could tell what was built: commit first, or give -allow-modified")
	}
	chosen := slices.DeleteFunc(platforms(), func(p platform) bool { return only != "" && only != p.String() })
	if len(chosen) == 0 {
		return fmt.Errorf("there is no platform %s: choose among %v", only, platforms())
	}
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: choose a new folder, so that no file of an older release stays among the new ones", out)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	extras, err := os.MkdirTemp("", "collaudo-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(extras)
	shared, err := writeExtras(ctx, root, extras, stamp)
	if err != nil {
		return err
	}
	var files []string
	for _, p := range chosen {
		made, err := build(ctx, root, out, p, stamp, shared)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		for _, name := range made {
			info, err := os.Stat(filepath.Join(out, name))
			if err != nil {
				return err
			}
			fmt.Printf("%-48s %6.1f MB\n", name, float64(info.Size())/1e6)
		}
		files = append(files, made...)
	}
	if err := writeSums(out, files); err != nil {
		return err
	}
	fmt.Printf("%s: version %s, commit %s\n", filepath.Join(out, sumsFile), stamp.version, stamp.commit)
	return nil
}

// build makes the archive and the bill of materials for one platform and
// returns their names. What all platforms share goes into each archive.
func build(ctx context.Context, root, out string, p platform, s *stamp, shared []entry) ([]string, error) {
	work, err := os.MkdirTemp("", "collaudo-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	program := "collaudo"
	if p.system == "windows" {
		program += ".exe"
	}
	binary := filepath.Join(work, program)
	if err := compile(ctx, root, binary, s, "GOOS="+p.system, "GOARCH="+p.processor, "GOAMD64=v1", "GOARM64=v8.0"); err != nil {
		return nil, err
	}
	name := "collaudo_" + s.version + "_" + p.String()
	archive, err := pack(filepath.Join(out, name), p, s, append([]entry{
		{binary, program, 0o755},
		{filepath.Join(root, "LICENSE"), "LICENSE", 0o644},
		{filepath.Join(root, "README.md"), "README.md", 0o644},
	}, shared...))
	if err != nil {
		return nil, err
	}
	bill := name + billSuffix
	if err := writeBill(filepath.Join(out, bill), binary, p, s); err != nil {
		return nil, err
	}
	return []string{archive, bill}, nil
}

// compile builds the program into a file, for the platform of the environment
// that is given, or else for this one.
func compile(ctx context.Context, root, binary string, s *stamp, environment ...string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", s.linker(), "-o", binary, "./cmd/collaudo")
	command.Dir = root
	command.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS="), environment...)
	if answer, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, answer)
	}
	return nil
}

// git asks the version control and returns its answer without the line end.
func git(ctx context.Context, root string, arguments ...string) (string, error) {
	var out, trouble bytes.Buffer
	command := exec.CommandContext(ctx, "git", append([]string{"-C", root}, arguments...)...)
	command.Stdout, command.Stderr = &out, &trouble
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", strings.Join(arguments, " "), err, strings.TrimSpace(trouble.String()))
	}
	return strings.TrimSpace(out.String()), nil
}
