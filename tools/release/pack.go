package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// sumsFile holds the checksums, in the form that sha256sum --check reads.
const sumsFile = "SHA256SUMS"

// entry is a file of an archive.
type entry struct {
	path, name string
	mode       fs.FileMode
}

// pack writes an archive, a zip for Windows and a tar.gz for the others, and
// returns its name. Nothing in it depends on who packs, or when.
func pack(base string, p platform, s *stamp, entries []entry) (string, error) {
	suffix, write := ".tar.gz", tarball
	if p.system == "windows" {
		suffix, write = ".zip", zipped
	}
	file, err := os.Create(base + suffix)
	if err != nil {
		return "", err
	}
	err = errors.Join(write(file, s, entries), file.Close())
	return filepath.Base(base) + suffix, err
}

func tarball(w io.Writer, s *stamp, entries []entry) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	for _, e := range entries {
		octets, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: e.name, Mode: int64(e.mode), Size: int64(len(octets)), ModTime: s.at, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(octets); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), packed.Close())
}

func zipped(w io.Writer, s *stamp, entries []entry) error {
	archive := zip.NewWriter(w)
	for _, e := range entries {
		octets, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: s.at}
		header.SetMode(e.mode)
		file, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(octets); err != nil {
			return err
		}
	}
	return archive.Close()
}

// writeSums writes the checksums of the files.
func writeSums(dir string, names []string) error {
	var text []byte
	for _, name := range slices.Sorted(slices.Values(names)) {
		sum, err := sumOf(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		text = fmt.Appendf(text, "%x  %s\n", sum, name)
	}
	return os.WriteFile(filepath.Join(dir, sumsFile), text, 0o644)
}

func sumOf(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
