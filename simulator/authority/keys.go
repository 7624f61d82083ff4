package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"
)

// KeySource gives private keys by name: the same name, the same key. It has to
// be safe for concurrent use.
type KeySource interface {
	// Signing gives an RSA key of 2048 bits, for certified mail and the CA.
	Signing(name string) (crypto.Signer, error)
	// Transport gives an ECDSA P-256 key, for TLS servers.
	Transport(name string) (crypto.Signer, error)
}

// Pool is a KeySource that makes a key when it is first asked for and keeps it.
// One pool serves any number of worlds, so that only the first one pays for its
// keys; worlds that share a pool share keys, never certificates.
type Pool struct {
	mutex sync.Mutex
	keys  map[string]*pooled
}

type pooled struct {
	once sync.Once
	key  crypto.Signer
	err  error
}

// NewPool makes an empty pool.
func NewPool() *Pool { return &Pool{keys: map[string]*pooled{}} }

// Signing gives the RSA key of that name.
func (p *Pool) Signing(name string) (crypto.Signer, error) {
	return p.key("signing/"+name, func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) })
}

// Transport gives the ECDSA key of that name.
func (p *Pool) Transport(name string) (crypto.Signer, error) {
	return p.key("transport/"+name, func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) })
}

// key makes the key outside the pool's lock, so that several can be made at
// once, but each of them once.
func (p *Pool) key(name string, generate func() (crypto.Signer, error)) (crypto.Signer, error) {
	p.mutex.Lock()
	entry := p.keys[name]
	if entry == nil {
		entry = &pooled{}
		p.keys[name] = entry
	}
	p.mutex.Unlock()
	entry.once.Do(func() {
		entry.key, entry.err = generate()
		if entry.err != nil {
			entry.err = fmt.Errorf("authority: the key %q could not be made: %w", name, entry.err)
		}
	})
	return entry.key, entry.err
}
