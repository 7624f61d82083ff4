// Package antivirus looks through messages for a simulated provider: by an
// embedded scanner, or by a real one that runs beside it (Clamd).
//
// The embedded one looks for the EICAR test file and for a list of patterns in a
// message: in its raw octets, in what its parts decode to, in messages enclosed,
// and in ZIP archives, within limits. It is not an antivirus: it protects nobody.
// It finds what tests put there, so that a provider has something to refuse. Two
// providers may know different patterns, which is how one finds what the other
// missed.
package antivirus

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// EICARName is what the scanner calls the EICAR test file.
const EICARName = "Eicar-Test-Signature"

// EICAR assembles the EICAR test file. It stands in no source and no binary in
// one piece, because real scanners would take those for it.
func EICAR() []byte {
	return bytes.Join([][]byte{
		[]byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}`),
		[]byte(`$EICAR-STANDARD-`),
		[]byte(`ANTIVIRUS-TEST-FILE!$H+H*`),
	}, nil)
}

// Pattern is what to look for.
type Pattern struct {
	Name  string // reported when found, goes into notices
	Bytes []byte // looked for anywhere in decoded content
}

// Limits bound one scan. The zero value of a field means its default.
type Limits struct {
	Depth        int   // archives and messages within one another; default 6
	Items        int   // parts and archive members; default 2,000
	DecodedBytes int64 // all that was decoded or unpacked together; default 256 MiB
}

func (l Limits) orDefault() Limits {
	if l.Depth == 0 {
		l.Depth = 6
	}
	if l.Items == 0 {
		l.Items = 2000
	}
	if l.DecodedBytes == 0 {
		l.DecodedBytes = 256 << 20
	}
	return l
}

// Scanner looks for patterns. It is safe for concurrent use.
type Scanner struct {
	patterns []Pattern
	limits   Limits
}

// New makes a scanner that knows the EICAR test file and the patterns given.
func New(patterns ...Pattern) *Scanner { return NewLimited(Limits{}, patterns...) }

// NewLimited makes a scanner with its own limits.
func NewLimited(limits Limits, patterns ...Pattern) *Scanner {
	s := &Scanner{limits: limits.orDefault(), patterns: []Pattern{{Name: EICARName, Bytes: EICAR()}}}
	for _, p := range patterns {
		if len(p.Bytes) > 0 { // an empty pattern would be in everything
			s.patterns = append(s.patterns, p)
		}
	}
	return s
}

// Result of a scan.
type Result struct {
	Found      string // name of the first pattern found, "" when none was
	Where      string // file name of the part or archive member, or its position
	Incomplete string // the limit of the scanner that kept something from being looked at, "" when none did
	Closed     string // an archive member that nobody can look at without its key or that is damaged, "" for none
}

// Scan looks through a message.
func (s *Scanner) Scan(message []byte) Result { return s.ScanRead(message, nil) }

// ScanRead is Scan of a message that was read already, with whatever limits;
// nil: it was not. What a limit left out of it is read again with the scanner's
// own.
func (s *Scanner) ScanRead(message []byte, read *rawmime.Entity) Result {
	w := &walk{scanner: s, left: s.limits.DecodedBytes, items: s.limits.Items}
	w.octets(message, "message")
	switch {
	case w.result.Found != "" || len(message) == 0:
	case read != nil && len(limitsMet(read)) == 0:
		w.entity(read, 0)
	default:
		w.message(message, 0)
	}
	return w.result
}

// limitsMet are the limits of the reader that kept it from reading all.
func limitsMet(root *rawmime.Entity) []string {
	var codes []string
	for _, f := range root.Findings {
		if strings.HasPrefix(f.Code, "limit-") {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// walk is one scan under way.
type walk struct {
	scanner *Scanner
	left    int64 // octets that may still be decoded
	items   int   // items that may still be looked at
	result  Result
}

func (w *walk) done() bool { return w.result.Found != "" }

func (w *walk) stopped(limit string) {
	if w.result.Incomplete == "" {
		w.result.Incomplete = limit
	}
}

// octets looks for the patterns in one piece of content.
func (w *walk) octets(content []byte, where string) {
	for _, p := range w.scanner.patterns {
		if bytes.Contains(content, p.Bytes) {
			w.result.Found, w.result.Where = p.Name, where
			return
		}
	}
}

// message looks through all leaves of a message.
func (w *walk) message(octets []byte, depth int) {
	if depth > w.scanner.limits.Depth {
		w.stopped("depth")
		return
	}
	root, err := rawmime.Parse(octets, rawmime.Limits{Parts: 1 << 16, Findings: 1 << 16})
	if err != nil {
		return // nothing that can be decoded: the raw octets were looked at
	}
	for _, limit := range limitsMet(root) { // what the reader left out nobody has looked at either
		w.stopped(limit)
	}
	w.entity(root, depth)
}

func (w *walk) entity(e *rawmime.Entity, depth int) {
	e.Walk(func(part *rawmime.Entity) bool {
		if w.done() {
			return false
		}
		if w.items--; w.items < 0 {
			w.stopped("items")
			return false
		}
		switch {
		case part.Enclosed != nil:
			if depth >= w.scanner.limits.Depth {
				w.stopped("depth")
				return false
			}
			w.entity(part.Enclosed, depth+1)
		case len(part.Parts) == 0:
			w.leaf(part, depth)
		}
		return true
	})
}

func (w *walk) leaf(part *rawmime.Entity, depth int) {
	where := part.FileName()
	if where == "" {
		where = "octets from " + strconv.Itoa(part.Start)
	}
	if int64(len(part.Body())) > w.left { // decoding never makes it longer
		w.stopped("decoded bytes")
		return
	}
	decoded, err := part.Decoded()
	w.left -= int64(len(decoded))
	if len(decoded) == 0 && err != nil {
		return
	}
	w.octets(decoded, where)
	if w.done() {
		return
	}
	if bytes.HasPrefix(decoded, []byte("PK")) {
		w.archive(decoded, where, depth+1)
		return
	}
	// A message may be enclosed in base64, although MIME forbids it.
	if mediaType, _ := part.MediaType(); mediaType == "message/rfc822" && len(decoded) > 0 {
		w.message(decoded, depth+1)
	}
}
