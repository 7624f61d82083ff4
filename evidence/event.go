// Package evidence is what was seen in a run: events in the order in which
// they happened, and the octets they speak of, by hash.
//
// It records and reads back, identically. It draws no conclusion: nothing here
// knows a rule, a verdict, or how the target is built.
package evidence

import "time"

// Emitter says who made a message.
type Emitter string

// Emitters of messages in evidence (design: verdicts are given only on Target).
const (
	Target     Emitter = "target"
	Harness    Emitter = "harness"
	ThirdParty Emitter = "third-party"
	User       Emitter = "user"
)

// Intent says whether a message of the harness was meant to be correct.
type Intent struct {
	DamagedAt string `json:"damagedAt,omitempty"` // id of the rule it breaks on purpose; empty: meant as correct
	Note      string `json:"note,omitempty"`
}

// Type names what an event says.
type Type string

// Event types. Each fills the field of Event of the same name.
const (
	RunStarted      Type = "run-started"
	ScenarioStarted Type = "scenario-started"
	WorldSeen       Type = "world"
	TrustSeen       Type = "trust"
	StepTaken       Type = "step"
	Submitted       Type = "submission"
	MessageSeen     Type = "message"
	Probed          Type = "probe"
	JournalRead     Type = "journal"
	QuarantineRead  Type = "quarantine"
	RelayRead       Type = "relay"
	Expected        Type = "expectation"
	SettledSeen     Type = "settled"
	Dispatched      Type = "dispatch"
	TakenIn         Type = "intake"
	ClockMoved      Type = "clock"
	Restarted       Type = "restart"
	NetworkChanged  Type = "network"
	LogFilesRead    Type = "log-files"
	LogExtractRead  Type = "log-extract"
	DirectoryRead   Type = "directory"
	DirectoryServed Type = "directory-served"
	DirectoryMoved  Type = "directory-changed"
	NameResolved    Type = "name"
	ClientRan       Type = "client-run"
	ClientSpoke     Type = "client-session"
	ClientConcluded Type = "client-status"
	TruthTold       Type = "client-truth"
	ClientGiven     Type = "client-placing"
	LifeSeen        Type = "mailbox-life"
	MailboxTried    Type = "mailbox-use"
	RecoveryAsked   Type = "mailbox-recovery"
	DialoguesHeld   Type = "dialogues"
	ScenarioWaits   Type = "scenario-waits"
	ScenarioResumed Type = "scenario-resumed"
	ScenarioAgain   Type = "scenario-again"
	ScenarioEnded   Type = "scenario-ended"
	RunResumed      Type = "run-resumed"
	OthersSeen      Type = "others-seen"
	RunEnded        Type = "run-ended"
)

// Event is one line of events.ndjson. Exactly one of the pointers is set.
type Event struct {
	Sequence int       `json:"seq"`
	At       time.Time `json:"at"` // legal time of the run's clock, UTC
	Scenario string    `json:"scenario,omitempty"`
	Type     Type      `json:"type"`

	Run         *Run            `json:"run,omitempty"`
	Start       *Start          `json:"start,omitempty"`
	World       *World          `json:"world,omitempty"`
	Trust       *Trust          `json:"trust,omitempty"`
	Step        *Step           `json:"step,omitempty"`
	Submission  *Submission     `json:"submission,omitempty"`
	Message     *Message        `json:"message,omitempty"`
	Probe       *Probe          `json:"probe,omitempty"`
	Journal     []JournalEntry  `json:"journal,omitempty"`
	Quarantine  []Quarantined   `json:"quarantine,omitempty"`
	Relay       []RelayExchange `json:"relay,omitempty"`
	Expectation *Expectation    `json:"expectation,omitempty"`

	Dispatch        *Dispatch         `json:"dispatch,omitempty"`
	Intake          *Intake           `json:"intake,omitempty"`
	Clock           *ClockMove        `json:"clock,omitempty"`
	Restart         *Restart          `json:"restart,omitempty"`
	Network         *NetworkChange    `json:"network,omitempty"`
	LogFiles        []LogFile         `json:"logFiles,omitempty"`
	LogExtract      *LogExtract       `json:"logExtract,omitempty"`
	Directory       *DirectoryReading `json:"directory,omitempty"`
	DirectoryServed *DirectoryServing `json:"directoryServed,omitempty"`
	DirectoryMoved  *DirectoryChange  `json:"directoryChanged,omitempty"`
	Resolution      *Resolution       `json:"resolution,omitempty"`

	ClientRun      *ClientRun      `json:"clientRun,omitempty"`
	ClientSession  *ClientSession  `json:"clientSession,omitempty"`
	ClientStanding *ClientStanding `json:"clientStatus,omitempty"`
	ClientTruth    *ClientTruth    `json:"clientTruth,omitempty"`
	ClientPlacing  *ClientPlacing  `json:"clientPlacing,omitempty"`

	MailboxLife     *MailboxLife     `json:"mailboxLife,omitempty"`
	MailboxUse      *MailboxUse      `json:"mailboxUse,omitempty"`
	MailboxRecovery *MailboxRecovery `json:"mailboxRecovery,omitempty"`

	Dialogues []Dialogue `json:"dialogues,omitempty"`

	Suspension *Suspension `json:"suspension,omitempty"`
	Resumption *Resumption `json:"resumption,omitempty"`
	Superseded *Superseded `json:"superseded,omitempty"`

	Others *Others `json:"others,omitempty"`

	End *End `json:"end,omitempty"`

	Previous string `json:"prev"` // SHA-256 of the line before, hex; empty on the first
}

// whole tells that the event carries what its type says it does.
func (e Event) whole() bool {
	switch e.Type {
	case RunStarted:
		return e.Run != nil
	case ScenarioStarted:
		return e.Start != nil
	case WorldSeen:
		return e.World != nil
	case TrustSeen:
		return e.Trust != nil
	case StepTaken:
		return e.Step != nil
	case Submitted:
		return e.Submission != nil
	case MessageSeen:
		return e.Message != nil
	case Probed:
		return e.Probe != nil
	case Expected:
		return e.Expectation != nil
	case ScenarioEnded, RunEnded:
		return e.End != nil
	case ScenarioWaits:
		return e.Suspension != nil
	case ScenarioResumed, RunResumed:
		return e.Resumption != nil
	case ScenarioAgain:
		return e.Superseded != nil
	case OthersSeen:
		return e.Others != nil
	case Dispatched:
		return e.Dispatch != nil
	case TakenIn:
		return e.Intake != nil
	case ClockMoved:
		return e.Clock != nil
	case Restarted:
		return e.Restart != nil
	case NetworkChanged:
		return e.Network != nil
	case LogExtractRead:
		return e.LogExtract != nil
	case DirectoryRead:
		return e.Directory != nil
	case DirectoryServed:
		return e.DirectoryServed != nil
	case DirectoryMoved:
		return e.DirectoryMoved != nil
	case NameResolved:
		return e.Resolution != nil
	case ClientRan:
		return e.ClientRun != nil
	case ClientSpoke:
		return e.ClientSession != nil
	case ClientConcluded:
		return e.ClientStanding != nil
	case TruthTold:
		return e.ClientTruth != nil
	case ClientGiven:
		return e.ClientPlacing != nil
	case LifeSeen:
		return e.MailboxLife != nil
	case MailboxTried:
		return e.MailboxUse != nil
	case RecoveryAsked:
		return e.MailboxRecovery != nil
	case DialoguesHeld:
		return len(e.Dialogues) > 0
	case JournalRead, QuarantineRead, RelayRead, LogFilesRead, SettledSeen:
		return true // their lists may be empty
	}
	return false // a type that this version does not know
}

// KindClient is the kind of target that is a mail client.
const KindClient = "client"

// Run is what a run was asked to do, and with what.
type Run struct {
	Tool    string   `json:"tool"`
	Version string   `json:"version"`
	Target  string   `json:"target"` // e.g. "built-in pair"
	Profile string   `json:"profile"`
	Seed    int64    `json:"seed"`
	Scope   string   `json:"scope"` // full, subset, shard
	Rules   []string `json:"rules,omitempty"`
	Tags    string   `json:"tags,omitempty"`
	Faults  []string `json:"faults,omitempty"`
	// Personality of the simulated providers: legal but unusual; empty: plain.
	Personality string `json:"personality,omitempty"`
	// TargetFile is the path that describes the target, as it was given.
	TargetFile string `json:"targetFile,omitempty"`
	// TargetSHA256 is the hash of that file: a run is taken up again only
	// against the same description.
	TargetSHA256 string `json:"targetSHA256,omitempty"`
	// Kind of the target: KindClient, or empty for providers.
	Kind     string   `json:"kind,omitempty"`
	Selected []string `json:"selected"` // ids of the scenarios chosen
	// Shard says which part of the selection was played; nil: all of it.
	Shard *Shard `json:"shard,omitempty"`
	// Merged names the shards that the evidence was put together from.
	Merged []Part `json:"merged,omitempty"`
}

// Start is a scenario as the feature file states it.
type Start struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Feature string   `json:"feature"`
	File    string   `json:"file"`
	Rule    string   `json:"rule,omitempty"`  // text of the Rule: block
	Rules   []string `json:"rules"`           // rule ids it is tagged with
	Tags    []string `json:"tags,omitempty"`  // the other tags
	Steps   []string `json:"steps,omitempty"` // its text, keyword included
	// Source is the blob of the feature file as it was then, and Line where the
	// scenario begins in it, from 1; an Examples row begins at its own line.
	Source string `json:"source,omitempty"`
	Line   int64  `json:"line,omitempty"`
}

// Step is a step that was carried out.
type Step struct {
	Text  string `json:"text"`
	Error string `json:"error,omitempty"` // the harness could not carry it out
}

// End closes a scenario (or the run).
type End struct {
	Completed bool   `json:"completed"`       // every step was carried out
	Error     string `json:"error,omitempty"` // why not: trouble of the harness, never a verdict
	Reason    string `json:"reason,omitempty"`
	// Lacking is what the scenario wants and the target does not give: a role,
	// a permission, a part of the white box. Nothing of it was played, and its
	// rules are inconclusive there.
	Lacking []string `json:"lacking,omitempty"`
	// Waiting says that it goes on when legal time has passed; until then its
	// rules are inconclusive there.
	Waiting *Waiting `json:"waiting,omitempty"`
}
