package compose

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// BriefOriginal gives the original as a brief delivery receipt encloses it
// (RFC 6109 3.3.2.2): every part that has a name, and every enclosed message, is
// replaced by a text file with the SHA-1 of the part's content as transmitted
// (the encoded text), under the same name with ".hash" after it. All other
// octets stay: structure, boundaries, parts without a name.
//
// Of a message that is signed at its top, the parts of the signed content are
// replaced and the signature stays, although it no longer verifies. A message
// that is one CMS object comes back as it is. An S/MIME part further down is an
// attachment like any other.
func BriefOriginal(original []byte) ([]byte, error) {
	return BriefOriginalWith(original, BriefOptions{})
}

// BriefOptions are the mistakes a provider can make in a brief receipt. The zero
// value makes none.
type BriefOptions struct {
	HashDecoded    bool // hash of the decoded content instead of the transmitted
	SHA256         bool // 64 characters instead of 40
	IgnoreTypeName bool // parts named only by Content-Type stay
	IgnoreFileName bool // parts named only by Content-Disposition stay
	KeepMessages   bool // enclosed messages stay
	ReplaceUnnamed bool // text parts without a name are replaced too
	HashSignature  bool // the signature of a signed original is replaced too
	OpenOpaque     bool // an original that is one CMS object is replaced too
	KeepSMIME      bool // an S/MIME part further down stays
	LoseName       bool // a name that is not ASCII is lost: "allegato.hash"
	ReplaceSuffix  bool // ".hash" takes the place of the extension
}

// BriefOriginalWith is BriefOriginal with mistakes.
func BriefOriginalWith(original []byte, options BriefOptions) ([]byte, error) {
	if len(original) == 0 {
		return nil, fmt.Errorf("compose: expected an original to make brief, found nothing")
	}
	root, err := rawmime.Parse(original, rawmime.Limits{})
	if err != nil {
		return nil, fmt.Errorf("compose: the original cannot be read as MIME: %w", err)
	}
	b := briefing{options: options}
	switch mediaType, _ := root.MediaType(); mediaType {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		if !options.OpenOpaque {
			return original, nil
		}
		b.visit(root)
	case "multipart/signed":
		for i, part := range root.Parts {
			if i == 0 || options.HashSignature {
				b.visit(part)
			}
		}
	default:
		b.visit(root)
	}
	if len(b.edits) == 0 {
		return original, nil
	}
	var out bytes.Buffer
	out.Grow(len(original))
	at := 0
	for _, e := range b.edits {
		out.Write(original[at:e.from])
		out.Write(e.with)
		at = e.to
	}
	out.Write(original[at:])
	return out.Bytes(), nil
}

// edit replaces the octets from..to of the message.
type edit struct {
	from, to int
	with     []byte
}

type briefing struct {
	options BriefOptions
	edits   []edit
}

func (b *briefing) visit(e *rawmime.Entity) {
	if len(e.Parts) > 0 {
		for _, part := range e.Parts {
			b.visit(part)
		}
		return
	}
	if name, replace := b.name(e); replace {
		b.edits = append(b.edits, edit{from: e.Start, to: e.End, with: b.hashFile(e, name)})
	}
}

// name tells whether a leaf is replaced, and under what name.
func (b *briefing) name(e *rawmime.Entity) (name string, replace bool) {
	mediaType, typeParameters := e.MediaType()
	_, dispositionParameters := e.Disposition()
	_, typeName := typeParameters["name"]
	_, fileName := dispositionParameters["filename"]
	message := mediaType == "message/rfc822"
	named := typeName && !b.options.IgnoreTypeName || fileName && !b.options.IgnoreFileName || e.FileName() != "" && !typeName && !fileName
	switch {
	case message && b.options.KeepMessages, strings.HasSuffix(mediaType, "pkcs7-mime") && b.options.KeepSMIME:
		return "", false
	case named:
		name = e.FileName()
	case message:
		name = "messaggio.eml"
	case b.options.ReplaceUnnamed:
		name = "testo.txt"
	default:
		return "", false
	}
	if b.options.LoseName && !ascii(name) {
		name = "allegato"
	}
	if dot := strings.LastIndexByte(name, '.'); b.options.ReplaceSuffix && dot > 0 {
		name = name[:dot]
	}
	return name + ".hash", true
}

// hashFile is the part that stands for another: its header with type, encoding
// and disposition of a text file, and 40 hexadecimal characters.
func (b *briefing) hashFile(e *rawmime.Entity, name string) []byte {
	var out bytes.Buffer
	own := "Content-Type: text/plain; charset=us-ascii" + nameParameter("name", name) + "\r\n" +
		"Content-Transfer-Encoding: 7bit\r\n" +
		"Content-Disposition: attachment" + nameParameter("filename", name) + "\r\n"
	for _, f := range e.Fields {
		switch strings.ToLower(f.Name) {
		case "content-type", "content-transfer-encoding", "content-disposition", "content-md5":
			out.WriteString(own)
			own = ""
		default:
			out.Write(Canonical(f.Raw()))
		}
	}
	out.WriteString(own + "\r\n")
	content := e.Body()
	if b.options.HashDecoded {
		if decoded, err := e.Decoded(); err == nil {
			content = decoded
		}
	}
	if b.options.SHA256 {
		digest := sha256.Sum256(content)
		out.WriteString(hex.EncodeToString(digest[:]))
		return out.Bytes()
	}
	digest := sha1.Sum(content)
	out.WriteString(hex.EncodeToString(digest[:]))
	return out.Bytes()
}

// ascii tells text of printable ASCII.
func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// nameParameter writes a parameter on a line of its own: quoted where ASCII is
// enough, else in the form of RFC 2231, in pieces where it is long, so that the
// name can be read back whatever it holds.
func nameParameter(parameter, name string) string {
	if ascii(name) && len(name) <= 200 {
		return ";\r\n " + parameter + "=" + quoteString(name)
	}
	const perLine = 60
	var pieces []string
	piece := "UTF-8''"
	for i := 0; i < len(name); i++ {
		c := string(name[i])
		if !isAttributeChar(name[i]) {
			c = fmt.Sprintf("%%%02X", name[i])
		}
		if len(piece)+len(c) > perLine {
			pieces = append(pieces, piece)
			piece = ""
		}
		piece += c
	}
	pieces = append(pieces, piece)
	if len(pieces) == 1 {
		return ";\r\n " + parameter + "*=" + pieces[0]
	}
	var out strings.Builder
	for i, p := range pieces {
		out.WriteString(";\r\n " + parameter + "*" + strconv.Itoa(i) + "*=" + p)
	}
	return out.String()
}

// isAttributeChar tells the attribute-char of RFC 2231 7.
func isAttributeChar(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("!#$&+-.^_`|{}~", c) >= 0
}
