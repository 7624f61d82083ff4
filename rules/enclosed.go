package rules

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// Comparisons of what was submitted with what system messages enclose, octet
// by octet. The line end that a boundary takes with it is never counted.

// sameBody tells whether two messages have the same body.
func sameBody(a, b *rawmime.Entity) bool {
	return bytes.Equal(withoutLastLineEnd(a.Body()), withoutLastLineEnd(b.Body()))
}

func withoutLastLineEnd(octets []byte) []byte { return bytes.TrimSuffix(octets, []byte("\r\n")) }

// traceFields are added by every host that a message goes through (RFC 5321
// 4.4).
var traceFields = []string{"Received", "Return-Path"}

// certifiedFields are what an access point changes in an original (RFC 6109
// 2.2.1).
var certifiedFields = []string{"Message-ID", pec.HeaderReference}

// unchangedExcept compares a message with its copy: the body, and every header
// field except those named, in order; "" when nothing else differs, a sentence
// when something does.
func unchangedExcept(sent, enclosed *rawmime.Entity, except ...string) string {
	if !sameBody(sent, enclosed) {
		return fmt.Sprintf("the body differs: %d octets submitted, %d enclosed", len(sent.Body()), len(enclosed.Body()))
	}
	before, after := fieldsExcept(sent, except), fieldsExcept(enclosed, except)
	for i := range min(len(before), len(after)) {
		if before[i] != after[i] {
			return "the header differs: submitted " + shown(before[i]) + ", enclosed " + shown(after[i])
		}
	}
	switch {
	case len(before) > len(after):
		return "the header lost " + shown(before[len(after)])
	case len(after) > len(before):
		return "the header gained " + shown(after[len(before)])
	}
	return ""
}

func fieldsExcept(e *rawmime.Entity, except []string) []string {
	var all []string
	for _, field := range e.Fields {
		if !lists(except, field.Name) {
			all = append(all, string(field.Raw()))
		}
	}
	return all
}

// sameButTrace tells whether the copy is the message itself, with nothing but
// trace fields put on top of it.
func sameButTrace(sent, enclosed *rawmime.Entity) bool {
	whole, copied := withoutLastLineEnd(sent.Raw()), withoutLastLineEnd(enclosed.Raw())
	if !bytes.HasSuffix(copied, whole) {
		return false
	}
	added := len(copied) - len(whole)
	for _, field := range enclosed.Fields {
		if field.Start-enclosed.Start < added && !lists(traceFields, field.Name) {
			return false
		}
	}
	return true
}

// attachments returns the decoded file names of all parts that have one, in
// order, messages within messages not opened.
func attachments(e *rawmime.Entity) []string {
	var all []string
	e.Walk(func(part *rawmime.Entity) bool {
		if name := part.FileName(); name != "" {
			all = append(all, name)
		}
		return true
	})
	return all
}

// lostAttachments returns the file names of the first that the second does not
// have.
func lostAttachments(whole, copied *rawmime.Entity) []string {
	left := attachments(copied)
	var lost []string
	for _, name := range attachments(whole) {
		if i := slices.Index(left, name); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			lost = append(lost, name)
		}
	}
	return lost
}

// hashNames returns the file names that say they stand for another file.
func hashNames(e *rawmime.Entity) []string {
	return slices.DeleteFunc(attachments(e), func(name string) bool { return !strings.HasSuffix(strings.ToLower(name), ".hash") })
}

// differenceOf says in a sentence where a copy is not the message itself.
func differenceOf(sent, enclosed *rawmime.Entity) string {
	if s := unchangedExcept(sent, enclosed, traceFields...); s != "" {
		return s
	}
	return "the same fields and body in another form"
}
