package accounts

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
)

// rounds of PBKDF2: a few milliseconds. What is guarded are passwords of a test
// world; that they are not kept in clear is what has to be true.
const rounds = 20_000

// Secret is what is kept of a password that was set while the world ran: enough
// to tell whether it is given again, not to find it out.
type Secret struct {
	Salt   []byte `json:"salt"`
	Key    []byte `json:"key"` // PBKDF2 with HMAC-SHA-256
	Rounds int    `json:"rounds"`
}

func newSecret(random io.Reader, password string) (Secret, error) {
	s := Secret{Salt: make([]byte, 16), Rounds: rounds}
	if _, err := io.ReadFull(random, s.Salt); err != nil {
		return s, fmt.Errorf("salt of a password: %w", err)
	}
	var err error
	s.Key, err = s.derive(password)
	return s, err
}

func (s Secret) derive(password string) ([]byte, error) {
	key, err := pbkdf2.Key(sha256.New, password, s.Salt, s.Rounds, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("derive a key from a password: %w", err)
	}
	return key, nil
}

// matches takes as long for a wrong password as for a right one.
func (s Secret) matches(password string) bool {
	key, err := s.derive(password)
	return err == nil && subtle.ConstantTimeCompare(key, s.Key) == 1
}

// nobody is derived from where there is nothing to compare with, so that an
// address without an account takes as long as one with it.
func nobody() Secret {
	return Secret{Salt: make([]byte, 16), Key: make([]byte, sha256.Size), Rounds: rounds}
}

// digest is the quick form of a password that was seen to be right, or is in the
// configuration; it is kept in memory only.
func digest(password string) [sha256.Size]byte { return sha256.Sum256([]byte(password)) }
