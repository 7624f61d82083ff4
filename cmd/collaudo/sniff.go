package main

import (
	"bytes"
	"fmt"
)

// notAMessage says why octets cannot be the beginning of a message, or "" when
// they can: a message begins with header fields, "Name: value" (RFC 5322 2.2).
// A damaged header is still a message; none at all is not.
func notAMessage(first []byte) string {
	if bytes.IndexByte(first[:min(len(first), 512)], 0) >= 0 {
		return "it holds binary data"
	}
	fields, lines := 0, 0
	for line := range bytes.Lines(first) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break // end of the header
		}
		if lines++; lines > 50 {
			break
		}
		if isField(line) {
			fields++
		}
	}
	switch {
	case fields == 0:
		return "no line at its beginning has the form of a header field"
	case fields*8 < lines:
		return fmt.Sprintf("only %d of its first %d lines have the form of a header field or of a folded line", fields, lines)
	}
	return ""
}

// isField tells whether a line begins with a field name and a colon.
func isField(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 {
		return false
	}
	for _, c := range bytes.TrimRight(line[:colon], " \t") {
		if c < 33 || c > 126 {
			return false
		}
	}
	return true
}
