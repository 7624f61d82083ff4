package smtp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/simulator/history"
)

// maxReplyLines bounds one reply of a peer, maxReplyLine one line of it.
const (
	maxReplyLines = 100
	maxReplyLine  = 4096
)

// Stuffed puts octets into the form that follows DATA: a dot before each dot
// that begins a line (after CRLF), and the final dot.
func Stuffed(octets []byte) []byte {
	out := make([]byte, 0, len(octets)+len(octets)/64+8)
	lineStart := true
	for i, b := range octets {
		if lineStart && b == '.' {
			out = append(out, '.')
		}
		out = append(out, b)
		lineStart = b == '\n' && i > 0 && octets[i-1] == '\r'
	}
	if !bytes.HasSuffix(out, []byte("\r\n")) {
		out = append(out, '\r', '\n')
	}
	return append(out, '.', '\r', '\n')
}

func (c *Client) reply() (Reply, error) {
	var r Reply
	var lines []string
	for len(lines) < maxReplyLines {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return r, fmt.Errorf("read a reply: %w", err)
		}
		text := strings.TrimRight(string(line), "\r\n")
		c.history.Count(0, len(line))
		c.history.Line(history.Server, text)
		if len(text) < 3 {
			return r, fmt.Errorf("reply %q: want three digits", text)
		}
		code, err := strconv.Atoi(text[:3])
		if err != nil || code < 200 || code > 599 {
			return r, fmt.Errorf("reply %q: want three digits", text)
		}
		rest, more := "", false
		if len(text) > 3 {
			rest, more = text[4:], text[3] == '-'
		}
		lines = append(lines, rest)
		if !more {
			r.Code, r.Text = code, strings.Join(lines, "\n")
			r.Enhanced, r.Text = enhanced(r.Text)
			return r, nil
		}
	}
	return r, fmt.Errorf("a reply of more than %d lines", maxReplyLines)
}

// enhanced splits an enhanced status code (RFC 2034) from a reply's text.
func enhanced(text string) ([3]int, string) {
	word, rest, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	var code [3]int
	if len(parts) != 3 {
		return code, text
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || n > 999 {
			return [3]int{}, text
		}
		code[i] = n
	}
	return code, rest
}

// said and sent write down what goes out.
func (c *Client) said(commands []byte) {
	c.history.Count(len(commands), 0)
	if c.history == nil {
		return
	}
	for line := range strings.Lines(string(commands)) {
		c.history.Line(history.Client, strings.TrimRight(line, "\r\n"))
	}
}

func (c *Client) sent(octets []byte, hash string) {
	c.history.Count(len(octets), 0)
	if hash == "" {
		c.history.Octets(history.Client, octets)
		return
	}
	c.history.Message(history.Client, hash, int64(len(octets)))
}
