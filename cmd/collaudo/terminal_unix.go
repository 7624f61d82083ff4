//go:build linux || darwin

package main

import (
	"os"
	"syscall"
	"unsafe"
)

// terminalOf tells whether a file is a terminal, and how many columns it has; 0
// where it does not say.
func terminalOf(file *os.File) (columns int, is bool) {
	var size struct{ rows, columns, width, height uint16 }
	_, _, trouble := syscall.Syscall(syscall.SYS_IOCTL, file.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	return int(size.columns), trouble == 0
}

// obeys tells that a terminal shows colours: all of these do.
func obeys(func(string) string) bool { return true }
