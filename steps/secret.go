package steps

import "fmt"

// Secret is a password, a key or a token. In a target file it stands outside:
// {env: NAME} or {file: PATH}. However it is printed, it does not say what it
// is; Reveal does.
type Secret string

// redacted is what is written of a secret.
const redacted = "[redacted]"

// Reveal is the secret itself, for who has to use it.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString hides it from %#v too.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// MarshalText hides it from JSON and everything else that asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML hides it from YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }
