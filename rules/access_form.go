package rules

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec"
)

// singleFields may stand at most once in a header (RFC 5322 3.6).
var singleFields = []string{"Date", "From", "Sender", "Reply-To", "To", "Cc", "Message-ID", "In-Reply-To", "References", "Subject"}

// maxLineOctets is the longest line that RFC 5322 2.1.1 allows, CRLF excluded.
const maxLineOctets = 998

// noDate marks the one breach of form that may be cured instead of refused.
const noDate = "there is no Date field"

// form: what else RFC 5322 demands of a message, as far as rule PEC-AP-039
// names it.
func (b *breachList) form(t *Transaction) {
	sent := t.Sent
	for _, name := range singleFields {
		if n := len(sent.Lookup(name)); n > 1 {
			b.add("PEC-AP-039", forgiven, "the field %s stands %d times", name, n)
		}
	}
	if !sent.Has("Date") {
		b.add("PEC-AP-039", forgiven, noDate)
	}
	for _, value := range sent.Values("Cc") {
		if _, err := pec.ParseAddressList(value); err != nil && strings.TrimSpace(value) != "" {
			b.add("PEC-AP-039", forgiven, "Cc %s does not parse as RFC 5322 addresses", shown(value))
		}
	}
	for _, f := range sent.Findings {
		if f.Code == "header-line-without-colon" && f.Offset < sent.BodyStart {
			b.add("PEC-AP-039", forgiven, "a header line has no colon")
			break
		}
	}
	if at := bareReturn(sent.Whole); at >= 0 {
		b.add("PEC-AP-039", forgiven, "octet %d is a CR that no LF follows", at)
	}
	if line, octets := longLine(sent.Whole); line > 0 {
		b.add("PEC-AP-039", forgiven, "line %d is %s long", line, plural(octets, "octet"))
	}
}

// bareReturn returns the offset of the first CR without LF, or -1. Counting
// first keeps messages of 30 MB cheap.
func bareReturn(octets []byte) int {
	if bytes.Count(octets, []byte("\r")) == bytes.Count(octets, []byte("\r\n")) {
		return -1
	}
	for from := 0; ; {
		i := bytes.IndexByte(octets[from:], '\r')
		if i < 0 {
			return -1
		}
		if i += from; i+1 == len(octets) || octets[i+1] != '\n' {
			return i
		}
		from = i + 2
	}
}

// longLine returns the number and length of the first line that is too long;
// 0 when none is. It jumps from the last line end of one window to the next.
func longLine(octets []byte) (line, length int) {
	const window = maxLineOctets + len("\r\n")
	for from := 0; len(octets)-from > maxLineOctets; {
		end := min(from+window, len(octets))
		i := bytes.LastIndexByte(octets[from:end], '\n')
		if i >= 0 {
			from += i + 1
			continue
		}
		rest, _, _ := bytes.Cut(octets[from:], []byte("\n"))
		if rest = bytes.TrimSuffix(rest, []byte("\r")); len(rest) <= maxLineOctets {
			return 0, 0 // the last line, without an end
		}
		return bytes.Count(octets[:from], []byte("\n")) + 1, len(rest)
	}
	return 0, 0
}

// lineAt says where in the octets an offset lies, for a person.
func lineAt(octets []byte, offset int) string {
	return fmt.Sprintf("octet %d (line %d)", offset, bytes.Count(octets[:min(offset, len(octets))], []byte("\n"))+1)
}
