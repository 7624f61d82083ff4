package smime

import (
	"encoding/asn1"
	"math/big"
	"slices"
	"time"
)

// octets joins the chunks of a primitive or constructed octet string.
func (s *signedData) octets(n *node, to []byte) []byte {
	if n.identifier&constructed == 0 {
		return append(to, n.bytes(s.der)...)
	}
	for _, chunk := range n.children {
		to = s.octets(chunk, to)
	}
	return to
}

func (s *signedData) time(n *node) time.Time {
	var at time.Time
	if n.identifier != tagUTCTime && n.identifier != tagTime {
		return at
	}
	if _, err := asn1.Unmarshal(n.full(s.der), &at); err != nil {
		return time.Time{}
	}
	return at.UTC()
}

func (s *signedData) oid(n *node) (asn1.ObjectIdentifier, error) {
	var oid asn1.ObjectIdentifier
	if n.identifier != tagOID {
		return nil, malformed("expected an object identifier at octet %d", n.start)
	}
	if _, err := asn1.Unmarshal(n.full(s.der), &oid); err != nil {
		return nil, malformed("the object identifier at octet %d cannot be read", n.start)
	}
	return oid, nil
}

// algorithm returns the identifier of an AlgorithmIdentifier.
func (s *signedData) algorithm(n *node) (asn1.ObjectIdentifier, error) {
	if n.identifier != tagSequence || len(n.children) == 0 {
		return nil, malformed("expected an algorithm identifier at octet %d", n.start)
	}
	return s.oid(n.children[0])
}

// integer reads a two's complement INTEGER.
func integer(b []byte) *big.Int {
	i := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(len(b))*8))
	}
	return i
}

func (s *signedData) declares(oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(s.digestOIDs, oid.Equal)
}

// derOf is the DER of an object identifier.
func derOf(oid asn1.ObjectIdentifier) []byte {
	der, err := asn1.Marshal(oid)
	if err != nil {
		panic(err) // they are written here
	}
	return der
}
