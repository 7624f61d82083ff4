// Package rawmime reads MIME messages as views over the octets that came in.
//
// It never re-serialises: an Entity is a set of offsets into the original
// bytes, so whoever asks for a part gets exactly what was sent, odd folding,
// trailing blanks and broken lines included. Damage (a header line without a
// colon, a boundary that never closes) is reported as a Finding, because a
// conformance tool has to describe broken mail, not to refuse it.
//
// It is not a composer and not a repairer, and it judges nothing.
package rawmime

// Limits bound what one message may make the reader do. The zero value of a
// field means its default.
type Limits struct {
	HeaderBytes int // one entity's header block, in bytes; default 1 MiB
	Parts       int // entities in the whole message; default 2,000
	Depth       int // nesting, multiparts and enclosed messages together; default 40
	Fields      int // header fields in the whole message; default 100,000
	Findings    int // findings kept; default 1,000
}

// Finding is damage met while reading; the message is still readable.
type Finding struct {
	Code   string // e.g. "header-line-without-colon", "missing-close-boundary", "limit-depth"
	Offset int    // into the whole message
	Detail string // one English sentence
}

// Field is one header field, as it stands in the message.
type Field struct {
	Name  string // as written, case kept
	Start int    // offset of the first octet of the name
	End   int    // offset after the line end of the last folded line
	raw   []byte
}

// Entity is a message or a body part: offsets into Whole.
type Entity struct {
	Whole     []byte // the octets of the whole message, shared by all entities
	Start     int    // first octet of the header
	BodyStart int    // first octet of the body (after the blank line)
	End       int    // after the last octet; for a part, before the CRLF that belongs to the boundary

	Fields   []Field
	Parent   *Entity   // nil for the message itself
	Parts    []*Entity // children of a multipart, in order
	Enclosed *Entity   // the message inside a message/rfc822 part that carries no transfer encoding
	Findings []Finding // on the root entity: all findings of the message

	// What MediaType returns, where Parse has worked it out.
	read       bool
	mediaType  string
	parameters map[string]string

	preambleEnd   int // 0: the entity has no boundary line
	epilogueStart int // 0: the entity has no close boundary
}
