package evidence

import "time"

// World is the target as the harness was told of it: no passwords, no keys.
type World struct {
	Providers []Provider `json:"providers"`
	Mailboxes []Mailbox  `json:"mailboxes"`
	Limits    Limits     `json:"limits"`
	Claims    []string   `json:"claims,omitempty"`   // optional capabilities that the target says it has
	Declares  []string   `json:"declares,omitempty"` // rules that no harness can judge and that the provider declares to keep
}

// Provider is a certified e-mail provider of the world.
type Provider struct {
	Name           string   `json:"name"`           // providerName, as in the directory
	ServiceAddress string   `json:"serviceAddress"` // posta-certificata@…
	ServiceMailbox string   `json:"serviceMailbox"` // mailReceipt of the directory
	Domains        []string `json:"domains"`        // managed domains, the service domain included
	Emitter        Emitter  `json:"emitter"`        // Target when it is judged
}

// Role says what a mailbox is for.
type Role string

// Roles of mailboxes.
const (
	UserMailbox     Role = "user"
	ServiceMailbox  Role = "service"
	OrdinaryMailbox Role = "ordinary"
)

// Mailbox is one address whose content the harness reads.
type Mailbox struct {
	Address  string `json:"address"`
	Role     Role   `json:"role"`
	Provider string `json:"provider,omitempty"` // name; empty for an ordinary host
	Actor    string `json:"actor,omitempty"`    // Anna, Bruno …
}

// Limits are the target's stated limits; zero means not stated.
type Limits struct {
	MaxRecipients     int   `json:"maxRecipients,omitempty"`
	MaxTotalBytes     int64 `json:"maxTotalBytes,omitempty"`     // size × recipients that is still accepted
	NoticeBytes       int64 `json:"noticeBytes,omitempty"`       // above it the refusal is left to SMTP
	RelayQueueSeconds int64 `json:"relayQueueSeconds,omitempty"` // how long the relay retries
}

// Trust is what the target's public trust sources said at an instant.
type Trust struct {
	Instant   time.Time `json:"instant"`
	Authority string    `json:"authority"` // blob: CA certificate, PEM
	Revoked   string    `json:"revoked"`   // blob: CRL, PEM
	Directory string    `json:"directory"` // blob: LDIF
}
