package steps

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/collaudo/collaudo/evidence"
)

// KindClient is the kind of a target file that describes a mail client.
const KindClient = evidence.KindClient

// Client is a mail client under test: how it is told to send, to fetch, to say
// what became of a message, and to show one. It is strict (unknown keys are
// errors).
//
// Commands, URLs and files are templates: {{name}} stands for a value of
// ClientValues. {{recipients}} as a whole argument becomes one argument for each
// recipient.
type Client struct {
	Kind string `yaml:"kind"` // KindClient
	Name string `yaml:"name"`

	Send   *ClientAction `yaml:"send"`
	Fetch  *ClientAction `yaml:"fetch"`
	Status *ClientAction `yaml:"status,omitempty"` // nil: the client tells nobody what it concludes
	Show   *ClientAction `yaml:"show,omitempty"`   // nil: nor what a message reads like

	// Reach names what HTTP clients elsewhere than on this machine may be asked.
	Reach Reach `yaml:"reach,omitempty"`

	// Files are written into {{dir}} before the first command, by name.
	Files map[string]string `yaml:"files,omitempty"`
	// Words says which of our words (see ClientStatuses) each of the client's
	// own stands for; without it the client has to use ours.
	Words map[string]string `yaml:"words,omitempty"`

	Folder string `yaml:"-"` // of the target file: commands run there
	File   string `yaml:"-"` // its path, as it was given
}

// ClientAction is one thing that the client can be told to do: either a command
// to run, or a URL to post to.
type ClientAction struct {
	Run  []string `yaml:"run,omitempty"`
	Post string   `yaml:"post,omitempty"` // the values go along as one JSON object
	// Seconds is how long it may take; 0 stands for 60.
	Seconds int `yaml:"seconds,omitempty"`
}

func (a *ClientAction) patience() time.Duration {
	if a.Seconds > 0 {
		return time.Duration(a.Seconds) * time.Second
	}
	return time.Minute
}

// ClientStatuses are the words in which a client is asked what became of a
// message and one of its recipients.
func ClientStatuses() []string {
	return []string{
		"sent",      // handed over, nothing has come back
		"accepted",  // acceptance receipt: on its way
		"late",      // notice after 12 hours: still on its way
		"refused",   // notice of non-acceptance: it never left
		"delivered", // delivery receipt
		"failed",    // notice of non-delivery, or notice after 24 hours
		"ordinary",  // accepted for a recipient of ordinary mail: nothing more will come
	}
}

// ClientValues lists the names that templates of a client file can use, and
// what they stand for.
func ClientValues() map[string]string {
	values := map[string]string{
		"dir":        "a folder of its own for each scenario, also HOME; nothing is there but the files that the target file gives",
		"ca":         "file with the CA that the services and the providers' signatures stand on, PEM",
		"address":    "address of the mailbox",
		"user":       "its user name",
		"password":   "its password",
		"host":       "name in the certificates of the services",
		"message":    "file: the message to send, complete (RFC 5322, CRLF)",
		"message_id": "Message-ID of the message to send, to ask about or to show, with angle brackets",
		"recipient":  "the recipient that is asked about",
		"recipients": "the recipients; joined by commas inside an argument",
		"subject":    "the subject of the message to send, in UTF-8",
		"text_file":  "file: the text of the message to send, UTF-8 with LF",
	}
	for _, service := range clientServices() {
		values[service+"_host"], values[service+"_port"] = "where "+service+" listens: the host", "and the port"
	}
	return values
}

// clientServices are the services of a mailbox, as templates name them.
func clientServices() []string {
	return []string{"submission_tls", "submission_starttls", "imap_tls", "imap_starttls", "pop3_tls", "pop3_starttls"}
}

var clientValue = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// KindOfTarget reads of a target file what kind of system it describes: ""
// stands for providers. Everything else in the file is left to who reads it.
func KindOfTarget(octets []byte) (string, error) {
	var head struct {
		Kind string `yaml:"kind"`
	}
	if err := yaml.Unmarshal(octets, &head); err != nil {
		return "", fmt.Errorf("target file: %w", err)
	}
	return head.Kind, nil
}

// ReadClient reads a target file of kind client. folder is where it lies.
func ReadClient(r io.Reader, folder string) (*Client, error) {
	c := Client{Folder: folder}
	if err := readStrictly(r, folder, &c); err != nil {
		return nil, err
	}
	return &c, c.Check()
}

// Check says everything that is wrong with the description.
func (c *Client) Check() error {
	var wrong []error
	complain := func(format string, a ...any) { wrong = append(wrong, fmt.Errorf("target: "+format, a...)) }
	if !noUserInfo(c.Addresses(), complain) {
		return errors.Join(wrong...)
	}
	if c.Kind != KindClient {
		complain("kind is %q: expected %q", c.Kind, KindClient)
	}
	if c.Name == "" {
		complain("name is missing: say what the client is called")
	}
	for name, action := range c.actions() {
		if action == nil {
			if name == evidence.ClientSend || name == evidence.ClientFetch {
				complain("%s is missing: give it a `run` or a `post`", name)
			}
			continue
		}
		action.check(name, complain)
	}
	for name, text := range c.Files {
		if !filepath.IsLocal(name) {
			complain("files: %q is no name below {{dir}}", name)
		}
		checkTemplate("files: "+name, text, complain)
	}
	for said, status := range c.Words {
		if !slices.Contains(ClientStatuses(), status) {
			complain("words: %q stands for %q: expected one of %s", said, status, strings.Join(ClientStatuses(), ", "))
		}
	}
	return errors.Join(wrong...)
}

func (c *Client) actions() map[string]*ClientAction {
	return map[string]*ClientAction{
		evidence.ClientSend: c.Send, evidence.ClientFetch: c.Fetch,
		evidence.ClientStatus: c.Status, evidence.ClientShow: c.Show,
	}
}

func (a *ClientAction) check(name string, complain func(string, ...any)) {
	switch {
	case (len(a.Run) == 0) == (a.Post == ""):
		complain("%s needs either `run` (a command and its arguments) or `post` (a URL)", name)
	case a.Post != "":
		if u, err := url.Parse(a.Post); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			complain("%s: %q is no http or https URL", name, a.Post)
		}
	}
	if a.Seconds < 0 || a.Seconds > 600 {
		complain("%s: %d seconds: expected 1 to 600", name, a.Seconds)
	}
	for _, argument := range append([]string{a.Post}, a.Run...) {
		checkTemplate(name, argument, complain)
	}
}

func checkTemplate(where, text string, complain func(string, ...any)) {
	values := ClientValues()
	for _, found := range clientValue.FindAllStringSubmatch(text, -1) {
		if _, known := values[found[1]]; !known {
			var names []string
			for name := range values {
				names = append(names, name)
			}
			slices.Sort(names)
			complain("%s: there is no value {{%s}}; there are %s", where, found[1], strings.Join(names, ", "))
		}
	}
}

// Found says which programs are not there: what cannot be run would be held
// against the client.
func (c *Client) Found() error {
	var missing []error
	for name, action := range c.actions() {
		if action == nil || len(action.Run) == 0 || clientValue.MatchString(action.Run[0]) {
			continue
		}
		if _, err := exec.LookPath(programOf(c.Folder, action.Run[0])); err != nil {
			missing = append(missing, fmt.Errorf("target: %s cannot be run: %w; install it, or name it with its folder", name, err))
		}
	}
	return errors.Join(missing...)
}

// programOf is where a program is looked for: by PATH, or from the folder of the
// target file where its name says a folder.
func programOf(folder, name string) string {
	if strings.ContainsRune(name, filepath.Separator) && !filepath.IsAbs(name) {
		return filepath.Join(folder, name)
	}
	return name
}

// uses tells whether a template of the action names the value.
func (a *ClientAction) uses(name string) bool {
	return a.Post == "" && slices.ContainsFunc(a.Run, func(argument string) bool { return strings.Contains(argument, "{{"+name+"}}") })
}
