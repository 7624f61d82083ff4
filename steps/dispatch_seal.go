package steps

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"strings"

	"github.com/collaudo/collaudo/pec/smime"
)

// seal signs the content and puts the header before it.
func (b *blueprint) seal(header, content string) ([]byte, error) {
	if b.damage.Form == "unsigned" || b.signer == nil {
		return []byte(header + content), nil
	}
	pair, err := b.signer.pair()
	if err != nil {
		return nil, err
	}
	key, is := pair.PrivateKey.(crypto.Signer)
	if !is {
		return nil, fmt.Errorf("the key of the signer %q cannot sign", b.signer.Name)
	}
	signer := &smime.Signer{Certificate: pair.Leaf, Key: key}
	// The signature is over the part up to the line end that belongs to the
	// boundary after it.
	signed := strings.TrimSuffix(content, "\r\n")
	if b.damage.Form == "opaque" {
		der, err := signer.Enclose([]byte(signed), b.at)
		if err != nil {
			return nil, err
		}
		return []byte(header + "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\r\n" +
			"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n" +
			fold76(base64.StdEncoding.EncodeToString(der)) + "\r\n"), nil
	}
	der, err := signer.Sign([]byte(signed), b.at)
	if err != nil {
		return nil, err
	}
	before := signed
	for _, r := range b.damage.Alter {
		signed = strings.Replace(signed, r.Old, r.New, 1)
	}
	if len(b.damage.Alter) > 0 && signed == before {
		return nil, fmt.Errorf("the damage changes nothing: %q is not there", b.damage.Alter[0].Old)
	}
	boundary := "firma-" + boundaryOf(b.facts)
	return []byte(header +
		"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256;\r\n boundary=\"" + boundary + "\"\r\n\r\n" +
		"--" + boundary + "\r\n" + signed + "\r\n--" + boundary + "\r\n" +
		"Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n" +
		"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n" +
		fold76(base64.StdEncoding.EncodeToString(der)) + "\r\n--" + boundary + "--\r\n"), nil
}

// quotedLatin1 writes text in ISO-8859-1, quoted-printable; what does not fit
// becomes a question mark.
func quotedLatin1(text string) (string, error) {
	var latin bytes.Buffer
	for _, r := range strings.TrimSuffix(text, "\r\n") {
		if r > 0xff {
			r = '?'
		}
		latin.WriteByte(byte(r))
	}
	var b bytes.Buffer
	q := quotedprintable.NewWriter(&b)
	if _, err := q.Write(latin.Bytes()); err != nil {
		return "", err
	}
	if err := q.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}
