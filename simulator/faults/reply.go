package faults

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Reply is an SMTP reply that a fault gives instead of the provider's own.
type Reply struct {
	Code     int
	Enhanced [3]int
	Text     string
}

// Stages of an SMTP transaction at which a fault may answer.
const (
	StageMail      = "mail" // MAIL FROM
	StageRecipient = "rcpt" // RCPT TO
	StageMessage   = "data" // the end of the message
)

// Services that a fault may answer for.
const (
	ServiceSubmission = "submission"
	ServiceIncoming   = "incoming" // when the fault names none
)

var enhancedCode = regexp.MustCompile(`^([45])\.(\d{1,3})\.(\d{1,3})$`)

// readReply reads the arguments of the operator reply.
func readReply(arguments map[string]string) (Reply, error) {
	code, err := strconv.Atoi(arguments["code"])
	if err != nil || code < 400 || code > 599 {
		return Reply{}, fmt.Errorf("reply code %q: want a refusal, 400 to 599", arguments["code"])
	}
	if stages := []string{StageMail, StageRecipient, StageMessage}; !slices.Contains(stages, arguments["stage"]) {
		return Reply{}, fmt.Errorf("reply at stage %q: want one of %s", arguments["stage"], strings.Join(stages, ", "))
	}
	if services := []string{"", ServiceSubmission, ServiceIncoming}; !slices.Contains(services, arguments["service"]) {
		return Reply{}, fmt.Errorf("reply of service %q: want %s or %s", arguments["service"], ServiceSubmission, ServiceIncoming)
	}
	r := Reply{Code: code, Enhanced: [3]int{code / 100, 3, 0}, Text: arguments["text"]}
	if r.Text == "" {
		r.Text = "Refused, as this simulated provider was asked to do"
	}
	if strings.ContainsFunc(r.Text, func(c rune) bool { return c < ' ' || c > '~' }) {
		return Reply{}, fmt.Errorf("reply text %q: want one line of ASCII", r.Text)
	}
	if enhanced := arguments["enhanced"]; enhanced != "" {
		parts := enhancedCode.FindStringSubmatch(enhanced)
		if parts == nil || parts[1] != strconv.Itoa(code/100) {
			return Reply{}, fmt.Errorf("enhanced code %q: want %d.x.y, as the code is %d", enhanced, code/100, code)
		}
		for i, part := range parts[1:] {
			r.Enhanced[i], _ = strconv.Atoi(part) // digits, by the pattern
		}
	}
	return r, nil
}

// Reply is what a fault has a service answer at a stage; nil when it does not.
func (s *Set) Reply(service, stage string) *Reply {
	if s == nil {
		return nil
	}
	var reply *Reply
	concerns := func(a act) bool {
		of := a.arguments["service"]
		if of == "" {
			of = ServiceIncoming
		}
		return a.point == AtReply && a.arguments["stage"] == stage && of == service
	}
	answer := func(a act) {
		if r, err := readReply(a.arguments); err == nil && reply == nil { // it was read when the rule was made
			reply = &r
		}
	}
	for _, a := range s.acts {
		if concerns(a) {
			answer(a)
		}
	}
	s.ruled(false, concerns, answer)
	return reply
}
