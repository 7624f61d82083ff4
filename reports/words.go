package reports

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func plainNumber(n int) string { return strconv.Itoa(n) }

// sizeWords writes a size for people.
func sizeWords(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", (n+512)>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// tookWords writes a duration for people.
func tookWords(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// faultsWords says that faults were switched on.
func faultsWords(faults []string) string {
	if len(faults) == 1 {
		return "A fault was switched on"
	}
	return "Faults were switched on"
}

// sentence gives a text its full stop and its capital.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	first := []rune(text)
	if len(first) > 1 && first[1] >= 'a' && first[1] <= 'z' || len(first) == 1 {
		text = strings.ToUpper(string(first[0])) + string(first[1:])
	}
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "?") || strings.HasSuffix(text, "!") {
		return text
	}
	return text + "."
}
