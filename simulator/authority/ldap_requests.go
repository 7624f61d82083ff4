package authority

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// maxLDAPRequest bounds one request in bytes. Searches in the directory take a
// few hundred; the library behind makes an object of every element that it
// reads, so what is long costs a multiple of its length.
const maxLDAPRequest = 64 << 10

// errLDAPRequest says that what a client sent is no request, or too long a one.
var errLDAPRequest = errors.New("not an LDAP request that is answered here")

// passRequests copies LDAP messages (RFC 4511 5.1) until the client ends, or
// sends something else: then it returns an error, and nothing of that has been
// passed on.
func passRequests(to io.Writer, from io.Reader) error {
	in := bufio.NewReader(from)
	for {
		request, err := readLDAPRequest(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := to.Write(request); err != nil {
			return err
		}
	}
}

// readLDAPRequest reads one message: a SEQUENCE of definite length, as RFC 4511
// 5.1 demands. io.EOF when there is none any more.
func readLDAPRequest(in *bufio.Reader) ([]byte, error) {
	head := make([]byte, 2, 6)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, io.EOF // ended, if amid a request: nobody can be told
	}
	if head[0] != 0x30 {
		return nil, fmt.Errorf("%w: expected a SEQUENCE (0x30), found 0x%02x", errLDAPRequest, head[0])
	}
	length := int(head[1])
	if long := length & 0x7F; length >= 0x80 {
		if long < 1 || long > 4 {
			return nil, fmt.Errorf("%w: expected a length of 1 to 4 octets, found %d", errLDAPRequest, long)
		}
		head = head[:2+long]
		if _, err := io.ReadFull(in, head[2:]); err != nil {
			return nil, io.EOF
		}
		length = 0
		for _, octet := range head[2:] {
			length = length<<8 | int(octet)
		}
	}
	if length > maxLDAPRequest {
		return nil, fmt.Errorf("%w: %d octets, the limit is %d", errLDAPRequest, length, maxLDAPRequest)
	}
	request := append(head, make([]byte, length)...)
	if _, err := io.ReadFull(in, request[len(head):]); err != nil {
		return nil, io.EOF
	}
	return request, nil
}
