package main

import (
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// mark ends a launcher that carries a program: before it stands the length of
// what is carried, eight octets, the most significant first.
const mark = "COLLAUDO-SLIM-1\n"

// trailer is the length of what follows the payload.
const trailer = 8 + len(mark)

// find returns the compressed program behind the end of an executable, nil when
// there is none.
func find(executable *os.File) (io.Reader, error) {
	info, err := executable.Stat()
	if err != nil {
		return nil, err
	}
	end := make([]byte, trailer)
	if info.Size() < int64(trailer) {
		return nil, nil
	}
	if _, err := executable.ReadAt(end, info.Size()-int64(trailer)); err != nil {
		return nil, err
	}
	if string(end[8:]) != mark {
		return nil, nil
	}
	length := int64(binary.BigEndian.Uint64(end)) //nolint:gosec // a length that is too large is refused below
	begin := info.Size() - int64(trailer) - length
	if length <= 0 || begin <= 0 {
		return nil, fmt.Errorf("%s is damaged: it says that %d octets are carried in a file of %d", executable.Name(), length, info.Size())
	}
	return io.NewSectionReader(executable, begin, length), nil
}

// pack writes the launcher and, behind it, the program.
func pack(launcher *os.File, from, to string) (err error) {
	program, err := os.Open(from)
	if err != nil {
		return err
	}
	defer program.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755) //nolint:gosec // everybody may run it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	before, err := io.Copy(out, launcher)
	if err != nil {
		return err
	}
	small, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.Copy(small, program); err != nil {
		return err
	}
	if err := small.Close(); err != nil {
		return err
	}
	whole, err := out.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	_, err = out.Write(append(binary.BigEndian.AppendUint64(nil, uint64(whole-before)), mark...)) //nolint:gosec // what was written is not negative
	return err
}

// unpack writes the program as it was. The check sum at its end says whether it is.
func unpack(payload io.Reader, to io.Writer) error {
	small, err := gzip.NewReader(payload)
	if err == nil {
		_, err = io.Copy(to, small) //nolint:gosec // what is carried was put there by pack
	}
	if err != nil {
		return fmt.Errorf("the program that is carried cannot be unpacked: %w; build the image again", err)
	}
	return nil
}
