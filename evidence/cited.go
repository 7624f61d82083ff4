package evidence

// Cited lists the hashes of the octets that an event speaks of and that are kept
// beside it, in no order. Hashes of what was never in the harness's hands, such
// as those of a relay's own history, are not among them.
func (e Event) Cited() []string {
	var all []string
	cite := func(hashes ...string) {
		for _, h := range hashes {
			if h != "" {
				all = append(all, h)
			}
		}
	}
	if s := e.Start; s != nil {
		cite(s.Source)
	}
	if t := e.Trust; t != nil {
		cite(t.Authority, t.Revoked, t.Directory)
	}
	if s := e.Submission; s != nil {
		cite(s.Blob, s.Transcript)
	}
	if m := e.Message; m != nil {
		cite(m.Blob)
	}
	if p := e.Probe; p != nil {
		cite(p.Transcript)
	}
	for _, q := range e.Quarantine {
		cite(q.Blob)
	}
	if d := e.Dispatch; d != nil {
		cite(d.Blob, d.Original, d.Transcript)
	}
	if i := e.Intake; i != nil {
		cite(i.Transcript)
	}
	for _, f := range e.LogFiles {
		cite(f.Blob, f.Stamp)
	}
	if x := e.LogExtract; x != nil {
		cite(x.Blob)
	}
	if d := e.Directory; d != nil {
		cite(d.Server, d.Blob)
	}
	if d := e.DirectoryServed; d != nil {
		cite(d.Client, d.Served)
	}
	if d := e.DirectoryMoved; d != nil {
		cite(d.Blob)
	}
	for _, d := range e.Dialogues {
		cite(d.Transcript)
	}
	if s := e.Suspension; s != nil {
		cite(s.Revoked...)
	}
	return append(all, e.citedByClient()...)
}

// citedByClient lists those of a run against a mail client.
func (e Event) citedByClient() []string {
	var all []string
	cite := func(hash string) {
		if hash != "" {
			all = append(all, hash)
		}
	}
	if r := e.ClientRun; r != nil {
		cite(r.Output)
		cite(r.Trouble)
		if r.Order != nil {
			cite(r.Order.Text)
		}
	}
	if s := e.ClientSession; s != nil {
		cite(s.Transcript)
	}
	if p := e.ClientPlacing; p != nil {
		cite(p.Blob)
	}
	return all
}
