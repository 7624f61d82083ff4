package history

import "bytes"

// maxHeld bounds what is kept of a line that has not ended, and of what waits
// for an answer.
const maxHeld = 8192

// lines cuts a stream into lines. The zero value is ready.
type lines struct {
	begun   []byte
	waiting []byte
}

// next adds octets; whole tells that a line, without its end, is complete. What
// follows it is the rest. Of an overlong line the beginning is kept.
func (l *lines) next(b []byte) (text string, rest []byte, whole bool) {
	end := bytes.IndexByte(b, '\n')
	part := b
	if end >= 0 {
		part = b[:end]
	}
	if room := maxHeld - len(l.begun); len(part) > room {
		part = part[:room]
	}
	if end < 0 {
		l.begun = append(l.begun, part...)
		return "", nil, false
	}
	line := part
	if len(l.begun) > 0 {
		line = append(l.begun, part...)
		l.begun = nil
	}
	return string(bytes.TrimSuffix(line, []byte("\r"))), b[end+1:], true
}

// midway tells that a line has begun and not ended.
func (l *lines) midway() bool { return len(l.begun) > 0 }

// full tells that no more is kept of the line that has begun.
func (l *lines) full() bool { return len(l.begun) >= maxHeld }

// hold puts octets aside until it is known what they are.
func (l *lines) hold(b []byte) {
	if room := maxHeld - len(l.waiting); len(b) > room {
		b = b[:room]
	}
	l.waiting = append(l.waiting, b...)
}

// held gives back what was put aside.
func (l *lines) held() []byte {
	b := l.waiting
	l.waiting = nil
	return b
}
