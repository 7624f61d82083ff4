package evidence

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// chained is a log of these lines whose chain was made anew, as somebody would who
// means to deceive: each line holds PREV where the hash of the one before belongs.
func chained(lines ...string) string {
	var b strings.Builder
	previous := ""
	for _, line := range lines {
		line = strings.Replace(line, "PREV", previous, 1) + "\n"
		previous = hashOf([]byte(line))
		b.WriteString(line)
	}
	return b.String()
}

// unchained is the lines of a log, to be put together again by chained.
func unchained(t *testing.T, log string) []string {
	t.Helper()
	var lines []string
	previous := ""
	for line := range strings.Lines(log) {
		if !strings.Contains(line, `"prev":"`+previous+`"`) {
			t.Fatalf("%q does not continue the chain", line)
		}
		lines = append(lines, strings.TrimSuffix(strings.Replace(line, `"prev":"`+previous+`"`, `"prev":"PREV"`, 1), "\n"))
		previous = hashOf([]byte(line))
	}
	return lines
}

// TestALogIsReadToTheLetter alters a log and makes its chain anew.
func TestALogIsReadToTheLetter(t *testing.T) {
	t.Parallel()
	const form = "is not in the form in which an event is written: something was added to it, stands there twice or is spelled differently"
	replace := func(n int, old, with string) func(lines []string) []string {
		return func(lines []string) []string {
			if !strings.Contains(lines[n-1], old) {
				t.Errorf("line %d holds no %q", n, old)
			}
			lines[n-1] = strings.Replace(lines[n-1], old, with, 1)
			return lines
		}
	}
	resumed := `{"seq":10,"at":"2026-03-29T00:59:59Z","type":"run-resumed","resumption":{"version":"new"},"prev":"PREV"}`
	for _, test := range []struct {
		name      string
		alter     func(lines []string) []string
		wrong     []string
		otherwise int // with another version than the one that wrote
	}{
		{"nothing", func(lines []string) []string { return lines }, nil, 0},
		{"a field of no event", replace(3, `"seq":3,`, `"seq":3,"approved":true,`), []string{"3 " + form}, 1},
		{"a field twice", replace(3, `"code":250`, `"code":550,"code":250`), []string{"3 " + form}, 1},
		{"a field twice, in capitals", replace(3, `"code":250`, `"CODE":550,"code":250`), []string{"3 " + form}, 1},
		{"a field in capitals", replace(3, `"code":250`, `"Code":250`), []string{"3 " + form}, 1},
		{"an empty field", replace(8, `"end":{`, `"end":{"reason":"",`), []string{"8 " + form}, 1},
		{"a blank", replace(3, `"seq":3,`, `"seq": 3,`), []string{"3 " + form}, 1},
		{"an escaped letter", replace(2, "One", `\u004fne`), []string{"2 " + form}, 1},
		{"what is no UTF-8, as it is written", replace(2, "One", `One \ufffd \\ufffd`), nil, 0},
		{"a backslash before what is no UTF-8", replace(2, "One", `One \\`+"\uFFFD"), nil, 0},
		{"another number", replace(4, `"seq":4,`, `"seq":5,`), []string{"4 says that it is event 5"}, 0},
		{"an event after the end", func(lines []string) []string {
			return append(lines, strings.Replace(lines[4], `"seq":5,`, `"seq":10,`, 1))
		}, []string{`10 is an event of type "settled" after the end of the run: only run-resumed can follow it`}, 0},
		{"a second end", func(lines []string) []string {
			return append(lines, strings.Replace(lines[8], `"seq":9,`, `"seq":10,`, 1))
		}, []string{`10 is an event of type "run-ended" after the end of the run: only run-resumed can follow it`}, 0},
		{"a run that was taken up again", func(lines []string) []string {
			return append(lines, resumed, strings.Replace(lines[4], `"seq":5,`, `"seq":11,`, 1))
		}, nil, 0},
		{"a run that another version took up again", func(lines []string) []string {
			return append(lines, resumed, strings.Replace(lines[4], `"seq":5,`, `"seq": 11,`, 1))
		}, nil, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, _ := record(t, true)
			path := filepath.Join(dir, EventsFile)
			write(t, path, chained(test.alter(unchained(t, read(t, path)))...))
			exact := func(version string) (*Log, []string) {
				t.Helper()
				var found []string
				log, err := Exact(dir, version, func(Event) error { return nil }, func(line int, what string) { found = append(found, fmt.Sprint(line, " ", what)) })
				if err != nil {
					t.Fatal(err)
				}
				return log, found
			}
			log, found := exact("") // which is that of record
			if diff := cmp.Diff(test.wrong, found); diff != "" {
				t.Errorf("wrong (-want +got):\n%s", diff)
			}
			want := 0
			if strings.Contains(test.name, "another version took up") {
				want = test.otherwise
			}
			if log.Otherwise != want {
				t.Errorf("%d lines of another version, want %d", log.Otherwise, want)
			}
			if log, _ := exact("other"); log.Otherwise != test.otherwise {
				t.Errorf("%d lines in another form than another version's, want %d", log.Otherwise, test.otherwise)
			}
		})
	}
}
