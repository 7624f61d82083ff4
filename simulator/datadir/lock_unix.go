//go:build unix

package datadir

import (
	"errors"
	"os"
	"syscall"
)

// hold takes the lock, which the system lets go of when the process ends, in
// whatever way.
func hold(lock *os.File) error {
	err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrBusy
	}
	return err
}
