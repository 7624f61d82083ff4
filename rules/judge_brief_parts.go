package rules

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// briefPair is one part of the original beside the part that stands in its
// place in a brief receipt.
type briefPair struct {
	before, after *rawmime.Entity
	path          string // "1.2": position among its siblings, level by level
	hashed        bool   // the rules want a hash file here (RFC 6109 3.3.2.2)
	signature     bool   // the signature of a signed original: to stay as it is
}

// briefComparison is an original laid beside its copy in a brief receipt.
type briefComparison struct {
	opaque    bool // top level application/pkcs7-mime: to stay as it is
	signed    bool // top level multipart/signed
	pairs     []briefPair
	structure []problem // where the two trees do not match
}

// compareBrief walks both trees side by side.
func compareBrief(before, after *rawmime.Entity) *briefComparison {
	top, _ := before.MediaType()
	c := &briefComparison{opaque: isOpaque(top), signed: top == "multipart/signed"}
	if !c.opaque {
		c.walk(before, after, "")
	}
	return c
}

func isOpaque(mediaType string) bool {
	return mediaType == "application/pkcs7-mime" || mediaType == "application/x-pkcs7-mime"
}

func (c *briefComparison) walk(before, after *rawmime.Entity, at string) {
	kind, _ := before.MediaType()
	switch {
	case at != "" && mustBeHashed(before):
		c.pairs = append(c.pairs, briefPair{before: before, after: after, path: at, hashed: true})
	case strings.HasPrefix(kind, "multipart/"):
		c.children(before, after, at, kind)
	case at == "" && before.FileName() != "":
		// A message that is nothing but one named part: the rules speak of parts
		// with a name, and leave open whether this is one.
		c.pairs = append(c.pairs, briefPair{before: before, after: after, path: "top", hashed: isHashFile(after)})
	default:
		c.pairs = append(c.pairs, briefPair{before: before, after: after, path: orTop(at)})
	}
}

func (c *briefComparison) children(before, after *rawmime.Entity, at, kind string) {
	if now, _ := after.MediaType(); now != kind || len(before.Parts) != len(after.Parts) {
		c.structure = append(c.structure, problem{
			part: "part " + orTop(at), expected: kind + " with " + plural(len(before.Parts), "part"),
			seen: now + " with " + plural(len(after.Parts), "part"),
		})
		return
	}
	_, was := before.MediaType()
	if _, is := after.MediaType(); was["boundary"] != is["boundary"] {
		c.structure = append(c.structure, problem{part: "part " + orTop(at), expected: "the boundary " + shown(was["boundary"]), seen: shown(is["boundary"]), reported: true})
	}
	for i := range before.Parts {
		position := strings.TrimPrefix(at+"."+string(rune('1'+min(i, 8))), ".")
		if i >= 9 {
			position = strings.TrimPrefix(at+".n", ".")
		}
		if at == "" && c.signed && i == 1 {
			c.pairs = append(c.pairs, briefPair{before: before.Parts[i], after: after.Parts[i], path: position, signature: true})
			continue
		}
		c.walk(before.Parts[i], after.Parts[i], position)
	}
}

func orTop(at string) string {
	if at == "" {
		return "top"
	}
	return at
}

// mustBeHashed: parts with a name, and messages within the message whether they
// have one or not. A multipart is no file: its leaves are looked at.
func mustBeHashed(part *rawmime.Entity) bool {
	kind, _ := part.MediaType()
	return kind == "message/rfc822" || part.FileName() != "" && !strings.HasPrefix(kind, "multipart/")
}

// isHashFile tells that the part says it stands for another one.
func isHashFile(part *rawmime.Entity) bool {
	return strings.HasSuffix(strings.ToLower(part.FileName()), ".hash")
}

// isMessage tells a message within the message.
func (p briefPair) isMessage() bool {
	kind, _ := p.before.MediaType()
	return kind == "message/rfc822"
}

// isCMS tells a CMS file below the top level.
func (p briefPair) isCMS() bool {
	kind, _ := p.before.MediaType()
	return isOpaque(kind) || strings.HasSuffix(strings.ToLower(p.before.FileName()), ".p7m")
}

// nested tells a part below the first level of multiparts, or one that is shown
// in the text.
func (p briefPair) nested() bool {
	disposition, _ := p.before.Disposition()
	return strings.Contains(p.path, ".") || disposition == "inline"
}

// untouched tells that the part stands there octet by octet.
func (p briefPair) untouched() bool {
	return bytes.Equal(withoutLastLineEnd(p.before.Raw()), withoutLastLineEnd(p.after.Raw()))
}

// names returns what the part may be called: the file name, or the name
// parameter where the two differ.
func (p briefPair) names() []string {
	all := []string{p.before.FileName()}
	if _, parameters := p.before.MediaType(); parameters["name"] != "" {
		all = append(all, rawmime.DecodeWords(parameters["name"]))
	}
	return all
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._ -]{0,60}\.[A-Za-z0-9]{1,8}$`)

// plainlyNamed tells a file name that no system can stumble over; the others
// are for PEC-RB-014.
func (p briefPair) plainlyNamed() bool {
	for _, name := range p.names() {
		if !plainName.MatchString(name) {
			return false
		}
	}
	return true
}

// keepsName tells that the hash file is called like the file, with .hash after
// it. A path may be left out of an unusual name.
func (p briefPair) keepsName() bool {
	got := p.after.FileName()
	for _, name := range p.names() {
		if got == name+".hash" {
			return true
		}
		base := path.Base(strings.ReplaceAll(name, `\`, "/"))
		if !p.plainlyNamed() && fold(got) == fold(base)+".hash" {
			return true
		}
	}
	return false
}

// match says what the hash in a hash file was computed on.
type match int

const (
	matchNone    match = iota
	matchEncoded       // SHA-1 of the text of the part as transmitted
	matchDecoded       // SHA-1 of what the part decodes to, where that differs
	matchOther         // SHA-256 of either
)

var (
	sha1Text   = regexp.MustCompile(`^[0-9A-Fa-f]{40}$`)
	sha256Text = regexp.MustCompile(`^[0-9A-Fa-f]{64}$`)
)

// hashText returns the content of the hash file, the last line end left out.
func (p briefPair) hashText() string {
	text, err := p.after.Decoded()
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(text), "\r\n")
}

// matched computes the hashes of the part and tells which one the hash file
// holds (decision D-24: both are computed).
func (p briefPair) matched() match {
	text := strings.ToLower(p.hashText())
	encoded := p.before.Body()
	decoded, err := p.before.Decoded()
	if err != nil {
		decoded = encoded
	}
	switch {
	case sha1Text.MatchString(text) && text == hexSHA1(encoded):
		return matchEncoded
	case sha1Text.MatchString(text) && text == hexSHA1(decoded):
		return matchDecoded
	case sha256Text.MatchString(text) && (text == hexSHA256(encoded) || text == hexSHA256(decoded)):
		return matchOther
	default:
		return matchNone
	}
}

func hexSHA1(octets []byte) string {
	sum := sha1.Sum(octets)
	return hex.EncodeToString(sum[:])
}

func hexSHA256(octets []byte) string {
	sum := sha256.Sum256(octets)
	return hex.EncodeToString(sum[:])
}
