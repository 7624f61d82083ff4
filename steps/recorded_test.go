package steps

import (
	"path/filepath"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// recorded is evidence being written, to be read back in the same test.
type recorded struct {
	dir      string
	recorder *evidence.Recorder
	scenario *evidence.Scenario
}

func record(t *testing.T) *recorded {
	t.Helper()
	r := &recorded{dir: filepath.Join(t.TempDir(), "run")}
	var err error
	if r.recorder, err = evidence.Create(r.dir, testNow); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.recorder.Close() }) // read has mostly closed it
	r.scenario = r.recorder.Scenario("test")
	return r
}

// read opens what has been written so far. More may be written after it.
func (r *recorded) read(t *testing.T) *evidence.Case {
	t.Helper()
	record, err := evidence.Open(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(record.Cases) != 1 {
		t.Fatalf("%d scenarios in evidence, want one", len(record.Cases))
	}
	return record.Cases[0]
}
