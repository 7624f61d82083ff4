//go:build !linux && !darwin

package main

import "os"

// terminalOf tells whether a file is a terminal. How wide it is, it does not say.
func terminalOf(file *os.File) (columns int, is bool) {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return 0, false
	}
	null, err := os.Stat(os.DevNull)
	return 0, err != nil || !os.SameFile(info, null)
}

// obeys tells that a terminal shows colours: the old console of Windows prints
// their codes, Windows Terminal and others that name themselves obey.
func obeys(env func(string) string) bool { return env("WT_SESSION") != "" || env("TERM") != "" }
