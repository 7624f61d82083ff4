package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrNotPlain says that something in a run folder is no plain file. It is not
// opened: a link leads out of the folder, and a pipe keeps whoever reads it.
var ErrNotPlain = errors.New("it is no plain file")

// maxLog bounds an event log that is read as one piece.
const maxLog = 1 << 30

// plainFile refuses what is no plain file, and follows no link.
func plainFile(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%w: %s: expected a file of its own in the run folder, seen %s", ErrNotPlain, path, info.Mode().Type())
	}
	return err
}

// openPlain opens a plain file to read from.
func openPlain(path string) (*os.File, error) {
	if err := plainFile(path); err != nil {
		return nil, err
	}
	return os.Open(path)
}

// ReadPlain reads a plain file of at most limit bytes as a whole, and follows no
// link: ErrNotPlain, or an error that names the limit.
func ReadPlain(path string, limit int64) ([]byte, error) {
	file, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	var octets bytes.Buffer
	if info.Size() <= limit {
		octets.Grow(int(info.Size()) + bytes.MinRead)           // one piece, where the size holds
		_, err = octets.ReadFrom(io.LimitReader(file, limit+1)) // it may grow while it is read
	}
	switch {
	case err != nil:
		return nil, err
	case info.Size() > limit || int64(octets.Len()) > limit:
		return nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrTooLarge, filepath.Base(path), limit)
	}
	return octets.Bytes(), nil
}

// ErrTooLarge says that a file of a run folder is larger than any that is ours.
var ErrTooLarge = errors.New("the file is too large")

// readSealFile reads a file of the seal; what cannot be one is ErrSealed.
func readSealFile(path string) ([]byte, error) {
	octets, err := ReadPlain(path, maxManifest)
	if errors.Is(err, ErrNotPlain) || errors.Is(err, ErrTooLarge) {
		err = fmt.Errorf("%w: %w", ErrSealed, err)
	}
	return octets, err
}

// legible tells of text out of a run folder that it can be printed as it is:
// nothing in it moves a cursor, or turns the direction of what follows.
func legible(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
