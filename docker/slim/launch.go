//go:build linux && (amd64 || arm64)

package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// launch unpacks the program into memory and has it take this process over. It
// returns only when that fails.
func launch(payload io.Reader, arguments []string) error {
	file, err := place()
	if err != nil {
		return err
	}
	if err := unpack(payload, file); err != nil {
		return err
	}
	// A file that is open for writing cannot be executed: it is opened again.
	path := "/proc/self/fd/" + strconv.Itoa(int(file.Fd()))
	again, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = file.Close()
	path = "/proc/self/fd/" + strconv.Itoa(int(again.Fd()))
	if err := syscall.Exec(path, arguments, os.Environ()); err != nil { //nolint:gosec // it is what this launcher carries
		return fmt.Errorf("the unpacked program cannot be run: %w; let memory or $TMPDIR be executed from", err)
	}
	return nil
}

// place is where the program is unpacked: memory, else a file without a name.
func place() (*os.File, error) {
	const closeOnExec = 1 // MFD_CLOEXEC
	name := []byte("collaudo\x00")
	descriptor, _, failed := syscall.Syscall(memfdCreate, uintptr(unsafe.Pointer(&name[0])), closeOnExec, 0) //nolint:gosec // no wrapper without a dependency
	if failed == 0 {
		return os.NewFile(descriptor, "collaudo"), nil
	}
	file, err := os.CreateTemp("", "collaudo-")
	if err != nil {
		return nil, fmt.Errorf("the program fits neither into memory (%w) nor into a file (%w); mount something writable at $TMPDIR", failed, err)
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, err
	}
	return file, file.Chmod(0o700)
}
