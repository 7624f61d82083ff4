//go:build unix

package evidence

import (
	"syscall"
	"testing"
)

func TestAPipeIsNotOpened(t *testing.T) {
	t.Parallel()
	refusedAsNotPlain(t, func(path string) error { return syscall.Mkfifo(path, 0o600) })
}
