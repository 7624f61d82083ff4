package conformance

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeTest is a test of a vendor, looked at from outside.
type fakeTest struct {
	t      *testing.T
	name   string
	parent *fakeTest
	ran    []string
	failed map[string]string // by name of the subtest, "" for the test itself
	logged []string
}

type stopped struct{}

func (f *fakeTest) Helper()                  {}
func (f *fakeTest) Context() context.Context { return f.t.Context() }
func (f *fakeTest) ArtifactDir() string      { return f.t.TempDir() }
func (f *fakeTest) Log(a ...any)             { f.root().logged = append(f.root().logged, fmt.Sprint(a...)) }
func (f *fakeTest) Error(a ...any)           { f.root().failed[f.name] += fmt.Sprint(a...) }
func (f *fakeTest) Fatal(a ...any)           { f.Error(a...); panic(stopped{}) }

func (f *fakeTest) root() *fakeTest {
	if f.parent != nil {
		return f.parent
	}
	return f
}

func (f *fakeTest) Run(name string, test func(*fakeTest)) bool {
	f.ran = append(f.ran, name)
	test(&fakeTest{t: f.t, name: name, parent: f})
	return f.failed[name] == ""
}

// watch plays a vendor's test and returns what became of it.
func watch(t *testing.T, test func(*fakeTest)) (f *fakeTest) {
	t.Helper()
	f = &fakeTest{t: t, failed: map[string]string{}}
	defer func() {
		if p := recover(); p != nil && p != any(stopped{}) {
			panic(p)
		}
	}()
	test(f)
	return f
}

func TestVendorsTest(t *testing.T) {
	t.Parallel()
	const one = "@id:mixed-recipients"
	tests := []struct {
		name   string
		target string
		change func(*Options)
		ran    string            // a subtest that is there
		failed map[string]string // what fails, and a part of what it says
	}{
		{"conformant", BuiltIn, func(o *Options) { o.Rules, o.Tags = []string{"PEC-ACC-003"}, one }, "PEC-ACC-003", nil},
		{
			"a broken rule", BuiltIn, func(o *Options) {
				o.Rules, o.Tags, o.Faults = []string{"PEC-ACC-003"}, one, []string{"acceptance-subject-prefix"}
			}, "PEC-ACC-003",
			map[string]string{"PEC-ACC-003": "expected: ", "": "NOT CONFORMANT"},
		},
		{
			"nothing exercised is no pass", BuiltIn, func(o *Options) { o.Rules, o.Tags = []string{"PEC-SIG-010"}, one }, "",
			map[string]string{"": "INCONCLUSIVE"},
		},
		{"no target", "", nil, "", map[string]string{"": "no target"}},
		{"a target file that is not there", "nowhere.yaml", nil, "", map[string]string{"": "nowhere.yaml"}},
		{"a rule that does not exist", BuiltIn, func(o *Options) { o.Rules = []string{"PEC-AP-0055"} }, "", map[string]string{"": "PEC-AP-005"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "run")
			f := watch(t, func(f *fakeTest) {
				play(f, test.target, func(o *Options) {
					o.Out, o.keys = out, endpointKeys()
					if test.change != nil {
						test.change(o)
					}
				})
			})
			if test.ran != "" && !strings.Contains(strings.Join(f.ran, " "), test.ran) {
				t.Errorf("no subtest %s: there are %v", test.ran, f.ran)
			}
			if len(f.failed) != len(test.failed) {
				t.Errorf("failed: %v, expected %v", f.failed, test.failed)
			}
			for name, says := range test.failed {
				if !strings.Contains(f.failed[name], says) {
					t.Errorf("%q failed with %q: expected it to say %q", name, f.failed[name], says)
				}
			}
		})
	}
}

// A verdict that go test may keep is refused before anything is played.
func TestKeptResultsAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		note      *string // value of -test.testlogfile; nil: there is no such flag
		arguments []string
		refused   bool
	}{
		{"go test PACKAGE", new("/tmp/testlog.txt"), []string{"x.test", "-test.testlogfile=/tmp/testlog.txt", "-test.timeout=10m"}, true},
		{"go test -count=1 PACKAGE", new(""), []string{"x.test", "-test.count=1"}, false},
		{"a binary of go test -c", new(""), []string{"x.test"}, false},
		{"a go command that tells no more what it keeps", nil, []string{"x.test"}, true},
		{"the same with -count=1", nil, []string{"x.test", "-test.count=1"}, false},
		{"an argument of the test's own", nil, []string{"x.test", "count=1"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			flags := flag.NewFlagSet("x.test", flag.ContinueOnError)
			if test.note != nil {
				flags.String("test.testlogfile", *test.note, "")
			}
			reason := kept(flags, test.arguments)
			if diff := cmp.Diff(test.refused, reason != ""); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
			if test.refused && !strings.Contains(reason, "-count=1") {
				t.Errorf("it does not say what to do: %s", reason)
			}
		})
	}
}
