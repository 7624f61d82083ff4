//go:build containers

package containers

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// largest is what the image may measure: 25 MB.
const largest = 25_000_000

func TestImageIsSmall(t *testing.T) {
	t.Parallel()
	size, err := strconv.Atoi(docker(t, "image", "inspect", "--format", "{{.Size}}", image(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the image measures %.1f MB", float64(size)/1e6)
	if size >= largest {
		t.Errorf("the image measures %d bytes, want fewer than %d", size, largest)
	}
	if user := docker(t, "image", "inspect", "--format", "{{.Config.User}}", image(t)); user == "" || strings.HasPrefix(user, "0") || user == "root" {
		t.Errorf("the image runs as %q, want a user without rights", user)
	}
}

// The whole run, with no network, no rights and nothing to write to but /out.
func TestImageRuns(t *testing.T) {
	t.Parallel()
	out := writable(t)
	name := "collaudo-run-" + strconv.Itoa(os.Getpid())
	said := docker(t, "run", "--rm", "--name", name, "--network", "none", "--read-only", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--volume", out+":/out", image(t)) // fails unless it exits with 0
	if !strings.Contains(said, "CONFORMANT") || strings.Contains(said, "NOT CONFORMANT") {
		t.Errorf("the run said:\n%s", said)
	}
	reports, err := filepath.Glob(filepath.Join(out, "out", "run-*", "run.json"))
	if err != nil || len(reports) != 1 {
		reports, err = filepath.Glob(filepath.Join(out, "run-*", "run.json"))
	}
	if err != nil || len(reports) != 1 {
		t.Errorf("reports %v (%v), want one in the volume", reports, err)
	}
}

// A world is healthy when it answers, and not before; no other container is.
func TestImageHealth(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"a world": {[]string{"simulate"}, "healthy"},
		// a file that is no world: the control port is another one
		"no world": {[]string{"simulate", "--ports", "free"}, "unhealthy"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := docker(t, append([]string{
				"run", "--detach", "--network", "none", "--read-only", "--health-interval", "1s", "--health-start-period", "1s", "--health-retries", "5", image(t),
			}, test.arguments...)...)
			t.Cleanup(func() { tidy(t, "rm", "--force", "--volumes", id) })
			eventually(t, "health "+test.want, time.Minute, func() bool {
				return docker(t, "inspect", "--format", "{{.State.Health.Status}}", id) == test.want
			})
		})
	}
}
