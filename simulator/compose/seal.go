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
	if signer == nil {
		writeHeader(&out, d.outerHeader(nil))
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
	writeHeader(&out, d.outerHeader([]byte(d.signedType(signatureType, boundary, signer.Digest))))
	out.WriteString("\r\n")
	if preamble := or(d.Format.Preamble, "This is an S/MIME signed message"); preamble != "none" {
		out.WriteString(preamble + "\r\n\r\n")
	}
	out.WriteString("--" + boundary + "\r\n")
	out.Write(content)
	out.WriteString("\r\n--" + boundary + "\r\n" +
		d.partHeader(signatureType, or(d.Format.SignatureName, "smime.p7s"), "base64", "attachment", "S/MIME Cryptographic Signature"))
	wrapBase64(&out, signature)
	if d.Format.TrailingPart {
		out.WriteString("\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nNota del gestore.\r\n")
	}
	out.WriteString("\r\n--" + boundary + "--\r\n")
	return out.Bytes(), nil
}

// signedType is the Content-Type field of multipart/signed.
func (d *Draft) signedType(signatureType, boundary string, digest crypto.Hash) string {
	mediaType := or(d.Format.Outer, "multipart/signed")
	protocol, algorithm := `protocol="`+or(d.Format.Protocol, signatureType)+`"`, "micalg="+or(d.Format.MicAlg, micAlg(digest))
	var more []string
	if d.Format.SMIMEType {
		more = append(more, "smime-type=signed-data")
	}
	if d.Format.FoldedParameters == "" {
		return "Content-Type: " + mediaType + "; " + protocol + ";\r\n " + strings.Join(append([]string{algorithm}, append(more, `boundary="`+boundary+`"`)...), "; ") + "\r\n"
	}
	return d.multipartType(mediaType, boundary, append([]string{protocol, algorithm}, more...)...)
}

// micAlg names a digest as RFC 5751 3.4.3.2 does. The zero value is the signer's
// default, SHA-256.
func micAlg(digest crypto.Hash) string {
	if digest == 0 {
		digest = crypto.SHA256
	}
	return strings.ToLower(digest.String())
}
