//go:build containers

package containers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// image is the image under test.
func image(t *testing.T) string {
	t.Helper()
	name := os.Getenv("COLLAUDO_IMAGE")
	if name == "" {
		t.Fatal("COLLAUDO_IMAGE names no image: run test/containers/run")
	}
	return name
}

// owner is the user of the image.
const owner = 65532

// docker runs the client of Docker's engine and returns what it said. An exit code
// that is not 0 ends the test.
func docker(t *testing.T, arguments ...string) string {
	t.Helper()
	said, err := dockerSays(t.Context(), arguments...)
	if err != nil {
		t.Fatalf("docker %s: %v\n%s", strings.Join(arguments, " "), err, said)
	}
	return said
}

func dockerSays(ctx context.Context, arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	octets, err := exec.CommandContext(ctx, "/usr/bin/docker", arguments...).CombinedOutput()
	return strings.TrimSpace(string(octets)), err
}

// tidy is docker at a test's end, whose own context is over: what is gone is gone.
func tidy(t *testing.T, arguments ...string) {
	t.Helper()
	_, _ = dockerSays(context.WithoutCancel(t.Context()), arguments...)
}

// writable is a folder that the user of the image can write to.
func writable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "collaudo-containers-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chown(dir, owner, owner); err != nil {
		t.Fatalf("%v; these tests need root", err)
	}
	return dir
}

// copyFile copies a file for everybody to read.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	octets, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, octets, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// give has the user of the image own a folder and all in it.
func give(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chown(path, owner, owner)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s was expected within %v", what, limit)
		}
	}
}
