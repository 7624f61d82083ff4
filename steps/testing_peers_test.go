package steps

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"time"
)

// testPair makes a certificate on a key of its own, once for each name.
var testPair = func() func(name, address string) KeyPair {
	var mu sync.Mutex
	made := map[string]KeyPair{}
	return func(name, address string) KeyPair {
		mu.Lock()
		defer mu.Unlock()
		if pair, is := made[name+address]; is {
			return pair
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(len(made) + 1)), Subject: pkix.Name{CommonName: name},
			NotBefore: testNow().AddDate(-20, 0, 0), NotAfter: testNow().Add(24*time.Hour).AddDate(20, 0, 0),
			EmailAddresses: []string{address}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			panic(err)
		}
		private, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		made[name+address] = KeyPair{
			Certificate: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
			Key:         Secret(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		}
		return made[name+address]
	}
}()

// testPeers are Cirro and Delta, as the built-in pair has them.
func testPeers() []Peer {
	peer := func(name, domain string, signers []string, users ...PeerUser) Peer {
		p := Peer{
			Name: name, ServiceAddress: "posta-certificata@gestore." + domain, ServiceMailbox: "ricevute@gestore." + domain,
			Domains: []string{"gestore." + domain, domain}, Listen: "127.0.0.1:0",
			TLS: testPair("tls", domain), BadTLS: testPair("bad tls", domain), Users: users,
		}
		for _, s := range signers {
			pair := testPair(s, p.ServiceAddress)
			p.Signers = append(p.Signers, PeerSigner{s, pair.Certificate, pair.Key})
		}
		return p
	}
	return []Peer{
		peer("Cirro", "cirro.example",
			[]string{"correct", "renewed", "expired", "revoked", "unlisted", "foreign", "other-address", "hash-only"},
			PeerUser{"paolo@cirro.example", "Paolo"}, PeerUser{"pia@cirro.example", "Pia"}, PeerUser{"piero@cirro.example", "Piero"}),
		peer("Delta", "delta.example", []string{"correct"}, PeerUser{"delia@delta.example", "Delia"}),
	}
}
