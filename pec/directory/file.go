package directory

import (
	"bytes"
	"crypto/x509"
	"io"

	"github.com/collaudo/collaudo/pec/smime"
)

// File is a signed directory file (.p7m): PKCS#7 signed data with the LDIF and
// the signer's certificate inside (RFC 6109 4.5). It holds facts; whether the
// signer is the right one is not known here.
type File struct {
	Content   []byte            // the LDIF as it was enclosed; nil when the structure cannot be read
	Signature *smime.Signature  // nil when the structure cannot be read
	Signer    *x509.Certificate // whose key made the signature; nil when it is not inside
	Invalid   error             // why the signature does not verify, an error of package smime; nil when it does
	Directory *Directory        // nil when Content is no LDIF
	NoLDIF    error             // why Content is no LDIF, an *Error; nil when it is
}

// ReadFile reads a signed directory file. It always returns a File: what cannot
// be read or does not verify is said in it. Octets beyond smime.MaxEnclosed are
// not read, and make it Invalid.
func ReadFile(r io.Reader) *File {
	der, err := io.ReadAll(io.LimitReader(r, smime.MaxEnclosed+1))
	if err != nil {
		return &File{Invalid: err, NoLDIF: &Error{Code: "read", Detail: err.Error()}}
	}
	return OpenFile(der)
}

// OpenFile is ReadFile of octets.
func OpenFile(der []byte) *File {
	f := &File{}
	f.Content, f.Signature, f.Invalid = smime.Open(der)
	if f.Signature != nil {
		f.Signer = f.Signature.Certificate
	}
	if f.Content == nil {
		f.NoLDIF = &Error{Code: "empty", Detail: "there is no content"}
		return f
	}
	f.Directory, f.NoLDIF = ReadLDIF(bytes.NewReader(f.Content))
	return f
}
