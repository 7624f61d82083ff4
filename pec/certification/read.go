package certification

import (
	"bytes"
	"slices"
	"strings"
)

// Read reads one document of certification data and enforces XML 1.0 and the
// content model of RFC 6109 4.4: order and number of elements, attributes and
// their values, nothing besides. It fetches nothing and expands no entity but
// the predefined five. The formats of day, time and zone are not part of the
// DTD: values are returned as they are.
//
// The error is always an *Error. Findings tell of oddities that leave the
// document valid; they are returned beside an error too.
func Read(xml []byte) (*Data, []Finding, error) {
	s := &scanner{in: xml}
	r := &reader{scanner: s, data: &Data{Error: "nessuno"}}
	if err := r.document(); err != nil {
		return nil, s.notes, err
	}
	return r.data, s.notes, nil
}

// reader checks the tokens of one document against the content model.
type reader struct {
	*scanner
	data  *Data
	stack []level
	root  bool // the root element was seen
}

// level is one open element.
type level struct {
	name  string
	model element
	step  int    // index of the particle that was matched last
	count int    // how many elements matched it
	text  string // the first piece, which is all unless there are references
	more  []byte
}

func (r *reader) document() error {
	switch {
	case len(r.in) > MaxBytes:
		return r.fail(CodeTooLarge, MaxBytes, "the document is longer than %d octets", MaxBytes)
	case bytes.HasPrefix(r.in, []byte("\xFF\xFE")) || bytes.HasPrefix(r.in, []byte("\xFE\xFF")):
		return r.fail(CodeEncoding, 0, "expected UTF-8, got UTF-16")
	case bytes.HasPrefix(r.in, byteOrderMark):
		r.in, r.base = r.in[len(byteOrderMark):], len(byteOrderMark)
		r.data.HasBOM = true
		r.note(NoteByteOrderMark, "the document starts with a byte order mark")
	}
	if isSpace(string(r.in[:min(len(r.in), 1024)])) && len(bytes.TrimSpace(r.in)) == 0 {
		return r.fail(CodeEmpty, 0, "the document is empty")
	}
	if err := r.characters(); err != nil {
		return err
	}
	if err := r.declaration(); err != nil {
		return err
	}
	for {
		t, err := r.next()
		if err == nil {
			if t.kind == tokenEnd {
				return r.end(t)
			}
			err = r.token(t)
		}
		if err != nil {
			return err
		}
	}
}

func (r *reader) end(t token) error {
	switch {
	case len(r.stack) > 0:
		return r.fail(CodeTruncated, t.offset, "the document ends inside <%s>", r.open)
	case !r.root:
		return r.fail(CodeRoot, t.offset, "the document has no root element")
	}
	return nil
}

func (r *reader) token(t token) *Error {
	top := r.top()
	switch t.kind {
	case tokenStart:
		return r.start(t, top)
	case tokenClose:
		if top == nil || top.name != t.name {
			return r.fail(CodeTagMismatch, t.offset, "</%s> closes no open element", clip(t.name))
		}
		return r.closeElement(t.offset)
	case tokenDoctype:
		if r.root || r.data.HasDoctype {
			return r.fail(CodeDoctype, t.offset, "a DOCTYPE stands after the first one or after the root element")
		}
		r.data.HasDoctype = true
		r.note(NoteDoctype, "the document has a DOCTYPE for %q; it was not followed", clip(t.name))
		return nil
	case tokenPI:
		r.note(NoteProcessingInstruction, "the document has a processing instruction %q", clip(t.name))
		return r.mayHold(t, top)
	case tokenComment:
		return r.mayHold(t, top)
	default:
		return r.characterData(t, top)
	}
}

// mayHold refuses even comments where an element is declared EMPTY (XML 1.0 3,
// validity constraint "Element Valid").
func (r *reader) mayHold(t token, top *level) *Error {
	if top != nil && top.model.empty() {
		return r.fail(CodeNotEmpty, t.offset, "<%s> must be empty", top.name)
	}
	return nil
}

func (r *reader) characterData(t token, top *level) *Error {
	switch {
	case top == nil && t.kind == tokenText && isSpace(t.text):
		return nil
	case top == nil && r.root:
		return r.fail(CodeAfterRoot, t.offset, "text follows the root element")
	case top == nil:
		return r.fail(CodeSyntax, t.offset, "text comes before the root element")
	case top.model.text:
		if top.text == "" {
			top.text = t.text
		} else {
			top.more = append(top.more, t.text...)
		}
		return nil
	case top.model.empty():
		return r.fail(CodeNotEmpty, t.offset, "<%s> must be empty", top.name)
	case t.kind == tokenText && isSpace(t.text):
		return nil
	}
	// White space as CDATA or as a reference is no white space between
	// elements either (XML 1.0 3, "Element Valid").
	return r.fail(CodeStrayText, t.offset, "character data stand between the elements of <%s>", top.name)
}

func (r *reader) top() *level {
	if len(r.stack) == 0 {
		return nil
	}
	return &r.stack[len(r.stack)-1]
}

func (r *reader) start(t token, top *level) *Error {
	switch {
	case top == nil && r.root:
		return r.fail(CodeAfterRoot, t.offset, "a second element <%s> follows the root element", clip(t.name))
	case top == nil && t.name != rootElement:
		return r.fail(CodeRoot, t.offset, "expected the root element <%s>, got <%s>", rootElement, clip(t.name))
	case top != nil:
		if err := r.advance(t, top); err != nil {
			return err
		}
	}
	r.root = true
	model := vocabulary[t.name]
	if r.stack == nil {
		r.stack = make([]level, 0, deepest)
	}
	r.stack = append(r.stack, level{name: t.name, model: model})
	r.open = t.name
	if err := r.attributes(t, model); err != nil {
		return err
	}
	if t.selfClosed {
		return r.closeElement(t.offset)
	}
	return nil
}

// advance moves the parent's sequence to the child that just started.
func (r *reader) advance(t token, parent *level) *Error {
	at := slices.IndexFunc(parent.model.children, func(p particle) bool { return p.name == t.name })
	switch {
	case parent.model.empty():
		return r.fail(CodeNotEmpty, t.offset, "<%s> must be empty", parent.name)
	case at < 0:
		return r.fail(CodeUnknownElement, t.offset, "<%s> is not allowed in <%s>", clip(t.name), parent.name)
	case at < parent.step:
		return r.fail(CodeElementOrder, t.offset, "<%s> comes after <%s>, which must follow it", t.name, parent.model.children[parent.step].name)
	case at == parent.step:
		parent.count++
		if limit := parent.model.children[at].max; limit > 0 && parent.count > limit {
			return r.fail(CodeRepeatedElement, t.offset, "<%s> stands more than %d times in <%s>", t.name, limit, parent.name)
		}
		return nil
	}
	if err := r.complete(parent, at, t.offset, "<"+t.name+">"); err != nil {
		return err
	}
	parent.step, parent.count = at, 1
	return nil
}

// complete checks that all particles from the current one up to, but without,
// the one at end have their least number.
func (r *reader) complete(l *level, end, offset int, before string) *Error {
	for i := l.step; i < end; i++ {
		count := 0
		if i == l.step {
			count = l.count
		}
		if child := l.model.children[i]; count < child.min {
			return r.fail(CodeMissingElement, offset, "<%s> has no <%s> before %s", l.name, child.name, before)
		}
	}
	return nil
}

func (r *reader) attributes(t token, model element) *Error {
	for _, a := range t.attributes {
		rule, ok := model.attribute(a.name)
		if !ok {
			return r.fail(CodeUnknownAttribute, a.offset, "<%s> has no attribute %s", t.name, clip(a.name))
		}
		if rule.values != nil && !slices.Contains(rule.values, a.value) {
			return r.fail(CodeAttributeValue, a.offset, "expected %s of <%s> to be one of %s, got %q",
				a.name, t.name, strings.Join(rule.values, ", "), clip(a.value))
		}
	}
	for _, rule := range model.attributes {
		if _, ok := t.attribute(rule.name); !ok && rule.required {
			return r.fail(CodeMissingAttribute, t.offset, "<%s> has no attribute %s", t.name, rule.name)
		}
	}
	r.storeAttributes(t)
	return nil
}

func (r *reader) closeElement(offset int) *Error {
	l := r.top()
	if err := r.complete(l, len(l.model.children), offset, "</"+l.name+">"); err != nil {
		return err
	}
	if l.model.text {
		r.storeText(l.name, l.text+string(l.more))
	}
	r.stack = r.stack[:len(r.stack)-1]
	r.open = ""
	if top := r.top(); top != nil {
		r.open = top.name
	}
	return nil
}
