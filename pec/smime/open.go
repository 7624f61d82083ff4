package smime

import (
	"fmt"

	"github.com/smallstep/pkcs7"
)

// Open reads CMS signed data with the content inside, as in a .p7m file, and
// checks it as Verify does. The content comes back whenever the structure could
// be read, whatever the error says of the signature: who uses it decides.
//
// A structure without content is ErrMalformed. What is in base64 or PEM is too:
// RFC 6109 4.5 asks for binary DER.
func Open(der []byte) (content []byte, signature *Signature, err error) {
	signature, s, err := parseWithin(der, enclosedLimits(), nil)
	if err != nil {
		return nil, signature, err
	}
	if signature.Detached {
		return nil, signature, malformed("expected signed data with its content inside, found a signature alone")
	}
	content = s.embedded
	if err := s.form(signature); err != nil {
		return content, signature, err
	}
	if opened(s.der) == nil {
		return content, signature, nil
	}
	if err := s.check(content, signature); err != nil {
		return content, signature, fmt.Errorf("enclosed content of %d octets: %w", len(content), err)
	}
	return content, signature, nil
}

// opened asks the library, whose refusals are not final: see engine. This one
// joins a content in several chunks, which the other does not. What goes beyond
// the limits of Guard it does not get to see.
func opened(der []byte) error {
	if err := Guard(der); err != nil {
		return err
	}
	p7, err := pkcs7.Parse(der)
	if err != nil {
		return err
	}
	return p7.Verify()
}
