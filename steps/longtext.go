package steps

import (
	"fmt"
	"strings"
)

// longText keeps the beginning and the end of a text that comes line by line,
// and counts what was between.
type longText struct {
	head, tail int // bounds in octets; head 0: everything is kept

	begins strings.Builder
	ends   []string // the last lines, since the beginning is full
	size   int      // of ends
	lines  int      // that were left out
	cut    int64    // their octets
}

// add takes a line with its line end.
func (t *longText) add(line string) {
	if t.head == 0 || t.size == 0 && t.cut == 0 && t.begins.Len()+len(line) <= t.head {
		t.begins.WriteString(line)
		return
	}
	t.ends, t.size = append(t.ends, line), t.size+len(line)
	for t.size > t.tail && len(t.ends) > 1 {
		t.lines, t.cut, t.size = t.lines+1, t.cut+int64(len(t.ends[0])), t.size-len(t.ends[0])
		t.ends[0] = "" // else the slice holds it
		t.ends = t.ends[1:]
	}
}

// text is what was kept; where something was left out it says how much.
func (t *longText) text() string {
	if t.cut == 0 {
		return t.begins.String() + strings.Join(t.ends, "")
	}
	return t.begins.String() + fmt.Sprintf("%s(%d lines, %d octets, were said here and are not kept: a session is kept up to %d octets)\n",
		saidByNobody, t.lines, t.cut, t.head+t.tail) + strings.Join(t.ends, "")
}
