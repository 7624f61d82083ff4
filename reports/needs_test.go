package reports

import (
	"testing"

	"github.com/collaudo/collaudo/rules"
)

func TestNeedWords(t *testing.T) {
	t.Parallel()
	for need, want := range map[string][2]string{ // words, and where it can be met
		"white box: log": {"a white box that hands over the provider's log", whiteBox},
		"white box: clock (90 days are more than can be waited for)": {"a white box that moves the target's clock (90 days are more than can be waited for)", whiteBox},
		"white box: something new":                                   {"white box: something new", whiteBox},
		string(rules.NeedJournal):                                    {"the provider's log", whiteBox},
		string(rules.NeedQuarantine):                                 {"the provider's store of infected messages", whiteBox},
		string(rules.NeedRelay):                                      {"the SMTP transactions between providers", whiteBox},
		"role peer":                                                  {"a provider that the harness plays", "role peer"},
		"role peer: signer expired":                                  {"a provider that the harness plays: signer expired", "role peer"},
		"role user: mailbox of Dario":                                {"the mailbox of Dario", "role user"},
		"role ordinary":                                              {"a plain mail host", "role ordinary"},
		"role directory":                                             {"the central directory, played by the harness", "role directory"},
		"permit virus":                                               {"leave for scenarios of the sort “virus” (reach.permits)", "permit"},
		"simulated clock: a date before spring":                      {"a clock shortly before the change to summer time", simulated},
		"simulated provider: fault te-bcc":                           {"a simulated provider with the fault te-bcc", simulated},
		"limits: maxTotalBytes":                                      {"limits: maxTotalBytes", elsewhere},
	} {
		if got := [2]string{NeedWords(need), sourceOf(need)}; got != want {
			t.Errorf("%s: %q, want %q", need, got, want)
		}
	}
}

func TestReasonWords(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"": "",
		"missing: white box: restart; white box: log":                                         "It could not be judged for want of a white box that restarts a provider and a white box that hands over the provider's log.",
		"judged where it could be; in 3 other scenarios it could not: missing role directory": "Judged where it could be; in 3 other scenarios it could not, for want of the central directory, played by the harness.",
		"no selected scenario brings the case about":                                          "No selected scenario brings the case about.",
	} {
		if got := reasonWords(reason); got != want {
			t.Errorf("%q: %q, want %q", reason, got, want)
		}
	}
}
