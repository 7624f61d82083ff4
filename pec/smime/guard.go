package smime

import "fmt"

// Limits of Guard. Signatures seen in the field need a depth of 17 and 252
// nodes. The CMS engine recurses and searches without bounds of its own: a few
// hundred kilobytes of nested or of flat indefinite values cost it seconds, a
// few megabytes its stack.
const (
	maxBytes      = 1 << 20
	maxDepth      = 32
	maxNodes      = 20_000
	maxIndefinite = 1000 // children of values with indefinite length; the engine searches the rest of the input for each
)

// Guard walks the BER structure without recursion and refuses what the engine
// behind must not see: ErrUnsupported for size, depth and number of values,
// ErrMalformed for values that do not fit into each other. Octets after the
// structure are allowed.
func Guard(der []byte) error {
	_, err := scan(der)
	return err
}

// limits of a scan. Those of an enclosed content are wider: the real directory
// has megabytes, and what reads it here neither recurses into nor searches the
// chunks that a streaming writer makes of them.
type limits struct{ octets, indefinite int }

func signatureLimits() limits { return limits{maxBytes, maxIndefinite} }
func enclosedLimits() limits  { return limits{MaxEnclosed, maxNodes} }

// MaxEnclosed is how long a structure with its content inside may be.
const MaxEnclosed = 64 << 20

// node is one BER value; offsets into the octets that were scanned.
type node struct {
	start, content, contentEnd, end int
	identifier                      byte // class, constructed bit, tag number (31: long form)
	indefinite                      bool
	children                        []*node
}

const (
	constructed   = 0x20
	tagInteger    = 0x02
	tagOctets     = 0x04
	tagOID        = 0x06
	tagUTCTime    = 0x17
	tagTime       = 0x18
	tagSequence   = 0x30
	tagSet        = 0x31
	tagContext0   = 0xA0
	tagContext1   = 0xA1
	tagPrimitive0 = 0x80
)

// bytes returns the content octets.
func (n *node) bytes(der []byte) []byte { return der[n.content:n.contentEnd] }

// full returns the whole value, identifier and length included.
func (n *node) full(der []byte) []byte { return der[n.start:n.end] }

func malformed(format string, arguments ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, arguments...))
}

func unsupported(format string, arguments ...any) error {
	return fmt.Errorf("%w: %s", ErrUnsupported, fmt.Sprintf(format, arguments...))
}

func scan(der []byte) (*node, error) { return scanWithin(der, signatureLimits()) }

func scanWithin(der []byte, l limits) (*node, error) {
	if len(der) == 0 {
		return nil, malformed("expected CMS, got no octets")
	}
	if len(der) > l.octets {
		return nil, unsupported("the signature is %d octets long, more than %d", len(der), l.octets)
	}
	var open []*node
	var room []node // of which nodes are made, many at a time: most structures have between 50 and 100
	nodes, inIndefinite, at := 0, 0, 0
	for {
		// Close what ends here.
		for len(open) > 0 {
			top := open[len(open)-1]
			if top.indefinite || at < top.contentEnd {
				break
			}
			open = open[:len(open)-1]
			if len(open) == 0 {
				return top, nil
			}
		}
		limit := len(der)
		for i := len(open) - 1; i >= 0; i-- {
			if !open[i].indefinite {
				limit = open[i].contentEnd
				break
			}
		}
		if len(open) > 0 && open[len(open)-1].indefinite {
			if inIndefinite++; inIndefinite > l.indefinite {
				return nil, unsupported("more than %d values of indefinite length", l.indefinite)
			}
			if at+2 <= limit && der[at] == 0 && der[at+1] == 0 {
				top := open[len(open)-1]
				top.contentEnd, top.end = at, at+2
				at += 2
				open = open[:len(open)-1]
				if len(open) == 0 {
					return top, nil
				}
				continue
			}
		}
		if len(room) == 0 {
			room = make([]node, 64)
		}
		n := &room[0]
		room = room[1:]
		if err := n.readHeader(der, at, limit); err != nil {
			return nil, err
		}
		if nodes++; nodes > maxNodes {
			return nil, unsupported("more than %d values", maxNodes)
		}
		if len(open) > 0 {
			top := open[len(open)-1]
			if top.children == nil {
				top.children = make([]*node, 0, 4)
			}
			top.children = append(top.children, n)
		}
		if n.identifier&constructed == 0 {
			at = n.end
			if len(open) == 0 {
				return n, nil
			}
			continue
		}
		if len(open) == maxDepth {
			return nil, unsupported("values nested deeper than %d", maxDepth)
		}
		open = append(open, n)
		at = n.content
	}
}

// readHeader reads identifier and length octets at offset at; the value must
// end at or before limit.
func (n *node) readHeader(der []byte, at, limit int) error {
	n.start = at
	if at+2 > limit {
		return malformed("the structure is cut at octet %d", at)
	}
	n.identifier = der[at]
	at++
	if n.identifier&0x1F == 0x1F {
		for at < limit && der[at]&0x80 != 0 {
			at++
		}
		at++
	}
	if at >= limit {
		return malformed("the structure is cut at octet %d", at)
	}
	length := int(der[at])
	at++
	switch {
	case length == 0x80:
		if n.identifier&constructed == 0 {
			return malformed("a primitive value of indefinite length at octet %d", n.start)
		}
		n.indefinite = true
		n.content, n.contentEnd, n.end = at, limit, limit
		return nil
	case length > 0x80:
		count := length & 0x7F
		if count > 4 || at+count > limit {
			return malformed("the length at octet %d goes beyond the structure", n.start)
		}
		length = 0
		for _, b := range der[at : at+count] {
			length = length<<8 | int(b)
		}
		at += count
	}
	if length < 0 || length > limit-at {
		return malformed("the value at octet %d is longer than what holds it: the structure is cut or damaged", n.start)
	}
	n.content, n.contentEnd, n.end = at, at+length, at+length
	return nil
}

// encode writes the value with definite lengths, as DER wants them.
func (n *node) encode(der []byte) []byte {
	if n.identifier&constructed == 0 {
		return n.full(der)
	}
	var content []byte
	for _, child := range n.children {
		content = append(content, child.encode(der)...)
	}
	return wrap(n.identifier, content)
}

// wrap puts identifier and length octets before content, which may come in
// pieces.
func wrap(identifier byte, content ...[]byte) []byte {
	length := 0
	for _, piece := range content {
		length += len(piece)
	}
	out := append(make([]byte, 0, length+6), head(identifier, length)...)
	for _, piece := range content {
		out = append(out, piece...)
	}
	return out
}

// head are identifier and length octets of a value.
func head(identifier byte, length int) []byte {
	out := append(make([]byte, 0, 6), identifier)
	switch {
	case length < 0x80:
		out = append(out, byte(length))
	case length < 0x100:
		out = append(out, 0x81, byte(length))
	case length < 0x10000:
		out = append(out, 0x82, byte(length>>8), byte(length))
	case length < 0x1000000:
		out = append(out, 0x83, byte(length>>16), byte(length>>8), byte(length))
	default:
		out = append(out, 0x84, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
	}
	return out
}
