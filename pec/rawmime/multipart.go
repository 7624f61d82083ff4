package rawmime

import (
	"bytes"
	"strings"
)

// delimiter is one boundary line (RFC 2046 5.1.1).
type delimiter struct {
	start int // where what precedes ends: before the CRLF that belongs to the boundary
	next  int // after the line end of the boundary line
	close bool
}

// multipart splits the body of e at its boundary lines.
func (p *parser) multipart(e *Entity, boundary string, depth int) {
	if encoding := e.Encoding(); encoding == "base64" || encoding == "quoted-printable" {
		p.find("multipart-with-transfer-encoding", e.Start,
			"a multipart has Content-Transfer-Encoding %q; RFC 2045 6.4 allows only 7bit, 8bit and binary", encoding)
	}
	if boundary == "" {
		p.find("multipart-without-boundary", e.Start, "a multipart has no boundary parameter; its parts cannot be told apart")
		return
	}
	if len(boundary) > 70 || strings.HasSuffix(boundary, " ") {
		p.find("boundary-malformed", e.Start, "the boundary %q is longer than 70 characters or ends in a space (RFC 2046 5.1.1)", clip([]byte(boundary)))
	}
	if !p.mayDescend(e, depth) {
		return
	}

	newline := []byte("\n--" + boundary)
	open, ok := p.nextDelimiter(e.BodyStart, e.BodyStart, e.End, newline)
	for ok && open.close { // a close boundary before any part: not a delimiter of anything
		p.find("close-boundary-first", open.start, "a close boundary comes before the first part")
		open, ok = p.nextDelimiter(e.BodyStart, open.next, e.End, newline)
	}
	if !ok {
		p.find("missing-boundary", e.BodyStart, "the body of a multipart has no line with its boundary %q", clip([]byte(boundary)))
		return
	}
	e.preambleEnd = open.start
	for {
		next, ok := p.nextDelimiter(open.next, open.next, e.End, newline)
		end := e.End
		if ok {
			end = next.start
		}
		if !p.mayAdd(open.next) {
			return
		}
		e.Parts = append(e.Parts, p.entity(open.next, end, e, depth+1, false))
		switch {
		case !ok:
			p.find("missing-close-boundary", e.End, "the multipart with boundary %q is not closed: the message is cut, or the boundary altered", clip([]byte(boundary)))
			return
		case next.close:
			e.epilogueStart = next.next
			if after, more := p.nextDelimiter(next.next, next.next, e.End, newline); more {
				p.find("boundary-after-close", after.start, "the boundary %q appears again after its close; what follows is no part", clip([]byte(boundary)))
			}
			return
		}
		open = next
	}
}

// nextDelimiter finds the first boundary line, which is newline without its line
// end and what may follow, at or after from. Nothing before
// floor belongs to what it may cut: a boundary line right after another one
// delimits an empty part, not one of negative length.
//
// The whole line must match, as nearly all readers do; RFC 2046 is content
// with a prefix, which would confuse "outer" with "outer-inner". Lines that
// match only as a prefix are findings, because readers disagree on them.
func (p *parser) nextDelimiter(floor, from, end int, newline []byte) (delimiter, bool) {
	dashes := newline[1:]
	for at := from; at < end; {
		if at > from || !bytes.HasPrefix(p.whole[at:end], dashes) {
			// One octet back: the line end before may be what was just read.
			i := bytes.Index(p.whole[max(at-1, from):end], newline)
			if i < 0 {
				return delimiter{}, false
			}
			at = max(at-1, from) + i + 1
		}
		text, next := line(p.whole, at, end)
		tail := text[len(dashes):]
		isClose := bytes.HasPrefix(tail, []byte("--"))
		if isClose && len(bytes.Trim(tail[2:], " \t\r")) == 0 || len(bytes.Trim(tail, " \t\r")) == 0 {
			return delimiter{start: p.beforeLineEnd(floor, at), next: next, close: isClose}, true
		}
		p.find("boundary-prefix-line", at, "a line only starts with the boundary %q; it was not taken as a boundary", clip(newline[3:]))
		at = next
	}
	return delimiter{}, false
}

// beforeLineEnd steps back over the line end right before at, not below floor.
func (p *parser) beforeLineEnd(floor, at int) int {
	if at > floor && p.whole[at-1] == '\n' {
		at--
		if at > floor && p.whole[at-1] == '\r' {
			at--
		}
	}
	return at
}

// Preamble returns what stands before the first boundary line of a multipart,
// without the line end that belongs to the boundary.
func (e *Entity) Preamble() []byte {
	if e.preambleEnd <= e.BodyStart {
		return nil
	}
	return e.Whole[e.BodyStart:e.preambleEnd]
}

// Epilogue returns what stands after the close boundary line of a multipart.
func (e *Entity) Epilogue() []byte {
	if e.epilogueStart == 0 {
		return nil
	}
	return e.Whole[e.epilogueStart:e.End]
}

// Closed reports whether a multipart ends with its close boundary.
func (e *Entity) Closed() bool { return e.epilogueStart > 0 }
