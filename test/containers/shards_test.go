//go:build containers

package containers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Four containers with no network play a shard each into one volume, and a fifth
// puts them together: that is the run that one container plays. A subset is
// played, with a fault, so that there are failures to be put together too. Without
// one of the shards there is no run.
func TestShardsInContainers(t *testing.T) {
	t.Parallel()
	const shards = 4
	volume := fmt.Sprintf("collaudo-%d-shards", os.Getpid())
	docker(t, "volume", "create", volume)
	t.Cleanup(func() { tidy(t, "volume", "rm", "--force", volume) })
	dir := t.TempDir()
	// run runs a container on the volume, takes what it wrote out of the volume, and
	// returns the exit code and what was said.
	run := func(wrote string, arguments ...string) (code, said string) {
		id := docker(t, append([]string{
			"create", "--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--volume", volume + ":/out", image(t),
		}, arguments...)...)
		t.Cleanup(func() { tidy(t, "rm", "--force", id) })
		said, _ = dockerSays(t.Context(), "start", "--attach", id) // its exit code is asked for below
		if wrote != "" {
			docker(t, "cp", id+":/out/"+wrote, filepath.Join(dir, filepath.Base(wrote)))
		}
		return docker(t, "inspect", "--format", "{{.State.ExitCode}}", id), said
	}
	play := func(out string, more ...string) (code, said string) {
		arguments := append([]string{"run", "--tags", "@core", "--fault", "acceptance-subject-prefix", "--out", "/out/" + out}, more...)
		return run(out, arguments...)
	}
	var all sync.WaitGroup
	for k := range shards {
		all.Go(func() {
			code, said := play(fmt.Sprintf("shards/pod-%d", k), "--shard", fmt.Sprintf("index=%d/%d", k, shards))
			if code != "0" && code != "1" { // the fault need not be seen by each shard
				t.Errorf("shard %d ended with %s and said:\n%s", k, code, said)
			}
		})
	}
	all.Wait()
	if code, said := play("whole"); code != "1" {
		t.Fatalf("the run of one container ended with %s, want 1; it said:\n%s", code, said)
	}
	code, said := run("merged", "report", "merge", "/out/merged", "/out/shards")
	if code != "1" || !strings.Contains(said, "merged 4 shards") {
		t.Fatalf("the merge ended with %s, want 1; it said:\n%s", code, said)
	}
	want, got := verdicts(t, filepath.Join(dir, "whole")), verdicts(t, filepath.Join(dir, "merged"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-one container +four):\n%s", diff)
	}
	counts := map[string]int{}
	for _, verdict := range want {
		counts[verdict]++
	}
	t.Logf("rules by verdict: %v", counts)
	if counts["fail"] == 0 || counts["pass"] == 0 {
		t.Errorf("rules by verdict: %v, want failures and others", counts)
	}
	code, said = run("", "report", "merge", "/out/half", "/out/shards/pod-0", "/out/shards/pod-1", "/out/shards/pod-3")
	if code != "2" || !strings.Contains(said, "3/4") {
		t.Errorf("a merge without the third shard ended with %s, want 2 and that shard's name; it said:\n%s", code, said)
	}
}
