package evidence

import (
	"bytes"
	"fmt"
)

// Exact reads an event log as Each does and looks at how each line is written:
// wrong is told, by its number from 1, of a line that nobody who records writes.
// The chain shows that no line was changed by itself; whoever makes it anew can
// put into it what readers overlook, or read in two ways.
//
// Lines are held against the octets that this program writes for the same event
// where the version that wrote them is the one that is given. What another version
// wrote may be written in another way: it is counted in Log.Otherwise.
func Exact(dir, version string, event func(Event) error, wrong func(line int, what string)) (*Log, error) {
	writer, before, otherwise := "", Type(""), 0
	log, err := each(dir, event, func(number int, line []byte, e Event) error {
		switch {
		case e.Run != nil:
			writer = e.Run.Version
		case e.Type == RunResumed:
			writer = e.Resumption.Version
		}
		if e.Sequence != number {
			wrong(number, fmt.Sprintf("says that it is event %d", e.Sequence))
		}
		if before == RunEnded && e.Type != RunResumed {
			wrong(number, fmt.Sprintf("is an event of type %q after the end of the run: only %s can follow it", e.Type, RunResumed))
		}
		before = e.Type
		again, err := encode(e)
		switch {
		case err != nil:
			return err
		case bytes.Equal(spelled(line), spelled(again)):
		case writer == version:
			wrong(number, "is not in the form in which an event is written: something was added to it, stands there twice or is spelled differently")
		default:
			otherwise++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	log.Otherwise = otherwise
	return log, nil
}

// spelled is a line with U+FFFD itself wherever that is escaped: it is written so
// for octets that were no UTF-8, and read back as the character.
func spelled(line []byte) []byte {
	escape := []byte(`\ufffd`)
	if !bytes.Contains(line, escape) {
		return line
	}
	var b []byte
	for len(line) > 0 {
		switch {
		case bytes.HasPrefix(line, escape):
			b, line = append(b, "\uFFFD"...), line[len(escape):]
		case line[0] == '\\' && len(line) > 1:
			b, line = append(b, line[:2]...), line[2:]
		default:
			b, line = append(b, line[0]), line[1:]
		}
	}
	return b
}
