package steps

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"mime/quotedprintable"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/collaudo/collaudo/fixtures"
)

// letter is everything a template needs to become a message.
type letter struct {
	writer  person
	to, cc  []person
	token   string
	date    time.Time
	subject string // whole field with line end, octets as they go out; "" for none
	options []string
	pattern string // test pattern known to some scanners only
	size    int64  // whole message, in octets; 0: as it comes
	target  *Target
}

// messageID is the identifier that the client of the writer gives.
func (l *letter) messageID() string {
	return "<" + l.token + "." + strconv.FormatInt(l.date.Unix(), 36) + "@cliente.example>"
}

var placeholder = regexp.MustCompile(`\{\{([a-z0-9-]+)(?: ([^}]*))?\}\}`)

// render fills a template in: LF becomes CRLF first, so that what placeholders
// bring in goes out as it is. A line that consists of one placeholder and
// comes out empty disappears.
func (l *letter) render(template string) ([]byte, error) {
	text, err := fixtures.Original(template)
	if err != nil {
		return nil, err
	}
	text, padded := strings.CutSuffix(text, "{{padding}}")
	var out bytes.Buffer
	out.WriteString(mark(l.token))
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		filled, err := l.fill(line)
		if err != nil {
			return nil, fmt.Errorf("original %s: %w", template, err)
		}
		if filled == "" && line != "" {
			continue
		}
		out.WriteString(filled)
		out.WriteString("\r\n")
	}
	octets := out.Bytes()
	if padded {
		return pad(octets, l.size)
	}
	return octets, nil
}

func (l *letter) fill(line string) (string, error) {
	var failed error
	filled := placeholder.ReplaceAllStringFunc(line, func(found string) string {
		match := placeholder.FindStringSubmatch(found)
		value, err := l.value(match[1], match[2])
		if err != nil && failed == nil {
			failed = err
		}
		return value
	})
	if failed == nil && strings.Contains(line, "{{") && strings.Contains(filled, "{{") {
		failed = fmt.Errorf("line %q holds a placeholder that does not read", line)
	}
	return filled, failed
}

func (l *letter) value(name, argument string) (string, error) {
	switch name {
	case "from":
		return mailbox(l.writer), nil
	case "from-address":
		return l.writer.address, nil
	case "to":
		return mailboxes(l.to), nil
	case "cc-line":
		if len(l.cc) == 0 {
			return "", nil
		}
		return "Cc: " + mailboxes(l.cc), nil
	case "subject-line":
		return strings.TrimSuffix(l.subject, "\r\n"), nil
	case "option-lines":
		return strings.Join(l.options, "\r\n"), nil
	case "date":
		return l.date.Format("Mon, 02 Jan 2006 15:04:05 -0700"), nil
	case "message-id":
		return l.messageID(), nil
	case "token":
		return l.token, nil
	case "address", "capitals", "service":
		return l.addressValue(name, Party(argument))
	case "eicar-base64":
		return fold76(base64.StdEncoding.EncodeToString(eicar())), nil
	case "eicar-quoted-printable":
		return quoted(eicar())
	case "eicar-zip-base64":
		return zipped("documento.com", eicar())
	case "pattern-base64":
		if l.pattern == "" {
			return "", fmt.Errorf("the target describes no test pattern that only the recipient's provider knows")
		}
		return fold76(base64.StdEncoding.EncodeToString([]byte(l.pattern))), nil
	}
	return octetValue(name, argument)
}

func (l *letter) addressValue(name string, p Party) (string, error) {
	if name == "service" {
		provider, err := l.target.providerOf(p)
		if err != nil {
			return "", err
		}
		return provider.ServiceAddress, nil
	}
	one, err := l.target.person(p)
	if err != nil {
		return "", err
	}
	if name == "capitals" {
		local, domain, _ := strings.Cut(one.address, "@")
		return local + "@" + strings.ToUpper(domain), nil
	}
	return one.address, nil
}

func octetValue(name, argument string) (string, error) {
	switch name {
	case "octet":
		n, err := strconv.ParseUint(argument, 16, 8)
		return string([]byte{byte(n)}), err
	case "spaces", "letters":
		n, err := strconv.Atoi(argument)
		if err != nil || n < 1 || n > 100_000 {
			return "", fmt.Errorf("placeholder %s %q: expected a number up to 100000", name, argument)
		}
		if name == "spaces" {
			return strings.Repeat(" ", n), nil
		}
		return strings.Repeat("abcdefghij", n/10+1)[:n], nil
	}
	return "", fmt.Errorf("unknown placeholder %q", name)
}

// mailbox writes a person as a client does; the names of our people are plain
// ASCII words, other forms stand in templates.
func mailbox(p person) string {
	if p.name == "" {
		return p.address
	}
	return p.name + " <" + p.address + ">"
}

func mailboxes(people []person) string {
	var all []string
	for _, p := range people {
		all = append(all, mailbox(p))
	}
	return strings.Join(all, ",\r\n ")
}

// padLine is one full line of filling.
const padLine = "Riga di riempimento, scritta solo per fare mole e per nessun altro motivo...\r\n"

// pad brings a message to exactly size octets with lines of text.
func pad(octets []byte, size int64) ([]byte, error) {
	missing := size - int64(len(octets))
	if missing < 4 {
		return nil, fmt.Errorf("a message of %d octets was asked for, but its header alone has %d", size, len(octets))
	}
	out := make([]byte, 0, size)
	out = append(out, octets...)
	for missing >= int64(len(padLine))+4 {
		out = append(out, padLine...)
		missing -= int64(len(padLine))
	}
	for range missing - 2 {
		out = append(out, '=')
	}
	return append(out, "\r\n"...), nil
}

// eicar assembles the EICAR test file, so that no scanner finds it in the
// sources or in the binary.
func eicar() []byte {
	return []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}` + "$" + strings.Join([]string{"EICAR", "STANDARD", "ANTIVIRUS", "TEST", "FILE"}, "-") + "!$" + "H+H*")
}

func quoted(octets []byte) (string, error) {
	var b bytes.Buffer
	q := quotedprintable.NewWriter(&b)
	if _, err := q.Write(octets); err != nil {
		return "", err
	}
	if err := q.Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}

func zipped(name string, octets []byte) (string, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	file, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
	if err != nil {
		return "", err
	}
	if _, err := file.Write(octets); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return fold76(base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

func fold76(s string) string {
	var lines []string
	for len(s) > 76 {
		lines, s = append(lines, s[:76]), s[76:]
	}
	return strings.Join(append(lines, s), "\r\n")
}
