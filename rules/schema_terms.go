package rules

import "slices"

// Level is how strongly the texts put a rule.
type Level string

// Levels.
const (
	LevelMust     Level = "must"
	LevelShould   Level = "should"
	LevelMay      Level = "may"
	LevelService  Level = "service-level" // a measure set by decree
	LevelPractice Level = "practice"      // in every real message, written nowhere
	LevelOwn      Level = "own"           // robustness, a rule of this project
	LevelOpen     Level = "open"          // the texts do not decide: what happens is recorded
)

// Levels lists them all.
func Levels() []Level {
	return []Level{LevelMust, LevelShould, LevelMay, LevelService, LevelPractice, LevelOwn, LevelOpen}
}

// Violation is what a breach of a rule is worth.
type Violation string

// Violations, worst first.
const (
	ViolationFail    Violation = "fail"
	ViolationWarn    Violation = "warn"
	ViolationObserve Violation = "observe"
)

// Violations lists them all, worst first.
func Violations() []Violation { return []Violation{ViolationFail, ViolationWarn, ViolationObserve} }

// Verdict returns the verdict of a check that finds the breach. What is no
// violation of the catalogue is an error: it must not weigh nothing.
func (v Violation) Verdict() Verdict {
	switch v {
	case ViolationFail:
		return Fail
	case ViolationWarn:
		return Warn
	case ViolationObserve:
		return Observed
	}
	return Error
}

func (v Violation) milderThan(w Violation) bool {
	return slices.Index(Violations(), v) > slices.Index(Violations(), w)
}

// Role is the part of a certified e-mail system that a rule binds.
type Role string

// Roles.
const (
	RoleAllEmitters            Role = "all-emitters" // whatever writes system messages
	RoleConsumers              Role = "consumers"    // whatever reads them
	RoleAccessPoint            Role = "access-point"
	RoleIncomingPoint          Role = "incoming-point"
	RoleDeliveryPoint          Role = "delivery-point"
	RoleTimers                 Role = "timers" // what watches the 12 and 24 hours
	RoleSenderProvider         Role = "sender-provider"
	RoleReceiverProvider       Role = "receiver-provider"
	RoleRelay                  Role = "relay" // SMTP between providers
	RoleProvider               Role = "provider"
	RoleAllServices            Role = "all-services" // every protocol endpoint
	RoleLog                    Role = "log"
	RoleStorage                Role = "storage"
	RoleServiceMailbox         Role = "service-mailbox"
	RoleServiceAddress         Role = "service-address"
	RoleDirectory              Role = "directory"
	RoleProviderDirectoryFile  Role = "provider-directory-file"
	RoleCentralDirectory       Role = "central-directory"
	RoleCertificate            Role = "certificate"
	RoleCertificationAuthority Role = "certification-authority"
	RoleDNS                    Role = "dns"
	RoleClient                 Role = "client"
)

// Roles lists them all.
func Roles() []Role {
	return []Role{
		RoleAllEmitters, RoleConsumers, RoleAccessPoint, RoleIncomingPoint, RoleDeliveryPoint, RoleTimers,
		RoleSenderProvider, RoleReceiverProvider, RoleRelay, RoleProvider, RoleAllServices, RoleLog, RoleStorage,
		RoleServiceMailbox, RoleServiceAddress, RoleDirectory, RoleProviderDirectoryFile,
		RoleCentralDirectory, RoleCertificate, RoleCertificationAuthority, RoleDNS, RoleClient,
	}
}

// Seat is a place from which the harness looks at the target.
type Seat string

// Seats.
const (
	SeatUser     Seat = "U" // a mailbox user of the target
	SeatPeer     Seat = "P" // a provider with a key in the directory
	SeatOrdinary Seat = "O" // an ordinary Internet mail host
	SeatWhiteBox Seat = "W" // log, storage, service mailbox, through the adapter
	SeatArtefact Seat = "F" // an artefact inspected offline
)

// Seats lists them all.
func Seats() []Seat { return []Seat{SeatUser, SeatPeer, SeatOrdinary, SeatWhiteBox, SeatArtefact} }

// Capability is something that the rules leave to the provider. Who does not
// claim it is not bound by the rules that name it.
type Capability string

// Capabilities.
const (
	ClaimHTMLText              Capability = "html-text"              // readable text in HTML as well
	ClaimOrdinaryRecipients    Capability = "ordinary-recipients"    // users may write to ordinary mail
	ClaimOrdinaryMail          Capability = "ordinary-mail"          // ordinary mail reaches mailboxes, in an anomaly envelope
	ClaimSecondaryEnvironments Capability = "secondary-environments" // more than one record in the directory
	ClaimSeveralDomains        Capability = "several-domains"        // more than one managed domain for users
)

// Capabilities lists them all.
func Capabilities() []Capability {
	return []Capability{ClaimHTMLText, ClaimOrdinaryRecipients, ClaimOrdinaryMail, ClaimSecondaryEnvironments, ClaimSeveralDomains}
}

// ExclusionKind says why a rule cannot be judged.
type ExclusionKind string

// Kinds of exclusion.
const (
	ExcludedUnobservable   ExclusionKind = "unobservable"   // nothing of it shows outside
	ExcludedOrganisational ExclusionKind = "organisational" // how the provider is organised and equipped
	ExcludedDutyOfPeople   ExclusionKind = "duty-of-people" // something that people have to do
	ExcludedOtherTarget    ExclusionKind = "other-target"   // binds another sort of target, and is judged when that is under test
)

// ExclusionKinds lists them all.
func ExclusionKinds() []ExclusionKind {
	return []ExclusionKind{ExcludedUnobservable, ExcludedOrganisational, ExcludedDutyOfPeople, ExcludedOtherTarget}
}
