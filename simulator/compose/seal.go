package compose

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"

	"github.com/collaudo/collaudo/pec/smime"
)

// Seal signs content and gives the whole message: the outer header and
// multipart/signed with the detached signature (RFC 6109 2.1). content is
// normally what Render gave. A nil signer leaves the message unsigned: the
// content under the outer header.
func (d *Draft) Seal(content []byte, signer *smime.Signer) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(content) + 8192)
	writeHeader(&out, d.Header)
	out.WriteString("MIME-Version: 1.0\r\n")
	if signer == nil {
		out.Write(content)
		return out.Bytes(), nil
	}
	signature, err := signer.Sign(content, d.At)
	if err != nil {
		return nil, fmt.Errorf("compose: signing a %s: %w", d.Variant(), err)
	}
	boundary, err := newBoundary(d)
	if err != nil {
		return nil, err
	}
	signatureType := or(d.Format.SignatureType, "application/pkcs7-signature")
	name := or(d.Format.SignatureName, "smime.p7s")
	out.WriteString("Content-Type: " + or(d.Format.Outer, "multipart/signed") +
		"; protocol=\"" + or(d.Format.Protocol, signatureType) + "\";\r\n micalg=" + or(d.Format.MicAlg, micAlg(signer.Digest)) +
		"; boundary=\"" + boundary + "\"\r\n")
	d.labelComposite(&out)
	out.WriteString("\r\nThis is an S/MIME signed message\r\n\r\n--" + boundary + "\r\n")
	out.Write(content)
	out.WriteString("\r\n--" + boundary + "\r\nContent-Type: " + signatureType + "; name=\"" + name + "\"\r\n" +
		"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n")
	wrapBase64(&out, signature)
	if d.Format.TrailingPart {
		out.WriteString("\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nNota del gestore.\r\n")
	}
	out.WriteString("\r\n--" + boundary + "--\r\n")
	return out.Bytes(), nil
}

// micAlg names a digest as RFC 5751 3.4.3.2 does. The zero value is the signer's
// default, SHA-256.
func micAlg(digest crypto.Hash) string {
	if digest == 0 {
		digest = crypto.SHA256
	}
	return strings.ToLower(digest.String())
}
