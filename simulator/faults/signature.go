package faults

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// Mistakes in the CMS structure of a signature, made on the finished message:
// what is signed stays as it was, and so does the value of the signature.

// signedData is the part of CMS (RFC 5652 5.1) that the mistakes change; what
// they do not is kept as it came.
type signedData struct {
	Version      int
	Digests      asn1.RawValue
	Content      asn1.RawValue
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	Lists        asn1.RawValue `asn1:"optional,tag:1"`
	Signers      asn1.RawValue
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

var signatureMistakes = map[string]func(s *signedData, content []byte) error{ //nolint:gochecknoglobals // a table of functions, never written
	// The content lies inside the signature too.
	"content-inside": func(s *signedData, content []byte) error {
		var kind asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(s.Content.Bytes, &kind); err != nil {
			return err
		}
		octets, err := asn1.Marshal(content)
		if err != nil {
			return err
		}
		name, err := asn1.Marshal(kind)
		if err != nil {
			return err
		}
		inside, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: octets})
		if err != nil {
			return err
		}
		s.Content = asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: append(name, inside...)}
		return nil
	},
	// No certificate is included.
	"without-certificate": func(s *signedData, _ []byte) error {
		s.Certificates = asn1.RawValue{}
		return nil
	},
}

// signature makes the mistake in the signature part of a message; a message
// that has none stays as it is.
func (a act) signature(message []byte) []byte {
	root, err := rawmime.Parse(message, rawmime.Limits{})
	if err != nil || len(root.Parts) < 2 {
		return message
	}
	part := root.Parts[1]
	der, err := part.Decoded()
	if err != nil {
		return message
	}
	if der, err = mistaken(der, root.Parts[0].Raw(), signatureMistakes[a.arguments["mistake"]]); err != nil {
		return message
	}
	var out bytes.Buffer
	out.Write(message[:part.BodyStart])
	for encoded := base64.StdEncoding.EncodeToString(der); encoded != ""; {
		n := min(76, len(encoded))
		out.WriteString(encoded[:n] + "\r\n")
		encoded = encoded[n:]
	}
	out.Write(message[part.End:])
	return out.Bytes()
}

func mistaken(der, content []byte, mistake func(*signedData, []byte) error) ([]byte, error) {
	var outer contentInfo
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, err
	}
	var s signedData
	if _, err := asn1.Unmarshal(outer.Content.Bytes, &s); err != nil {
		return nil, err
	}
	if err := mistake(&s, content); err != nil {
		return nil, err
	}
	inner, err := asn1.Marshal(s)
	if err != nil {
		return nil, err
	}
	outer.Content = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}
	return asn1.Marshal(outer)
}
