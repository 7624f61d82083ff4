package steps

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/evidence"
)

// Party is who a scenario speaks of, by the part it plays and not by address.
type Party string

// The parties of the scenarios. Anna writes, Bruno is the recipient, Carla is
// in Cc, Dario is the hidden one, Elena has ordinary mail.
const (
	Anna          Party = "Anna"
	AnnaColleague Party = "Anna's colleague" // another user in Anna's domain
	AnnaStudio    Party = "Anna's studio"    // a user in another domain of Anna's provider
	Bruno         Party = "Bruno"
	BrunoArchive  Party = "Bruno's archive" // a user in another domain of Bruno's provider
	Carla         Party = "Carla"           // at Bruno's provider
	Dario         Party = "Dario"           // at Bruno's provider
	Elena         Party = "Elena"
	FullMailbox   Party = "a full mailbox"
	AnnaService   Party = "the service mailbox of Anna's provider"
	BrunoService  Party = "the service mailbox of Bruno's provider"
	Unknown       Party = "an unknown mailbox"       // in Bruno's domain
	Subdomain     Party = "a subdomain"              // below Bruno's domain, in no directory
	BrunoCapitals Party = "Bruno in capital letters" // the domain of Bruno's address in capitals
	Paolo         Party = "Paolo"                    // at a provider that the harness plays, like Pia and Piero
	Pia           Party = "Pia"
	Piero         Party = "Piero"
	Delia         Party = "Delia" // at another provider that the harness plays
	PaoloService  Party = "the service mailbox of Paolo's provider"
	DeliaService  Party = "the service mailbox of Delia's provider"
	PaoloNew      Party = "Paolo's new domain"    // Paolo in the domain that a new version of the directory adds
	unknownMany         = `\d+ unknown mailboxes` // pattern, in Bruno's domain
)

// parties lists the closed set, longest first so that a pattern made of them
// does not stop at "Anna" in "Anna's studio".
func parties() []Party {
	return []Party{
		AnnaService, BrunoService, PaoloService, DeliaService, BrunoCapitals, AnnaColleague, AnnaStudio, BrunoArchive, PaoloNew,
		FullMailbox, Unknown, Subdomain, Anna, Bruno, Carla, Dario, Elena, Paolo, Pia, Piero, Delia,
	}
}

// partyPattern matches one party, partiesPattern a list ("Bruno, Carla and Dario").
func partyPattern() string {
	var names []string
	for _, p := range parties() {
		names = append(names, regexp.QuoteMeta(string(p)))
	}
	return "(?:" + strings.Join(append(names, unknownMany), "|") + ")"
}

func partiesPattern() string {
	one := partyPattern()
	return one + "(?:, " + one + ")*(?: and " + one + ")?"
}

var oneParty = regexp.MustCompile(partyPattern())

// person is a party found in the target: an address, and a mailbox when the
// harness can read it.
type person struct {
	address string
	name    string
	mailbox *Mailbox // nil: nobody's, or not ours
}

// people resolves a list of parties.
func (t *Target) people(list string) ([]person, error) {
	var all []person
	for _, name := range oneParty.FindAllString(list, -1) {
		if count, many := strings.CutSuffix(name, " unknown mailboxes"); many {
			n, err := strconv.Atoi(count)
			if err != nil || n < 1 || n > 1000 {
				return nil, fmt.Errorf("%q: expected between 1 and 1000 mailboxes", name)
			}
			domain, err := t.domainOf(Bruno)
			if err != nil {
				return nil, err
			}
			for i := range n {
				all = append(all, person{address: t.numbered(i+1, domain)})
			}
			continue
		}
		one, err := t.person(Party(name))
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// person finds a party in the target: by the actor that the target names, or
// by what the part means (another domain of the same provider, and so on).
func (t *Target) person(p Party) (person, error) {
	switch p {
	case Unknown, Subdomain, BrunoCapitals:
		return t.derived(p)
	case Paolo, Pia, Piero, Delia, PaoloService, DeliaService, PaoloNew:
		return t.atPeer(p)
	}
	found := t.byActor(string(p))
	if found == nil {
		found = t.byMeaning(p)
	}
	if found == nil {
		return person{}, fmt.Errorf("the target names no mailbox for %q: add one with `actor: %s`", p, p)
	}
	return person{address: found.Address, name: displayName(p, found), mailbox: found}, nil
}

// atPeer finds somebody at a provider that the harness plays: there is an
// address, and no mailbox that would have to be read.
func (t *Target) atPeer(p Party) (person, error) {
	actor := p
	switch p {
	case PaoloService, PaoloNew:
		actor = Paolo
	case DeliaService:
		actor = Delia
	}
	peer, user := t.peerUser(string(actor))
	switch {
	case peer == nil:
		return person{}, fmt.Errorf("the target gives the harness no provider to play with a user %q: add one under `peers`", actor)
	case p == PaoloNew:
		local, _, _ := strings.Cut(user.Address, "@")
		return person{address: local + "@" + newDomainOf(user), name: displayName(Paolo, &Mailbox{})}, nil
	case actor != p:
		return person{address: peer.ServiceMailbox}, nil
	}
	return person{address: user.Address, name: displayName(p, &Mailbox{})}, nil
}

func (t *Target) derived(p Party) (person, error) {
	bruno, err := t.person(Bruno)
	if err != nil {
		return person{}, err
	}
	local, domain, _ := strings.Cut(bruno.address, "@")
	switch p {
	case Unknown:
		return person{address: t.nobody() + "@" + domain}, nil
	case Subdomain:
		return person{address: t.belowDomain(local, domain)}, nil
	}
	return person{address: local + "@" + strings.ToUpper(domain), name: bruno.name, mailbox: bruno.mailbox}, nil
}

// byActor finds the mailbox of an actor. Carla and Dario have theirs with Bruno;
// a target may name an actor of that name elsewhere too.
func (t *Target) byActor(actor string) *Mailbox {
	if bruno := t.firstOf("Bruno"); bruno != nil && (actor == string(Carla) || actor == string(Dario)) {
		for i, m := range t.Mailboxes {
			if m.Actor == actor && m.Provider == bruno.Provider {
				return &t.Mailboxes[i]
			}
		}
	}
	return t.firstOf(actor)
}

func (t *Target) firstOf(actor string) *Mailbox {
	for i := range t.Mailboxes {
		if t.Mailboxes[i].Actor == actor && t.Mailboxes[i].Role != evidence.ServiceMailbox {
			return &t.Mailboxes[i]
		}
	}
	return nil
}

// byMeaning looks for a mailbox that plays the part though it is not named so.
func (t *Target) byMeaning(p Party) *Mailbox {
	switch p {
	case FullMailbox:
		return t.byActor(fullActor)
	case AnnaColleague:
		return t.near(Anna, true)
	case AnnaStudio:
		return t.near(Anna, false)
	case BrunoArchive:
		return t.near(Bruno, false)
	case AnnaService:
		return t.serviceOf(Anna)
	case BrunoService:
		return t.serviceOf(Bruno)
	}
	return nil
}

// near finds another user mailbox of the same provider, in the same domain or
// in another one.
func (t *Target) near(p Party, sameDomain bool) *Mailbox {
	known := t.byActor(string(p))
	if known == nil {
		return nil
	}
	for i, m := range t.Mailboxes {
		if m.Address != known.Address && m.Role == evidence.UserMailbox && m.Provider == known.Provider &&
			strings.EqualFold(domainOf(m.Address), domainOf(known.Address)) == sameDomain {
			return &t.Mailboxes[i]
		}
	}
	return nil
}

func (t *Target) serviceOf(p Party) *Mailbox {
	provider, err := t.providerOf(p)
	if err != nil {
		return nil
	}
	for i, m := range t.Mailboxes {
		if m.Role == evidence.ServiceMailbox && m.Provider == provider.Name {
			return &t.Mailboxes[i]
		}
	}
	return nil
}

// providerOf returns the provider that a party has its mailbox with.
func (t *Target) providerOf(p Party) (*Provider, error) {
	one := t.byActor(string(p))
	if one == nil {
		one = t.byMeaning(p)
	}
	if one == nil {
		return nil, fmt.Errorf("the target names no mailbox for %q", p)
	}
	provider := t.provider(one.Provider)
	if provider == nil {
		return nil, fmt.Errorf("%s (%s) has no provider of certified e-mail in the target", p, one.Address)
	}
	return provider, nil
}

func (t *Target) domainOf(p Party) (string, error) {
	one, err := t.person(p)
	if err != nil {
		return "", err
	}
	return domainOf(one.address), nil
}

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// displayName is the name that a user's client writes before the address.
func displayName(p Party, m *Mailbox) string {
	if m.Name != "" {
		return m.Name
	}
	switch p {
	case Anna, AnnaStudio:
		return "Anna Verdi"
	case Bruno, BrunoArchive:
		return "Bruno Neri"
	case Carla, AnnaColleague:
		return "Carla Rossi"
	case Dario:
		return "Dario Bianchi"
	case Elena:
		return "Elena Gialli"
	case Paolo:
		return "Paolo Conti"
	case Pia:
		return "Pia Marini"
	case Piero:
		return "Piero Sala"
	case Delia:
		return "Delia Fonti"
	}
	return ""
}
