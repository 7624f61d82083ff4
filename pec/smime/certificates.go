package smime

import (
	"bytes"
	"crypto/x509"
	"sync"
)

// Bounds of Certificates: some hundred providers sign, with one certificate or
// two each, of one or two thousand octets.
const (
	certificatesKept = 512
	certificateBytes = 16 << 10
)

// Certificates verifies as the functions of this package do, and remembers the
// certificates that it has read, since whoever receives mail meets the same few
// signers again and again. Only the reading is saved: digest and value of each
// signature are checked, and nothing is said of trust. The certificates are
// shared between signatures and not to be changed. The zero value is ready; nil
// remembers nothing. Safe for concurrent use.
type Certificates struct {
	mu   sync.Mutex
	read map[string]*x509.Certificate // by DER
}

// Verify is as the function of that name.
func (c *Certificates) Verify(content, der []byte) (*Signature, error) {
	return verify(content, der, c)
}

// certificate reads one. What cannot be read is read again the next time.
func (c *Certificates) certificate(der []byte) (*x509.Certificate, error) {
	if c == nil || len(der) > certificateBytes {
		return x509.ParseCertificate(der)
	}
	c.mu.Lock()
	known := c.read[string(der)]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	read, err := x509.ParseCertificate(bytes.Clone(der)) // it keeps its octets, and they should not keep the message
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.read == nil || len(c.read) >= certificatesKept {
		c.read = map[string]*x509.Certificate{}
	}
	c.read[string(read.Raw)] = read
	return read, nil
}
