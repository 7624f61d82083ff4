package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/collaudo/collaudo/pec/directory"
	"github.com/collaudo/collaudo/rules"
)

// maxMessage bounds what verify reads: twice the largest message that a
// provider is bound to carry.
const maxMessage = 64 << 20

// head is how much of a file is looked at to see whether it is a message.
const head = 64 << 10

// readFile reads a file that looks like a message, a directory or a certificate,
// looking at its head before it takes in the rest. message tells the first from
// the others.
func readFile(path string) (octets []byte, message bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false, plainly(err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return nil, false, plainly(err)
	}
	if about.IsDir() {
		return nil, false, errors.New("this is a folder: expected files, such as the .eml files in it")
	}
	first := make([]byte, head)
	n, err := io.ReadFull(file, first)
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return nil, false, errors.New("the file is empty: expected a message (.eml) as it was received, a directory or a certificate")
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, false, plainly(err)
	}
	other := directoryOrCertificate(first[:n])
	if why := notAMessage(first[:n]); !other && why != "" {
		return nil, false, fmt.Errorf("this is not a message: %s; expected an .eml file as it was received, beginning with header fields such as \"From: …\", a directory (LDIF, .p7m) or a certificate", why)
	}
	// One buffer of the right size: a large message is in memory once.
	var all bytes.Buffer
	all.Grow(int(min(about.Size(), maxMessage)) + head + bytes.MinRead)
	all.Write(first[:n])
	if _, err := io.Copy(&all, io.LimitReader(file, maxMessage+1-int64(n))); err != nil {
		return nil, false, plainly(err)
	}
	if all.Len() > maxMessage {
		return nil, false, fmt.Errorf("the file is larger than %d MB, which is more than certified e-mail carries; nothing beyond that is read", maxMessage>>20)
	}
	return all.Bytes(), !other, nil
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
	ldif, err := enclosedDirectory(octets[2])
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read as a directory: %w", o.directory, err)
	}
	trust := rules.NewTrust(octets[0], octets[1], ldif)
	switch {
	case o.ca != "" && len(trust.Authority) == 0:
		return nil, fmt.Errorf("%s holds no certificate in PEM", o.ca)
	case o.crl != "" && trust.Revoked == nil:
		return nil, fmt.Errorf("%s holds no revocation list in PEM or DER", o.crl)
	case o.directory != "" && trust.Directory == nil:
		return nil, fmt.Errorf("%s cannot be read as a directory in LDIF or .p7m", o.directory)
	}
	return trust, nil
}

// enclosedDirectory returns the LDIF of a signed file, or the octets as they are
// when they are none. A file whose signature does not verify is not believed.
func enclosedDirectory(octets []byte) ([]byte, error) {
	if len(octets) == 0 || octets[0] != 0x30 {
		return octets, nil
	}
	file := directory.OpenFile(octets)
	if file.Invalid != nil {
		return nil, file.Invalid
	}
	return file.Content, nil
}
