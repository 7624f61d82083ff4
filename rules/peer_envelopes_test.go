package rules

import (
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// originalFirst is the standard envelope with the original before the certification
// data.
func originalFirst(t *testing.T) []byte {
	t.Helper()
	m := ofCirro(t, correct("envelope"))
	head, rest, _ := strings.Cut(m.Content, "--mixed\nContent-Type: application/xml")
	data, original, _ := strings.Cut("--mixed\nContent-Type: application/xml"+rest, "--mixed\nContent-Type: message/rfc822")
	original, _, _ = strings.Cut("--mixed\nContent-Type: message/rfc822"+original, "--mixed--")
	m.Content = head + original + data + "--mixed--\n"
	return m.sealed(t)
}

// lying is the standard envelope with a text about something else.
func lying(t *testing.T) []byte {
	t.Helper()
	m := ofCirro(t, correct("envelope"))
	head, rest, _ := strings.Cut(m.Content, "--mixed\nContent-Type: multipart/alternative")
	_, rest, _ = strings.Cut(rest, "--alt--\n")
	m.Content = head + "--mixed\nContent-Type: text/plain; charset=iso-8859-1\n\nAvviso di manutenzione, niente di consegnato.\n" + rest
	return m.sealed(t)
}

// infectedAtBorea makes the message carry a virus that Borea knows.
func infectedAtBorea(d *evidence.Dispatch) { d.Infected, d.KnownTo = "Test-Virus", []string{borea} }

// virusStoppedAt is Paolo's infected envelope, and what is owed for Bruno.
func virusStoppedAt(changes ...change) func(*testCase) {
	start := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["detection"] = []placed{piece(ofCirro(t, correct("virus-detection")), serviceCirro)}
	}
	o := order{what: "envelope", alter: func(d *evidence.Dispatch) {
		infectedAtBorea(d)
		d.Recipients = d.Recipients[:1]
	}}
	return handedOver(o, append([]change{start}, changes...)...)
}

// twiceOver is Paolo's envelope handed over for Bruno, and once more for these.
func twiceOver(recipients []string, changes ...change) func(*testCase) {
	first := order{what: "envelope", alter: func(d *evidence.Dispatch) { d.Recipients = d.Recipients[:1] }}
	return func(c *testCase) {
		handedOver(first, changes...)(c)
		again := order{what: "envelope", alter: func(d *evidence.Dispatch) {
			d.Recipients = nil
			for _, r := range recipients {
				d.Recipients = append(d.Recipients, evidence.RecipientReply{Address: r, Reply: evidence.Reply{Code: 250}})
			}
		}}
		again.hand(c, 2, "d1")
		c.settled()
	}
}

func TestPeerEnvelopeJudges(t *testing.T) {
	t.Parallel()
	renewed := order{what: "envelope", sign: "renewed"}
	lower := order{what: "envelope", hash: strings.ToLower}
	otherOrder := order{raw: originalFirst}
	otherWords := order{raw: lying}
	defaults := order{what: "envelope", edit: []string{` errore="nessuno"`, "", `<destinatari tipo="certificato">`, "<destinatari>"}}
	refused := order{what: "envelope", alter: peerRefused}
	lost := drop("taken-in-charge", "delivery-bruno", "delivery-carla", "found-bruno", "found-carla")
	uncovered := edit("taken-in-charge", "\n    <ricezione>carla@borea.example</ricezione>", "")
	runTrials(t, peerEnvelopeJudges(), []trial{
		{rule: "PEC-IP-003", name: "taken in charge and delivered", build: handedOver(plainly), want: holds},
		{rule: "PEC-IP-003", name: "not taken in charge", build: handedOver(plainly, drop("taken-in-charge")), want: broken},
		{rule: "PEC-IP-003", name: "not delivered", build: handedOver(plainly, drop("found-carla")), want: broken},
		{rule: "PEC-IP-003", name: "refused", build: handedOver(refused, lost), want: broken},
		{rule: "PEC-IP-003", name: "not settled", build: notYetSettled(handedOver(plainly, drop("found-carla"))), want: unable},
		{rule: "PEC-IP-003", name: "as an anomaly", build: handedOver(plainly, drop("found-bruno"), func(t *testing.T, all map[string][]placed) {
			all["anomaly"] = []placed{anomalyAround(t, plainly.octets(t))}
		}), want: broken},
		{rule: "PEC-IP-003", name: "renewed is for another rule", build: handedOver(renewed, lost), none: true},
		{rule: "PEC-IP-003", name: "altered", build: handedOver(order{what: "envelope", after: [2]string{"Messaggio di posta", "Messaggio dI posta"}}), none: true},

		{rule: "PEC-IP-017", name: "lower case", build: handedOver(lower), want: holds},
		{rule: "PEC-IP-017", name: "not recognised", build: handedOver(lower, lost), want: broken},
		{rule: "PEC-IP-017", name: "upper case", build: handedOver(plainly, lost), none: true},

		{rule: "PEC-IP-018", name: "the renewed one", build: handedOver(renewed), want: holds},
		{rule: "PEC-IP-018", name: "not recognised", build: handedOver(renewed, lost), want: broken},
		{rule: "PEC-IP-018", name: "the first one", build: handedOver(plainly, lost), none: true},

		{rule: "PEC-IP-021", name: "kept away and told", build: virusStoppedAt(), want: holds},
		{rule: "PEC-IP-021", name: "delivered", build: virusStoppedAt(func(t *testing.T, all map[string][]placed) {
			all["found-bruno"] = []placed{{message: message{Mailbox: bruno}, raw: plainly.octets(t)}}
		}), want: broken},
		{rule: "PEC-IP-021", name: "not told", build: virusStoppedAt(drop("detection")), want: broken},
		{rule: "PEC-IP-021", name: "the user told instead", build: virusStoppedAt(move("detection", paolo)), want: broken},
		{rule: "PEC-IP-021", name: "healthy", build: handedOver(plainly), none: true},

		{rule: "PEC-IP-023", name: "other order", build: handedOver(otherOrder), want: holds},
		{rule: "PEC-IP-023", name: "not taken", build: handedOver(otherOrder, lost), want: broken},
		{rule: "PEC-IP-023", name: "usual order", build: handedOver(plainly, lost), none: true},

		{rule: "PEC-IP-026", name: "one receipt", build: twiceOver([]string{bruno}, drop("delivery-carla", "found-carla"), uncovered), want: holds},
		{rule: "PEC-IP-026", name: "two receipts", build: twiceOver([]string{bruno}, drop("delivery-carla", "found-carla"), uncovered, twice("delivery-bruno")), want: broken},
		{rule: "PEC-IP-026", name: "once", build: handedOver(plainly, twice("delivery-bruno")), none: true},

		{rule: "PEC-GEN-015", name: "taken as any", build: handedOver(otherWords), want: holds},
		{rule: "PEC-GEN-015", name: "not taken", build: handedOver(otherWords, lost), want: broken},
		{rule: "PEC-GEN-015", name: "the usual words", build: handedOver(plainly, lost), none: true},

		{rule: "PEC-XML-022", name: "taken as any", build: handedOver(defaults), want: holds},
		{rule: "PEC-XML-022", name: "not taken", build: handedOver(defaults, lost), want: broken},
		{rule: "PEC-XML-022", name: "written out", build: handedOver(plainly, lost), none: true},

		{rule: "PEC-SSA-006", name: "all covered", build: twiceOver([]string{carla}), want: holds},
		{rule: "PEC-SSA-006", name: "one is not", build: twiceOver([]string{carla}, uncovered), want: broken},
		{rule: "PEC-SSA-006", name: "one transaction", build: handedOver(plainly, uncovered), none: true},
	})
}

// TestWhatFollowsAnEnvelopeIsJudged: the judges of receipts look at those that
// are made for an envelope of another provider.
func TestWhatFollowsAnEnvelopeIsJudged(t *testing.T) {
	t.Parallel()
	keepsAll(t, handedOver(plainly))
	keepsAll(t, virusStoppedAt())
	for _, test := range []struct {
		rule, piece string
		pairs       []string
	}{
		{"PEC-SSA-002", "taken-in-charge", []string{"To: " + serviceCirro, "To: " + paolo}},
		{"PEC-SSA-003", "taken-in-charge", []string{"PRESA IN CARICO: ", "CONSEGNA: "}},
		{"PEC-SSA-005", "taken-in-charge", []string{"\n    <ricezione>carla@borea.example</ricezione>", ""}},
		{"PEC-SSA-011", "taken-in-charge", []string{"<identificativo>pec1.", "<identificativo>pec2."}},
		{"PEC-DP-007", "delivery-bruno", []string{"To: " + paolo, "To: " + serviceCirro}},
		{"PEC-DP-008", "delivery-bruno", []string{"Subject: CONSEGNA: Preventivo 7f3a", "Subject: CONSEGNA: Altro 7f3a"}},
		{"PEC-DP-010", "delivery-bruno", []string{"<consegna>bruno@", "<consegna>ignoto@"}},
		{"PEC-RC-001", "delivery-bruno", []string{"Content-Type: message/rfc822; name=\"postacert.eml\"", "Content-Type: application/octet-stream; name=\"altro\"", "filename=\"postacert.eml\"", "filename=\"altro\""}},
	} {
		c := newCase(t)
		handedOver(plainly, edit(test.piece, test.pairs...))(c)
		v := c.view()
		var f Findings
		for _, j := range allFamilies() {
			if j.Rule == test.rule {
				j.Look(v, &f)
			}
		}
		if got, any := worst(f.list); !any || got.answer != broken {
			t.Errorf("%s with %q: want broken, got %+v", test.rule, test.pairs, f.list)
		}
	}
}
