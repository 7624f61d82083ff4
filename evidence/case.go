package evidence

// Case is one scenario as it stands in evidence: everything that its events
// say, in the order in which they were written.
type Case struct {
	Start         Start
	World         World
	Trust         []Trust
	Submissions   []Submission
	Messages      []Message
	Probes        []Probe
	Journal       []JournalEntry
	HasJournal    bool // the journal was read; empty and unread are different things
	Quarantine    []Quarantined
	HasQuarantine bool
	Relay         []RelayExchange
	HasRelay      bool
	Expectations  []Expectation

	Dispatches       []Dispatch
	Intakes          []Intake
	ClockMoves       []ClockMove
	Restarts         []Restart
	NetworkChanges   []NetworkChange
	LogFiles         []LogFile
	HasLogFiles      bool
	LogExtracts      []LogExtract
	DirectoryReads   []DirectoryReading
	DirectoryServed  []DirectoryServing
	DirectoryChanges []DirectoryChange
	Resolutions      []Resolution

	ClientRuns      []ClientRun
	ClientSessions  []ClientSession
	ClientStandings []ClientStanding
	ClientTruths    []ClientTruth
	ClientPlacings  []ClientPlacing

	MailboxLives      []MailboxLife // in order of time
	MailboxUses       []MailboxUse
	MailboxRecoveries []MailboxRecovery

	Dialogues []Dialogue // beside those of mail transactions and probes

	// Suspension is where the scenario stands while it waits; nil: it does not.
	Suspension *Suspension

	Steps   []Step
	Settled bool // the target had nothing queued and no session open when the mailboxes were read
	End     *End // nil: interrupted
	Events  []Event

	// Earlier are the attempts at the scenario that were given up, in order; it
	// was then begun again. What the target had sent by then it has sent.
	Earlier []*Case

	blobs Blobs
}

// Blobs fetches octets by their SHA-256.
type Blobs interface {
	// Blob returns the octets with that hash, or an error that names the hash.
	Blob(hash string) ([]byte, error)
}

// NewCase folds the events of one scenario into a case.
func NewCase(events []Event, blobs Blobs) *Case {
	c := &Case{Events: events, blobs: blobs}
	for _, e := range events {
		c.add(e)
	}
	return c
}

func (c *Case) add(e Event) {
	switch e.Type {
	case ScenarioStarted:
		c.Start = *e.Start
	case WorldSeen:
		c.World = *e.World
	case TrustSeen:
		c.Trust = append(c.Trust, *e.Trust)
	case StepTaken:
		c.Steps = append(c.Steps, *e.Step)
	case Submitted:
		c.Submissions = append(c.Submissions, *e.Submission)
		c.Settled = false
	case MessageSeen:
		c.Messages = append(c.Messages, *e.Message)
	case Probed:
		c.Probes = append(c.Probes, *e.Probe)
	case JournalRead:
		c.Journal, c.HasJournal = append(c.Journal, e.Journal...), true
	case QuarantineRead:
		c.Quarantine, c.HasQuarantine = append(c.Quarantine, e.Quarantine...), true
	case RelayRead:
		c.Relay, c.HasRelay = append(c.Relay, e.Relay...), true
	case Dispatched:
		c.Dispatches = append(c.Dispatches, *e.Dispatch)
		c.Settled = false
	case TakenIn:
		c.Intakes = append(c.Intakes, *e.Intake)
	case ClockMoved:
		c.ClockMoves = append(c.ClockMoves, *e.Clock)
		c.Settled, c.Suspension = false, nil
	case Restarted:
		c.Restarts = append(c.Restarts, *e.Restart)
	case NetworkChanged:
		c.network(*e.Network)
	case LogFilesRead:
		c.LogFiles, c.HasLogFiles = append(c.LogFiles, e.LogFiles...), true
	case LogExtractRead:
		c.LogExtracts = append(c.LogExtracts, *e.LogExtract)
	case DirectoryRead:
		c.DirectoryReads = append(c.DirectoryReads, *e.Directory)
	case DirectoryServed:
		c.DirectoryServed = append(c.DirectoryServed, *e.DirectoryServed)
	case DirectoryMoved:
		c.DirectoryChanges = append(c.DirectoryChanges, *e.DirectoryMoved)
	case NameResolved:
		c.Resolutions = append(c.Resolutions, *e.Resolution)
	case ClientRan:
		c.ClientRuns = append(c.ClientRuns, *e.ClientRun)
		if e.ClientRun.Action == ClientSend {
			c.Settled = false
		}
	case ClientSpoke:
		c.ClientSessions = append(c.ClientSessions, *e.ClientSession)
	case ClientConcluded:
		c.ClientStandings = append(c.ClientStandings, *e.ClientStanding)
	case TruthTold:
		c.ClientTruths = append(c.ClientTruths, *e.ClientTruth)
	case ClientGiven:
		c.ClientPlacings = append(c.ClientPlacings, *e.ClientPlacing)
	case LifeSeen:
		c.MailboxLives = append(c.MailboxLives, *e.MailboxLife)
	case MailboxTried:
		c.MailboxUses = append(c.MailboxUses, *e.MailboxUse)
	case RecoveryAsked:
		c.MailboxRecoveries = append(c.MailboxRecoveries, *e.MailboxRecovery)
	case DialoguesHeld:
		c.Dialogues = append(c.Dialogues, e.Dialogues...)
	case Expected:
		c.Expectations = append(c.Expectations, *e.Expectation)
	case SettledSeen:
		c.Settled = true
	case ScenarioWaits:
		c.Suspension = e.Suspension
	case ScenarioResumed:
		c.End = nil // it ended for then only; Suspension stays until it has waited to the end
	case ScenarioEnded:
		c.End = e.End
	}
}

// network notes a change to the network. What is made good when the scenario is
// over comes after everything that is looked at.
func (c *Case) network(change NetworkChange) {
	if change.Closing {
		return
	}
	c.NetworkChanges = append(c.NetworkChanges, change)
	c.Settled = false
}

// Upto returns the case as it stood after its first n events.
func (c *Case) Upto(n int) *Case { return NewCase(c.Events[:n], c.blobs) }

// Blob returns the octets with that hash.
func (c *Case) Blob(hash string) ([]byte, error) { return c.blobs.Blob(hash) }

// Mailbox returns the mailbox with that address, or nil.
func (c *Case) Mailbox(address string) *Mailbox {
	for i := range c.World.Mailboxes {
		if equalFold(c.World.Mailboxes[i].Address, address) {
			return &c.World.Mailboxes[i]
		}
	}
	return nil
}

// ProviderOf returns the provider that manages the domain of the address, or
// nil when none of the world does.
func (c *Case) ProviderOf(address string) *Provider {
	domain := domainOf(address)
	for i := range c.World.Providers {
		for _, d := range c.World.Providers[i].Domains {
			if equalFold(d, domain) {
				return &c.World.Providers[i]
			}
		}
	}
	return nil
}
