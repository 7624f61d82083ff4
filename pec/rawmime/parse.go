package rawmime

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Default limits; see Limits. The values are far above what legitimate mail
// needs, and low enough that one message cannot exhaust the reader.
const (
	defaultHeaderBytes = 1 << 20
	defaultParts       = 2000
	defaultDepth       = 40
	defaultFields      = 100_000
	defaultFindings    = 1000
)

// ErrEmpty is returned by Parse for a message of no octets.
var ErrEmpty = errors.New("rawmime: expected a message, got no octets at all")

// Parse reads whole as one message and returns a view of it that shares its
// octets; whole must not be changed afterwards. Damage is told in the Findings
// of the returned entity; the only error is ErrEmpty.
func Parse(whole []byte, limits Limits) (*Entity, error) {
	if len(whole) == 0 {
		return nil, ErrEmpty
	}
	p := &parser{whole: whole, limits: limits.withDefaults()}
	root := p.entity(0, len(whole), nil, 0, true)
	p.lineEnds()
	root.Findings = p.findings
	return root, nil
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.HeaderBytes, defaultHeaderBytes)
	set(&l.Parts, defaultParts)
	set(&l.Depth, defaultDepth)
	set(&l.Fields, defaultFields)
	set(&l.Findings, defaultFindings)
	return l
}

type parser struct {
	whole    []byte
	limits   Limits
	entities int
	fields   int
	findings []Finding
	once     map[string]bool // codes that are told once per message
	read     []Field         // the header that is being read: an entity gets its fields when their number is known
}

func (p *parser) find(code string, offset int, format string, arguments ...any) {
	switch {
	case len(p.findings) < p.limits.Findings:
		p.findings = append(p.findings, Finding{Code: code, Offset: offset, Detail: fmt.Sprintf(format, arguments...)})
	case len(p.findings) == p.limits.Findings:
		p.findings = append(p.findings, Finding{
			Code: "limit-findings", Offset: offset,
			Detail: fmt.Sprintf("more than %d findings; the rest is not listed", p.limits.Findings),
		})
	}
}

func (p *parser) findOnce(code string, offset int, format string, arguments ...any) {
	if p.once[code] {
		return
	}
	if p.once == nil {
		p.once = map[string]bool{}
	}
	p.once[code] = true
	p.find(code, offset, format, arguments...)
}

// entity reads the octets from start to end as a message or a body part.
// message is true for the message itself and for enclosed ones.
func (p *parser) entity(start, end int, parent *Entity, depth int, message bool) *Entity {
	p.entities++
	e := &Entity{Whole: p.whole, Start: start, End: end, Parent: parent}
	p.header(e, message)

	mediaType, parameters := e.readMediaType()
	e.read, e.mediaType, e.parameters = true, mediaType, parameters
	switch {
	case strings.HasPrefix(mediaType, "multipart/"):
		p.multipart(e, parameters["boundary"], depth)
	case mediaType == "message/rfc822" || mediaType == "message/global":
		p.enclosed(e, depth)
	}
	return e
}

func (p *parser) enclosed(e *Entity, depth int) {
	switch encoding := e.Encoding(); encoding {
	case "7bit", "8bit", "binary":
	default:
		p.find("message-with-transfer-encoding", e.Start,
			"a message/rfc822 part has Content-Transfer-Encoding %q; RFC 2046 5.2.1 allows only 7bit, 8bit and binary", encoding)
		return
	}
	if e.BodyStart == e.End {
		p.find("message-part-empty", e.Start, "a message/rfc822 part encloses no message")
		return
	}
	if !p.mayDescend(e, depth) {
		return
	}
	e.Enclosed = p.entity(e.BodyStart, e.End, e, depth+1, true)
}

// mayDescend reports whether one more level fits the limits.
func (p *parser) mayDescend(e *Entity, depth int) bool {
	if depth+1 > p.limits.Depth {
		p.findOnce("limit-depth", e.BodyStart, "nesting is deeper than %d levels; what lies deeper was not read", p.limits.Depth)
		return false
	}
	return p.mayAdd(e.BodyStart)
}

func (p *parser) mayAdd(offset int) bool {
	if p.entities >= p.limits.Parts {
		p.findOnce("limit-parts", offset, "the message has more than %d parts; the rest was not read", p.limits.Parts)
		return false
	}
	return true
}

// lineEnds tells about line ends other than CRLF and about lines longer than
// RFC 5322 2.1.1 allows: neither survives transport, so both explain many a
// broken signature.
func (p *parser) lineEnds() {
	var bareLF, bareCR, long int
	firstLF, firstCR, firstLong := -1, -1, -1
	for at := 0; at < len(p.whole); {
		end := bytes.IndexByte(p.whole[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end, next = len(p.whole)-at, len(p.whole)
		}
		line := p.whole[at : at+end]
		if n := len(line); n > 0 && next > at+end && line[n-1] == '\r' {
			line = line[:n-1]
		} else if next > at+end {
			if bareLF++; firstLF < 0 {
				firstLF = at + end
			}
		}
		if i := bytes.IndexByte(line, '\r'); i >= 0 {
			if bareCR++; firstCR < 0 {
				firstCR = at + i
			}
		}
		if len(line) > 998 {
			if long++; firstLong < 0 {
				firstLong = at
			}
		}
		at = next
	}
	if bareLF > 0 {
		p.find("bare-lf", firstLF, "%d lines end in LF instead of CRLF", bareLF)
	}
	if bareCR > 0 {
		p.find("bare-cr", firstCR, "%d lines hold a CR that is not followed by LF", bareCR)
	}
	if long > 0 {
		p.find("line-too-long", firstLong, "%d lines are longer than 998 octets (RFC 5322 2.1.1)", long)
	}
}
