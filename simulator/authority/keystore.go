package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Folder keeps keys and certificates of an authority in a folder, so that a
// world that is started again has the same CA, and is up without making keys.
// It is a KeySource, and what Config.Certificates wants. What lies in it is as
// secret as a simulated world's keys are: files are readable by their owner only.
type Folder struct {
	dir  string
	pool *Pool

	mutex sync.Mutex // one writer of a file at a time
}

// OpenFolder opens the folder, or makes it.
func OpenFolder(dir string) (*Folder, error) {
	for _, sub := range []string{"keys", "certificates"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("authority: the folder for keys cannot be made: %w", err)
		}
	}
	return &Folder{dir: dir, pool: NewPool()}, nil
}

// Signing gives the RSA key of that name.
func (f *Folder) Signing(name string) (crypto.Signer, error) {
	return f.key("signing/"+name, func() (crypto.Signer, error) { return f.pool.Signing(name) }, func(k any) bool {
		key, ok := k.(*rsa.PrivateKey)
		return ok && key.N.BitLen() == 2048
	})
}

// Transport gives the ECDSA key of that name.
func (f *Folder) Transport(name string) (crypto.Signer, error) {
	return f.key("transport/"+name, func() (crypto.Signer, error) { return f.pool.Transport(name) }, func(k any) bool {
		_, ok := k.(*ecdsa.PrivateKey)
		return ok
	})
}

// key gives the key in the file of that name; when there is none, one is made
// and kept. The pool makes sure that it is made once, however many ask.
func (f *Folder) key(name string, generate func() (crypto.Signer, error), wanted func(any) bool) (crypto.Signer, error) {
	return f.pool.key("file/"+name, func() (crypto.Signer, error) {
		path := filepath.Join(f.dir, "keys", fileName(name))
		block, err := readPEM(path, "PRIVATE KEY")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return f.make(path, generate)
		case err != nil:
			return nil, err
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		key, signs := parsed.(crypto.Signer)
		if err != nil || !signs || !wanted(parsed) {
			return nil, fmt.Errorf("%s holds no key such as %s needs (%w): take the file away, and another is made", path, name, errors.Join(err, errUnfit))
		}
		return key, nil
	})
}

var errUnfit = errors.New("PKCS #8, RSA of 2048 bits for signing, ECDSA for TLS")

func (f *Folder) make(path string, generate func() (crypto.Signer, error)) (crypto.Signer, error) {
	key, err := generate()
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, f.write(path, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// write puts a file in place whole: a crash leaves the old one or the new one.
func (f *Folder) write(path string, block *pem.Block) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	half := path + ".new"
	if err := os.WriteFile(half, pem.EncodeToMemory(block), 0o600); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	if err := os.Rename(half, path); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	return nil
}

// maxPEM bounds what is read from a file of the folder.
const maxPEM = 1 << 20

func readPEM(path, kind string) (*pem.Block, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxPEM {
		return nil, fmt.Errorf("%s holds %d bytes, at most %d were expected: take the file away, and another is made", path, info.Size(), maxPEM)
	}
	octets, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(octets)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("%s: expected a PEM block %s, found none: take the file away, and another is made", path, kind)
	}
	return block, nil
}

// fileName is a name that any file system takes, which people recognise, and
// which no two keys share.
func fileName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '@':
			return r
		}
		return '_'
	}, name)
	sum := sha256.Sum256([]byte(name))
	return plain[:min(len(plain), 80)] + "-" + hex.EncodeToString(sum[:4]) + ".pem"
}
