package evidence

import "time"

// DirectoryReading is one look at the providers directory, at a provider's own
// file, or at the revocation list.
type DirectoryReading struct {
	ID       string    `json:"id"`                 // "q1", "q2" …, unique in the scenario
	What     string    `json:"what"`               // "central-file", "provider-file", "ldap", "ldap-search", "schema", "revocation"
	Provider string    `json:"provider,omitempty"` // whose file it is
	Emitter  Emitter   `json:"emitter"`            // Harness when it is what the harness itself published
	At       time.Time `json:"at"`                 // legal time
	Address  string    `json:"address"`            // URL asked
	TLS      bool      `json:"tls"`
	Shown    string    `json:"shown,omitempty"`  // whose certificate the client showed; empty: none
	Server   string    `json:"server,omitempty"` // blob: the server's certificate chain, PEM
	Refused  bool      `json:"refused"`          // nothing was handed out
	Status   int       `json:"status,omitempty"` // of HTTP, or the LDAP result code
	Type     string    `json:"type,omitempty"`   // Content-Type
	FileName string    `json:"fileName,omitempty"`
	Blob     string    `json:"blob,omitempty"` // what was handed out: .p7m, LDIF made of the entries read over LDAP, or CRL
	Note     string    `json:"note,omitempty"`
}

// DirectoryServing is one request that a host of the target made of a directory
// server that the harness plays (the central one, or that of a peer's own file).
type DirectoryServing struct {
	What   string    `json:"what"` // "central-file", "provider-file"
	At     time.Time `json:"at"`
	TLS    bool      `json:"tls"`
	Client string    `json:"client,omitempty"` // blob: the client's certificate, PEM; empty: none was shown
	Manner string    `json:"manner"`           // "good", "tampered", "truncated", "signed-by-a-stranger", "rolled-back", "unsigned", "printed-form", "down", "wrong-server-certificate"
	Served string    `json:"served,omitempty"` // blob: what was handed out
	Failed string    `json:"failed,omitempty"` // why no request came through, e.g. the client refused our certificate
}

// DirectoryChange is something that the harness, in the role of the directory
// or of the CA, made known: from now on the target may be asked to know it.
type DirectoryChange struct {
	What     string    `json:"what"`             // "domain-added", "certificate-revoked", "file-published"
	Manner   string    `json:"manner,omitempty"` // as in DirectoryServing
	Provider string    `json:"provider,omitempty"`
	Subject  string    `json:"subject,omitempty"` // the domain, or the serial number
	At       time.Time `json:"at"`
	Blob     string    `json:"blob,omitempty"`
}

// Resolution is one question to the name service.
type Resolution struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"` // "MX"
	Answers []string `json:"answers"`
	Error   string   `json:"error,omitempty"`
}
