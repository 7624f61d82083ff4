//go:build unix

package evidence

import (
	"errors"
	"os"
	"syscall"
)

// hold keeps other processes from writing into the same log. The system lets go
// of it when the process ends, in whatever way.
func hold(log *os.File) error {
	err := syscall.Flock(int(log.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrBusy
	}
	return err
}

// held tells whether another process holds the log.
func held(log *os.File) (bool, error) {
	err := syscall.Flock(int(log.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) // closing it lets go again
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}
