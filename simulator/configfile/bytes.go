package configfile

import (
	"errors"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseBytes reads a number of bytes, with or without a unit: 500MB, 2GiB,
// 1048576. Units of a thousand and of 1024 are told apart by the i.
func ParseBytes(text string) (int64, error) {
	units := []struct {
		suffix string
		factor int64
	}{
		{"KiB", 1 << 10},
		{"MiB", 1 << 20},
		{"GiB", 1 << 30},
		{"TiB", 1 << 40},
		{"kB", 1e3},
		{"KB", 1e3},
		{"MB", 1e6},
		{"GB", 1e9},
		{"TB", 1e12},
		{"B", 1},
		{"", 1},
	}
	for _, u := range units {
		digits, ok := strings.CutSuffix(strings.TrimSpace(text), u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n <= 0 || n > (1<<62)/u.factor {
			break
		}
		return n * u.factor, nil
	}
	return 0, errors.New(strconv.Quote(text) + " is no number of bytes: write such as 500MB, 2GiB or 1048576")
}

// bytesYAML is a number of bytes as ParseBytes reads it; 0 when it is not there.
type bytesYAML int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (b *bytesYAML) UnmarshalYAML(node *yaml.Node) error {
	n, err := ParseBytes(node.Value)
	if err != nil {
		return atLine(node, err)
	}
	*b = bytesYAML(n)
	return nil
}

func atLine(node *yaml.Node, err error) error {
	return errors.New("line " + strconv.Itoa(node.Line) + ": " + err.Error())
}
