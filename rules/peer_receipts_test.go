package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/collaudo/collaudo/evidence"
)

// toAnna is a receipt of Cirro's that is handed to Anna's provider.
func toAnna(o order) order {
	o.alter = func(d *evidence.Dispatch) {
		d.Host, d.Recipients[0].Address, d.ReversePath = aurora, anna, ""
		d.Identifier = ""
	}
	return o
}

// cirrosReceipt is a receipt about Anna's message that Cirro sends: the sample
// of Borea's, in Cirro's name.
func cirrosReceipt(t *testing.T, sample, signer string, pairs ...string) []byte {
	t.Helper()
	m := correct(sample)
	for _, part := range []*string{&m.Head, &m.Content} {
		*part = strings.NewReplacer("gestore.borea", "gestore.cirro", borea, cirro, bruno, paolo).Replace(*part)
	}
	m = m.with(t, pairs...)
	m.Signer = copySigner(cirroSigners()[signer])
	return m.sealed(t)
}

func cirrosOrder(sample, signer string, pairs ...string) order {
	return toAnna(order{raw: func(t *testing.T) []byte { return cirrosReceipt(t, sample, signer, pairs...) }})
}

// asReceived lays the receipt itself into Anna's mailbox.
func asReceived(o order, mailbox string) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["found"] = []placed{{message: message{Mailbox: mailbox}, raw: o.octets(t)}}
	}
}

// inAuroras is the anomaly envelope of Aurora around the receipt, for Anna.
func inAuroras(o order) change {
	return func(t *testing.T, all map[string][]placed) {
		t.Helper()
		all["anomaly"] = []placed{anomalyBy(t, o.octets(t), keys().aurora, "gestore.aurora.example", anna)}
	}
}

// inAnswer makes the receipt an answer to what Anna submitted (s1).
func inAnswer(o order) order {
	before := o.alter
	o.alter = func(d *evidence.Dispatch) {
		before(d)
		d.About, d.Token = "s1", ""
	}
	o.begin = func(c *testCase) {
		c.submitted(strings.ReplaceAll(originalText, bruno, paolo), to(paolo))
		c.put(correct("acceptance"))
	}
	return o
}

// briefSigned is a brief receipt around a signed original that its hashes broke.
func briefSigned(t *testing.T) []byte {
	t.Helper()
	m := ofCirro(t, correct("delivery-brief"))
	inner := strings.ReplaceAll(string(correct("acceptance").sealed(t)), "\r\n", "\n")
	inner = strings.Replace(inner, "Content-Type: text/html; charset=iso-8859-1", "Content-Type: text/html; name=\"a.html.hash\"", 1)
	for _, name := range []string{"outer", "mixed", "alt"} {
		inner = strings.NewReplacer("--"+name, "--in"+name, `boundary="`+name, `boundary="in`+name).Replace(inner)
	}
	brief := strings.NewReplacer("aurora.example", "cirro.example", "anna@", "paolo@", "Anna <", "Paolo <").Replace(briefOriginal())
	m = m.with(t, brief, inner)
	for _, part := range []*string{&m.Head, &m.Content} {
		*part = strings.NewReplacer("gestore.borea", "gestore.cirro", borea, cirro).Replace(*part)
	}
	m.Signer = copySigner(cirroSigners()["correct"])
	return m.sealed(t)
}

func TestPeerReceiptJudges(t *testing.T) {
	t.Parallel()
	unknown := cirrosOrder("delivery", "correct")
	untrusted := map[string]order{
		"unlisted": cirrosOrder("delivery", "unlisted"), "expired": cirrosOrder("delivery", "expired"), "revoked": cirrosOrder("delivery", "revoked"),
		"altered": toAnna(order{raw: func(t *testing.T) []byte {
			return []byte(strings.Replace(string(cirrosReceipt(t, "delivery", "correct")), "casella di", "casella DI", 1))
		}}),
		"unsigned": toAnna(order{raw: func(*testing.T) []byte {
			return []byte(crlf("X-Ricevuta: avvenuta-consegna\nMessage-ID: <u1@altrove.example>\nSubject: CONSEGNA: Preventivo 7f3a\nFrom: " + cirroAddress + "\nTo: " + anna + "\n\nConsegnato.\n"))
		}}),
	}
	var trials []trial
	for name, o := range untrusted {
		trials = append(trials,
			trial{rule: "PEC-IP-031", name: name + ", in an anomaly envelope", build: wrappedUp(o, inAuroras(o)), want: holds},
			trial{rule: "PEC-IP-031", name: name + ", shown as a receipt", build: wrappedUp(o, asReceived(o, anna)), want: broken},
			trial{rule: "PEC-IP-031", name: name + ", lost", build: wrappedUp(o, drop("anomaly")), want: broken})
	}
	for name, o := range map[string]order{
		"no X-Ricevuta": cirrosOrder("delivery", "correct", "X-Ricevuta: avvenuta-consegna\n", ""),
		"invalid data":  cirrosOrder("delivery", "correct", "    <risposte>anna@aurora.example</risposte>\n", ""),
		"another type":  cirrosOrder("delivery", "correct", `tipo="avvenuta-consegna"`, `tipo="accettazione"`),
	} {
		trials = append(trials,
			trial{rule: "PEC-IP-032", name: name + ", in an anomaly envelope", build: wrappedUp(o, inAuroras(o)), want: holds},
			trial{rule: "PEC-IP-032", name: name + ", shown as a receipt", build: wrappedUp(o, asReceived(o, anna)), want: broken},
			trial{rule: "PEC-IP-032", name: name + ", lost", build: wrappedUp(o, drop("anomaly")), want: broken})
	}
	stranger := inAnswer(cirrosOrder("virus-detection", "unlisted"))
	told := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["notice"] = []placed{piece(correct("non-delivery-virus").with(t, bruno, paolo), anna)}
	}
	brief := toAnna(order{raw: briefSigned})
	trials = append(trials, []trial{
		{rule: "PEC-IP-027", name: "delivered", build: wrappedUp(unknown, asReceived(unknown, anna)), want: holds},
		{rule: "PEC-IP-027", name: "lost", build: wrappedUp(unknown, drop("anomaly")), want: broken},
		{rule: "PEC-IP-027", name: "in an anomaly envelope", build: wrappedUp(unknown, inAuroras(unknown)), want: broken},
		{rule: "PEC-IP-027", name: "about what was sent", build: wrappedUp(inAnswer(unknown), asReceived(unknown, anna)), none: true},
		{rule: "PEC-VIR-013", name: "nothing said", build: wrappedUp(stranger, drop("anomaly")), want: holds},
		{rule: "PEC-VIR-013", name: "the user is told", build: wrappedUp(stranger, told), want: broken},
		{rule: "PEC-VIR-013", name: "of a provider", build: wrappedUp(inAnswer(cirrosOrder("virus-detection", "correct")), told), none: true},
		{rule: "PEC-RB-019", name: "delivered", build: wrappedUp(brief, asReceived(brief, anna)), want: holds},
		{rule: "PEC-RB-019", name: "in an anomaly envelope", build: wrappedUp(brief, inAuroras(brief)), want: broken},
		{rule: "PEC-RB-019", name: "another receipt", build: wrappedUp(unknown, drop("anomaly")), none: true},
	}...)
	runTrials(t, peerReceiptJudges(), trials)
}

// TestReceiptsOfPeersAreDelivered: rules about receipts of other providers hold
// for those that the harness sends.
func TestReceiptsOfPeersAreDelivered(t *testing.T) {
	t.Parallel()
	receipt := inAnswer(cirrosOrder("delivery", "correct"))
	charge := inAnswer(cirrosOrder("taken-in-charge", "correct"))
	detection := inAnswer(cirrosOrder("virus-detection", "correct"))
	notice := func(t *testing.T, all map[string][]placed) {
		t.Helper()
		clear(all)
		all["notice"] = []placed{piece(correct("non-delivery-virus").with(t, bruno, paolo), anna)}
	}
	for _, test := range []struct {
		rule, name string
		build      func(*testCase)
		want       answer
	}{
		{"PEC-IP-004", "delivered", wrappedUp(receipt, asReceived(receipt, anna)), holds},
		{"PEC-IP-004", "lost", wrappedUp(receipt, drop("anomaly")), broken},
		{"PEC-IP-005", "in the service mailbox", wrappedUp(charge, asReceived(charge, serviceAurora)), holds},
		{"PEC-IP-005", "with a user", wrappedUp(charge, asReceived(charge, anna)), broken},
		{"PEC-SSA-007", "with a user", wrappedUp(charge, asReceived(charge, anna)), broken},
		{"PEC-VIR-009", "the user is told", wrappedUp(detection, notice), holds},
		{"PEC-VIR-009", "the user is not told", wrappedUp(detection, drop("anomaly")), broken},
	} {
		c := newCase(t)
		test.build(c)
		v := c.view()
		judges := allFamilies()
		i := slices.IndexFunc(judges, func(j Judge) bool { return j.Rule == test.rule })
		var f Findings
		judges[i].Look(v, &f)
		if got, any := worst(f.list); !any || got.answer != test.want {
			t.Errorf("%s, %s: want %s, got %+v", test.rule, test.name, test.want.name(), f.list)
		}
	}
}
