package antivirus

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
)

// archive looks through the members of a ZIP archive, and of archives in it. An
// encrypted or damaged member cannot be looked at, and is said so: that is no
// limit of the scanner, and such archives are lawful mail.
func (w *walk) archive(octets []byte, where string, depth int) {
	if depth > w.scanner.limits.Depth {
		w.stopped("depth")
		return
	}
	archive, err := zip.NewReader(bytes.NewReader(octets), int64(len(octets)))
	if err != nil {
		return // two letters that began something else
	}
	for _, member := range archive.File {
		if w.done() {
			return
		}
		if w.items--; w.items < 0 {
			w.stopped("items")
			return
		}
		content, err := w.unpack(member)
		name := where + "/" + member.Name
		if err != nil && w.result.Closed == "" {
			w.result.Closed = name
		}
		w.octets(content, name)
		switch {
		case w.done():
		case bytes.HasPrefix(content, []byte("PK")):
			w.archive(content, name, depth+1)
		case bytes.HasSuffix([]byte(member.Name), []byte(".eml")) && len(content) > 0:
			w.message(content, depth+1)
		}
	}
}

// unpack reads a member, counting what really comes out: the size that an
// archive declares is whatever its maker wished.
func (w *walk) unpack(member *zip.File) ([]byte, error) {
	const encrypted = 0x1
	if member.Flags&encrypted != 0 {
		return nil, errors.New("encrypted")
	}
	r, err := member.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var content bytes.Buffer
	n, err := io.Copy(&content, io.LimitReader(r, w.left+1))
	w.left -= n
	if w.left < 0 {
		w.left = 0
		w.stopped("decoded bytes")
		return content.Bytes(), nil
	}
	return content.Bytes(), err
}
