package simulator_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/simulator"
	"github.com/collaudo/collaudo/simulator/accounts"
	"github.com/collaudo/collaudo/simulator/authority"
)

// distantKeys are those of distant worlds: none of them is a key of the pair's.
var distantKeys = authority.NewPool()

// distant is a world of one provider, with a CA of its own.
func distant(c *simulator.Config) {
	*c = simulator.Config{Keys: distantKeys, Providers: []simulator.ProviderConfig{{
		Name: "Libeccio PEC", ServiceDomain: "gestore.libeccio.example", Domains: []string{"libeccio.example"},
		Accounts: []accounts.Account{{Address: "livia@libeccio.example", Password: "segreto-livia@libeccio.example"}},
	}}}
}

// told is what one world has to know of another.
func (w *world) told(t *testing.T, domains ...string) func(*simulator.Config) {
	t.Helper()
	block, _ := pem.Decode([]byte(w.Description.Trust.CA))
	ca, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	further := simulator.Further{Authorities: []*x509.Certificate{ca}, Directory: []byte(w.Description.Trust.Directory)}
	return func(c *simulator.Config) {
		c.Further = append(c.Further, further)
		c.Routes = append(c.Routes, simulator.RouteConfig{
			Domains: domains, Address: w.Providers[0].Hosts.Incoming, TLSName: w.Providers[0].TLSName, Certified: true,
		})
	}
}

// free gives an address that nobody listens on, a different one each time. Its port
// lies below those that systems hand out by themselves (from 32768 on Linux, from
// 49152 elsewhere): one of these may be another test's by the time it is used.
func free(t *testing.T) string {
	t.Helper()
	for range 1000 {
		address := fmt.Sprintf("127.0.0.1:%d", 20000+(int64(os.Getpid())*31+ports.Add(1))%10000)
		if l, err := net.Listen("tcp", address); err == nil {
			l.Close()
			return address
		}
	}
	t.Fatal("no port between 20000 and 30000 is free")
	return ""
}

// ports counts those that free has tried.
var ports atomic.Int64

// Two worlds with two CAs that know each other exchange certified mail.
func TestFurtherWorld(t *testing.T) {
	t.Parallel()
	// Each has to know the other's directory: its keys and CA are made before.
	aurora, livia := simulator.Pair(), simulator.Config{}
	distant(&livia)
	aurora.Providers, aurora.Ordinary, aurora.Keys = aurora.Providers[:1], simulator.OrdinaryConfig{}, keys
	aurora.Providers[0].Ports.Incoming, livia.Providers[0].Ports.Incoming = free(t), free(t)
	var err error
	if aurora.Authority, err = aurora.NewAuthority(); err != nil {
		t.Fatal(err)
	}
	if livia.Authority, err = livia.NewAuthority(); err != nil {
		t.Fatal(err)
	}
	one := func(c simulator.Config) *world { return start(t, func(into *simulator.Config) { *into = c }) }
	before := one(aurora)
	far := one(livia)
	near := func(c *simulator.Config) { far.told(t, "libeccio.example", "gestore.libeccio.example")(c) }
	back := before.told(t, "aurora.example", "gestore.aurora.example")
	for _, w := range []*world{before, far} {
		if err := w.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	near(&aurora)
	back(&livia)
	w, v := one(aurora), one(livia)
	if err := w.submit(t, mail{from: anna, to: []string{"livia@libeccio.example"}, subject: "Lontano"}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); w.kinds(t, anna)["Delivery"] == 0 && time.Now().Before(deadline); {
		w.settle(t)
		v.settle(t)
	}
	if diff := cmp.Diff(counts{"Acceptance": 1, "Delivery": 1}, w.kinds(t, anna)); diff != "" {
		t.Errorf("Anna (-want +got):\n%s", diff)
	}
	if m := of(v.fetch(t, "livia@libeccio.example"), pec.TransportEnvelope); m == nil {
		t.Error("Livia has no transport envelope")
	}
	if !strings.Contains(w.Description.Trust.Directory, "Libeccio PEC") {
		t.Error("the directory does not list the further provider")
	}
}

// A stranger's CA is believed for nothing when nobody named it.
func TestFurtherWorldUnknown(t *testing.T) {
	t.Parallel()
	w := start(t)
	far := start(t, distant, func(c *simulator.Config) {
		c.Routes = []simulator.RouteConfig{{Domains: []string{"borea.example"}, Address: w.Providers[1].Hosts.Incoming, TLSName: "localhost"}}
	})
	if err := far.submit(t, mail{from: "livia@libeccio.example", to: []string{bruno}, subject: "Estranea"}); err != nil {
		t.Fatal(err)
	}
	far.settle(t)
	w.settle(t)
	if got := w.kinds(t, bruno); got["TransportEnvelope"] != 0 {
		t.Errorf("Bruno: %v, want no envelope of a provider that is not in the directory", got)
	}
}

func TestFurtherWorldRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*simulator.Config)
		says   string
	}{
		"no directory": {func(c *simulator.Config) { c.Further = []simulator.Further{{Directory: []byte("no: ldif")}} }, "further directory"},
		"a domain of ours": {func(c *simulator.Config) {
			c.Further = []simulator.Further{{Directory: listing("Altro", "borea.example")}}
		}, "each domain has one provider"},
		"a provider of ours": {func(c *simulator.Config) {
			c.Further = []simulator.Further{{Directory: listing("Borea PEC S.r.l.", "x.example")}}
		}, "another name"},
		"a route outside": {func(c *simulator.Config) {
			c.Routes = []simulator.RouteConfig{{Domains: []string{"x.example"}, Address: "192.0.2.1:25"}}
		}, "never sends outside"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := simulator.Pair()
			c.Keys = keys
			tt.change(&c)
			if w, err := simulator.Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), tt.says) {
				if w != nil {
					_ = w.Close(t.Context())
				}
				t.Errorf("%v: want an error that says %q", err, tt.says)
			}
		})
	}
}

func listing(name, domain string) []byte {
	return []byte("dn: o=postacert\nobjectclass: top\no: postacert\n\ndn: providerName=" + name + ",o=postacert\nobjectclass: provider\nproviderName: " +
		name + "\nmailReceipt: r@" + domain + "\nmanagedDomains: " + domain + "\n")
}

// A CA that was given signs what the world's providers are known by.
func TestGivenRoot(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(change func(*x509.Certificate)) *x509.Certificate {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "CA di prova"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(5, 0, 0),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
		change(template)
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	good := issue(func(*x509.Certificate) {})
	w := start(t, func(c *simulator.Config) { c.Root = &simulator.Root{Certificate: good, Key: key} })
	if block, _ := pem.Decode([]byte(w.Description.Trust.CA)); !bytes.Equal(block.Bytes, good.Raw) {
		t.Error("the world shows another CA")
	}
	if err := w.submit(t, mail{from: anna, to: []string{bruno}, subject: "Radice"}); err != nil {
		t.Fatal(err)
	}
	w.settle(t)
	if got := w.kinds(t, anna)["Delivery"]; got != 1 {
		t.Errorf("%d delivery receipts, want 1", got)
	}
	for says, root := range map[string]*simulator.Root{
		"its certificate and its key": {Certificate: good},
		"not one of a CA":             {Certificate: issue(func(c *x509.Certificate) { c.IsCA = false; c.KeyUsage = x509.KeyUsageDigitalSignature }), Key: key},
		"do not permit":               {Certificate: issue(func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"altro.example"} }), Key: key},
	} {
		c := simulator.Pair()
		c.Keys, c.Root = keys, root
		if _, err := simulator.Start(t.Context(), c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: want an error that says %q", err, says)
		}
	}
}
