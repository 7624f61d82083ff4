package certification

import "fmt"

// Error says why a document is no valid certification data.
type Error struct {
	// Code is stable; see the Code constants.
	Code string
	// Element is the element that was open, or whose tag was wrong; "" outside
	// the root element.
	Element string
	// Offset of the octet, into the document as it was given.
	Offset int
	// Detail is one English sentence: what was expected, what was seen.
	Detail string
}

// Codes of Error.
const (
	CodeEmpty             = "empty"                   // no octets, or white space only
	CodeTooLarge          = "limit-size"              // longer than MaxBytes
	CodeEncoding          = "encoding"                // not UTF-8, or declared as something else (RFC 6109 4.3.3)
	CodeControlCharacter  = "control-character"       // a character that XML 1.0 2.2 excludes, raw or as a reference
	CodeDeclaration       = "xml-declaration"         // malformed or misplaced XML declaration
	CodeSyntax            = "not-well-formed"         // any other breach of XML 1.0
	CodeTruncated         = "truncated"               // the document ends too early
	CodeDoctype           = "doctype"                 // malformed, repeated or misplaced DOCTYPE
	CodeInternalSubset    = "doctype-internal-subset" // a DOCTYPE that declares something
	CodeEntity            = "entity"                  // a reference to anything but the five predefined entities
	CodeRoot              = "root"                    // the root element is not postacert
	CodeAfterRoot         = "after-root"              // text or another element after the root element
	CodeTagMismatch       = "tag-mismatch"            // an end tag that closes another element
	CodeUnknownElement    = "element-unknown"         // not in the vocabulary, or never allowed in this parent
	CodeElementOrder      = "element-order"           // an element after those that must follow it
	CodeRepeatedElement   = "element-repeated"        // more of an element than the content model allows
	CodeMissingElement    = "element-missing"         // less of an element than the content model asks
	CodeStrayText         = "stray-text"              // character data between elements
	CodeNotEmpty          = "element-not-empty"       // content in ricevuta
	CodeUnknownAttribute  = "attribute-unknown"
	CodeRepeatedAttribute = "attribute-repeated"
	CodeMissingAttribute  = "attribute-missing"
	CodeAttributeValue    = "attribute-value" // outside the enumeration
)

// Codes of Finding.
const (
	NoteByteOrderMark         = "byte-order-mark"
	NoteDoctype               = "doctype"
	NoteProcessingInstruction = "processing-instruction"
	NoteNoDeclaration         = "no-xml-declaration"
	NoteVersion               = "xml-version" // a 1.x other than 1.0
	NoteStandalone            = "standalone"
)

func (e *Error) Error() string {
	where := fmt.Sprintf("at octet %d", e.Offset)
	if e.Element != "" {
		where += " in <" + e.Element + ">"
	}
	return "certification data: " + where + ": " + e.Detail + " (" + e.Code + ")"
}
