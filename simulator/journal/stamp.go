package journal

import (
	"crypto"
	_ "crypto/sha256" // of the imprint
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/timestamp"
)

// stampPolicy is what the time stamps are issued under: an object identifier of
// those kept for examples (RFC 5612), as the stamps prove nothing outside.
var stampPolicy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 3161}

// Stamper is a small time-stamp authority (RFC 3161): whose certificate and key
// it uses is decided outside. The certificate has to be one for time stamping
// and for nothing else (RFC 3161 2.3).
type Stamper struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// Stamp returns a time-stamp token over the octets, in DER, with the
// authority's certificate inside. at is legal time, told to the second.
func (s *Stamper) Stamp(octets []byte, at time.Time) ([]byte, error) {
	if s.Certificate == nil || s.Key == nil {
		return nil, errors.New("time stamp: expected a certificate and its key, got none; the owner of the journal has to give them")
	}
	imprint := crypto.SHA256.New()
	imprint.Write(octets)
	request := timestamp.Timestamp{
		HashAlgorithm: crypto.SHA256, HashedMessage: imprint.Sum(nil),
		Time: at.UTC(), Policy: stampPolicy, AddTSACertificate: true,
	}
	response, err := request.CreateResponseWithOpts(s.Certificate, s.Key, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	answer := struct {
		Status asn1.RawValue
		Token  asn1.RawValue
	}{}
	if _, err := asn1.Unmarshal(response, &answer); err != nil {
		return nil, fmt.Errorf("time stamp: %w", err)
	}
	return answer.Token.FullBytes, nil
}
