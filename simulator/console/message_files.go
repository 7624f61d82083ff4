package console

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/pec/rawmime"
)

// raw hands out the octets of a message.
func (s *site) raw(rw http.ResponseWriter, r *http.Request) {
	whole, sha, of, err := s.octets(r)
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	name := sha[:12]
	if of != "" {
		name += "-" + strings.ReplaceAll(of, ".", "-")
	}
	handOut(rw, name+".eml", whole)
}

// part hands out a part with its transfer encoding removed.
func (s *site) part(rw http.ResponseWriter, r *http.Request) {
	whole, _, _, err := s.octets(r)
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	path := r.PathValue("part")
	e, err := partOf(whole, path)
	if err != nil {
		s.problem(rw, r, err)
		return
	}
	content, _ := e.Decoded() // with an error it is what could be decoded
	name := e.FileName()
	if name == "" {
		name = "part-" + strings.ReplaceAll(path, ".", "-")
	}
	handOut(rw, name, content)
}

// handOut sends octets as a file to be saved, and never as anything that a
// browser would show or run.
func handOut(rw http.ResponseWriter, name string, octets []byte) {
	clean := strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7F || strings.ContainsRune(`/\:*?"<>|`, c) || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) {
			return '_'
		}
		return c
	}, clip(name, 120))
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": clean})
	if disposition == "" {
		disposition = "attachment"
	}
	h := rw.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(octets)))
	_, _ = rw.Write(octets) // the browser is gone; there is nobody to tell
}

var errPart = errors.New("no such part")

// partOf finds a part by its path; see pathOf.
func partOf(whole []byte, path string) (*rawmime.Entity, error) {
	missing := fmt.Errorf("%w: %w %s", ErrNotFound, errPart, clip(path, 80))
	e, err := rawmime.Parse(whole, rawmime.Limits{})
	if err != nil {
		return nil, missing
	}
	if path == "0" {
		return e, nil
	}
	for _, name := range strings.Split(path, ".") {
		if name == "m" {
			if e = e.Enclosed; e == nil {
				return nil, missing
			}
			continue
		}
		n, err := strconv.Atoi(name)
		if err != nil || n < 1 || n > len(e.Parts) {
			return nil, missing
		}
		e = e.Parts[n-1]
	}
	return e, nil
}
