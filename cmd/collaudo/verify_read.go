package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/collaudo/collaudo/rules"
)

// maxMessage bounds what verify reads: twice the largest message that a
// provider is bound to carry.
const maxMessage = 64 << 20

// head is how much of a file is looked at to see whether it is a message.
const head = 64 << 10

// readMessage reads a file that looks like a message, looking at its head
// before it takes in the rest.
func readMessage(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, plainly(err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return nil, plainly(err)
	}
	if about.IsDir() {
		return nil, errors.New("this is a folder: expected messages, such as the .eml files in it")
	}
	first := make([]byte, head)
	n, err := io.ReadFull(file, first)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, errors.New("the file is empty: expected a message (.eml) as it was received")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, plainly(err)
	}
	if why := notAMessage(first[:n]); why != "" {
		return nil, fmt.Errorf("this is not a message: %s; expected an .eml file as it was received, beginning with header fields such as \"From: …\"", why)
	}
	// One buffer of the right size: a large message is in memory once.
	var octets bytes.Buffer
	octets.Grow(int(min(about.Size(), maxMessage)) + head + bytes.MinRead)
	octets.Write(first[:n])
	if _, err := io.Copy(&octets, io.LimitReader(file, maxMessage+1-int64(n))); err != nil {
		return nil, plainly(err)
	}
	if octets.Len() > maxMessage {
		return nil, fmt.Errorf("the message is larger than %d MB, which is more than certified e-mail carries; nothing beyond that is read", maxMessage>>20)
	}
	return octets.Bytes(), nil
}

// plainly says in words what keeps a file from being read.
func plainly(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("the file may not be read: permission denied")
	}
	return err
}

// trust reads what makes signers trusted; nil when nothing was given.
func (o verifyOptions) trust() (*rules.Trust, error) {
	if o.directory == "" && o.ca == "" && o.crl == "" {
		return nil, nil
	}
	var octets [3][]byte
	for i, path := range []string{o.ca, o.crl, o.directory} {
		if path == "" {
			continue
		}
		var err error
		if octets[i], err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, plainly(err))
		}
	}
	trust := rules.NewTrust(octets[0], octets[1], octets[2])
	switch {
	case o.ca != "" && len(trust.Authority) == 0:
		return nil, fmt.Errorf("%s holds no certificate in PEM", o.ca)
	case o.crl != "" && trust.Revoked == nil:
		return nil, fmt.Errorf("%s holds no revocation list in PEM", o.crl)
	case o.directory != "" && trust.Directory == nil:
		return nil, fmt.Errorf("%s cannot be read as a directory in LDIF", o.directory)
	}
	return trust, nil
}
