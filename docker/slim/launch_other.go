//go:build !linux || !(amd64 || arm64)

package main

import (
	"errors"
	"io"
)

// launch is for containers.
func launch(io.Reader, []string) error {
	return errors.New("this launcher is for Linux on amd64 and arm64; elsewhere run the program itself")
}
