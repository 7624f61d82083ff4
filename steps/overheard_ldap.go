package steps

import (
	"net"
	"sync"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// ldapTap stands between an LDAP client and its connection and writes down, in
// words, the messages that pass both ways (RFC 4511).
type ldapTap struct {
	net.Conn

	mu       sync.Mutex
	up, down ldapStream
}

func newLDAPTap(conn net.Conn, log *transcript) *ldapTap {
	return &ldapTap{Conn: conn, up: ldapStream{log: log, who: saidByClient}, down: ldapStream{log: log, who: saidByServer}}
}

// Write notes first and writes then, so that no answer stands before its request.
func (t *ldapTap) Write(octets []byte) (int, error) {
	t.mu.Lock()
	t.up.feed(octets)
	t.mu.Unlock()
	return t.Conn.Write(octets)
}

func (t *ldapTap) Read(octets []byte) (int, error) {
	n, err := t.Conn.Read(octets)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.down.feed(octets[:n])
	return n, err
}

// ldapStream is one direction of a connection: messages one after the other, each
// a SEQUENCE of a known length.
type ldapStream struct {
	log  *transcript
	who  string
	held []byte // of the message that is being read
	skip int64  // octets still to come of one that is too large to be put into words
	lost bool   // what comes is no LDAP: nothing more of it is written
}

// maxLDAPMessage bounds one message that is put into words.
const maxLDAPMessage = 1 << 20

func (s *ldapStream) feed(octets []byte) {
	for !s.lost && len(octets) > 0 {
		if s.skip > 0 {
			n := min(s.skip, int64(len(octets)))
			s.skip, octets = s.skip-n, octets[n:]
			continue
		}
		s.held, octets = append(s.held, octets...), nil
		for len(s.held) > 0 {
			length, known, sound := ldapLength(s.held)
			switch {
			case !sound:
				s.lost, s.held = true, nil
				s.log.write(s.who, "(octets that are no LDAP message: what follows is not kept)")
				return
			case !known:
				return
			case length > maxLDAPMessage:
				s.log.write(s.who, "(a message of "+inOctets(length)+": too long to be written here)")
				s.skip, octets, s.held = length, s.held, nil
			case int64(len(s.held)) < length:
				return
			default:
				s.say(s.held[:length])
				s.held = s.held[length:]
			}
		}
		s.held = nil // else a slice of it holds all that was ever said
	}
}

func (s *ldapStream) say(octets []byte) {
	packet, err := ber.DecodePacketErr(octets)
	if err != nil {
		s.log.write(s.who, "(a message that cannot be read: "+err.Error()+")")
		return
	}
	s.log.write(s.who, ldapWords(packet)...)
}

// ldapLength is how long the message is that octets begin with, its tag and its
// length included. LDAP has definite lengths only (RFC 4511 5.1).
func ldapLength(octets []byte) (length int64, known, sound bool) {
	const sequence, long, most = 0x30, 0x80, 4
	if octets[0] != sequence {
		return 0, false, false
	}
	if len(octets) < 2 {
		return 0, false, true
	}
	first := octets[1]
	if first < long {
		return int64(first) + 2, true, true
	}
	n := int(first - long)
	if n == 0 || n > most {
		return 0, false, false
	}
	if len(octets) < 2+n {
		return 0, false, true
	}
	for _, c := range octets[2 : 2+n] {
		length = length<<8 | int64(c)
	}
	return length + int64(2+n), true, true
}
