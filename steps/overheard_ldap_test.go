package steps

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"github.com/google/go-cmp/cmp"
)

// ldapMessage is a message of LDAP with that number.
func ldapMessage(id int, op *ber.Packet) []byte {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	m.AppendChild(op)
	return m.Bytes()
}

// operation is one of LDAP, with its parts.
func operation(tag ber.Tag, parts ...*ber.Packet) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	for _, p := range parts {
		op.AppendChild(p)
	}
	return op
}

func octetString(value string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, value, "")
}

func bindRequest(name string, how *ber.Packet) *ber.Packet {
	return operation(ldap.ApplicationBindRequest, ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 3, ""), octetString(name), how)
}

func result(tag ber.Tag, code int, matched, says string) *ber.Packet {
	return operation(tag, ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""), octetString(matched), octetString(says))
}

// searchEntry is the entry o=x with one attribute.
func searchEntry(name string, values ...string) *ber.Packet {
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for _, v := range values {
		set.AppendChild(octetString(v))
	}
	attribute, list := ber.NewSequence(""), ber.NewSequence("")
	attribute.AppendChild(octetString(name))
	attribute.AppendChild(set)
	list.AppendChild(attribute)
	return operation(ldap.ApplicationSearchResultEntry, octetString("o=x"), list)
}

// searchRequest asks for the subtree of o=x, for five entries and 20 seconds.
func searchRequest(t *testing.T, filter string, attributes ...string) *ber.Packet {
	t.Helper()
	compiled, err := ldap.CompileFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	number := func(tag ber.Tag, n int) *ber.Packet {
		return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, tag, n, "")
	}
	wanted := ber.NewSequence("")
	for _, name := range attributes {
		wanted.AppendChild(octetString(name))
	}
	return operation(
		ldap.ApplicationSearchRequest, octetString("o=x"), number(ber.TagEnumerated, ldap.ScopeWholeSubtree), number(ber.TagEnumerated, 0),
		number(ber.TagInteger, 5), number(ber.TagInteger, 20), ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""), compiled, wanted,
	)
}

func TestLDAPIsWrittenDownInWords(t *testing.T) {
	t.Parallel()
	sasl := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
	sasl.AppendChild(octetString("PLAIN"))
	sasl.AppendChild(octetString("segreto"))
	binary := "\x30\x00certificate"
	table := []struct {
		name  string
		given []byte
		want  string
	}{
		{"a bind", ldapMessage(1, bindRequest("cn=anna", ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "segreto", ""))), "message 1: bind as cn=anna with the password [removed]\n"},
		{"a bind by SASL", ldapMessage(1, bindRequest("", sasl)), "message 1: bind as nobody by SASL PLAIN [removed]\n"},
		{"its answer", ldapMessage(1, result(ldap.ApplicationBindResponse, 49, "", "wrong\x1b")), "message 1: bind response: 49 Invalid Credentials\n   says: wrong\\x1b\n"},
		{"a search", ldapMessage(2, searchRequest(t, "(&(cn=a*)(!(o=b)))", "*", "+")), "message 2: search request, base \"o=x\"\n   scope Whole Subtree\n   filter (&(cn=a*)(!(o=b)))\n   attributes * +\n   at most 5 entries, 20 seconds (0: no bound)\n"},
		{"an entry", ldapMessage(2, searchEntry("cert;binary", binary, "short")), "message 2: entry \"o=x\"\n   cert;binary: [13 octets, SHA-256 " + fmt.Sprintf("%x", sha256.Sum256([]byte(binary))) + "]\n   cert;binary: short\n"},
		{"an entry without values", ldapMessage(2, searchEntry("cn")), "message 2: entry \"o=x\"\n   cn\n"},
		{"a long value", ldapMessage(2, searchEntry("cn", strings.Repeat("x", maxValue+1))), "message 2: entry \"o=x\"\n   cn: [121 octets, SHA-256 " + fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Repeat("x", maxValue+1)))) + "]\n"},
		{"many values", ldapMessage(2, searchEntry("cn", strings.Split(strings.Repeat("v ", maxValues+2)+"v", " ")...)), "message 2: entry \"o=x\"\n" + strings.Repeat("   cn: v\n", maxValues) + "   cn: 3 values more\n"},
		{"the end", ldapMessage(2, result(ldap.ApplicationSearchResultDone, 32, "o=x", "")), "message 2: search result done: 32 No Such Object\n   matched \"o=x\"\n"},
		{"a code that nobody knows", ldapMessage(2, result(ldap.ApplicationSearchResultDone, 9999, "", "")), "message 2: search result done: 9999 a code that is not known\n"},
		{"a reference", ldapMessage(2, operation(ldap.ApplicationSearchResultReference, octetString("ldap://x"))), "message 2: search reference\n   ldap://x\n"},
		{"unbind", ldapMessage(3, ber.Encode(ber.ClassApplication, ber.TypePrimitive, ldap.ApplicationUnbindRequest, nil, "")), "message 3: unbind\n"},
		{"a bind without parts", ldapMessage(3, operation(ldap.ApplicationBindRequest)), "message 3: bind request, of which parts are missing\n"},
		{"a search without parts", ldapMessage(3, operation(ldap.ApplicationSearchRequest, octetString("o=x"))), "message 3: search request, of which parts are missing\n"},
		{"a filter that cannot be read", ldapMessage(3, operation(ldap.ApplicationSearchRequest, append(slices.Clone(searchRequest(t, "(cn=a)").Children[:6]), octetString("x"), ber.NewSequence(""))...)), "message 3: search request, base \"o=x\"\n   scope Whole Subtree\n   filter (one that cannot be read)\n   attributes all\n   at most 5 entries, 20 seconds (0: no bound)\n"},
		{"no operation", ldapMessage(3, octetString("x")), "message 3: no operation that LDAP knows\n"},
		{"a message that is none inside", []byte{0x30, 3, 4, 9, 1}, "(a message that cannot be read: unexpected EOF)\n"},
		{"something else", []byte("HTTP/1.1 400\r\n"), "(octets that are no LDAP message: what follows is not kept)\n"},
		{"a length without end", []byte{0x30, 0x80, 1, 2}, "(octets that are no LDAP message: what follows is not kept)\n"},
	}
	for _, row := range table {
		for _, step := range []int{1, 3, 1 << 20} {
			t.Run(fmt.Sprintf("%s, %d at a time", row.name, step), func(t *testing.T) {
				t.Parallel()
				log := newSessionTranscript("", "")
				s := ldapStream{log: log, who: saidByServer}
				for given := row.given; len(given) > 0; {
					n := min(step, len(given))
					s.feed(given[:n])
					given = given[n:]
				}
				if diff := cmp.Diff("S: "+row.want, string(log.octets())); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestAnLDAPMessageThatIsTooLong(t *testing.T) {
	t.Parallel()
	log := newSessionTranscript("", "")
	s := ldapStream{log: log, who: saidByServer}
	large := ldapMessage(1, searchEntry("cn", strings.Repeat("x", maxLDAPMessage)))
	s.feed(append(large, ldapMessage(1, result(ldap.ApplicationSearchResultDone, 0, "", ""))...))
	want := fmt.Sprintf("S: (a message of %d octets: too long to be written here)\nS: message 1: search result done: 0 Success\n", len(large))
	if diff := cmp.Diff(want, string(log.octets())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Whatever a directory answers, and however long: what is kept of a session has
// its bound.
func TestLDAPWordsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\x01", maxLDAPMessage-1000)
	for name, op := range map[string]*ber.Packet{
		"what the server says": result(ldap.ApplicationSearchResultDone, 1, "", long),
		"how far it got":       result(ldap.ApplicationSearchResultDone, 1, long, ""),
		"a reference":          operation(ldap.ApplicationSearchResultReference, octetString(long)),
		"the name of an entry": operation(ldap.ApplicationSearchResultEntry, octetString(long), ber.NewSequence("")),
		"an attribute's name":  searchEntry(long, "x", "y"),
		"its name, no value":   searchEntry(long),
		"who signs in":         bindRequest(long, octetString("")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := newSessionTranscript("", "")
			s := ldapStream{log: log, who: saidByServer}
			for id := range 12 {
				s.feed(ldapMessage(id, op))
			}
			if text := string(log.octets()); len(text) > sessionHead+sessionTail+300 || !strings.Contains(text, " octets more]\n") {
				t.Errorf("%d octets are kept, want no more than %d, and how much is not: %.200q", len(text), sessionHead+sessionTail, text)
			}
		})
	}
}

func TestWhatIsSaidToTheDirectoryIsKept(t *testing.T) {
	t.Parallel()
	w, r := looking(t, DirectoryService{LDAP: startLDAP(t, "https://127.0.0.1/x", []byte("\x30\x00"))})
	for _, step := range []func(context.Context) error{
		w.readLDAP,
		func(ctx context.Context) error { return w.searchLDAP(ctx, "Anna", "domain") },
	} {
		if err := step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.KeepDialogues(); err != nil {
		t.Fatal(err)
	}
	c := r.read(t)
	if len(c.Dialogues) != 1 || c.Dialogues[0].Protocol != "ldap" || c.Dialogues[0].Sessions != 2 || c.Dialogues[0].Address != w.target.Directory.LDAP {
		t.Fatalf("dialogues %+v, want one over LDAP of two sessions", c.Dialogues)
	}
	text, err := c.Blob(c.Dialogues[0].Transcript)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"C: message 1: search request, base \"o=postacert\"", "S: message 1: entry \"providerName=Aurora,o=postacert\"", "   providerCertificate;binary: [2 octets, SHA-256",
		"S: message 1: search result done: 0 Success", "base \"cn=schema\"", "(session 2)", "filter (managedDomains=AURORA.EXAMPLE)",
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("the dialogue does not hold %q:\n%s", part, text)
		}
	}
}
