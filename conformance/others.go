package conformance

import "github.com/collaudo/collaudo/evidence"

// others counts what came to a target during the run and was not the run's; nil
// where nothing is shared with others.
func (e *endpoint) others() *evidence.Others {
	if e == nil || e.rooms == nil && e.peers == nil {
		return nil
	}
	var o evidence.Others
	if e.rooms != nil {
		for _, c := range e.rooms.Counts() {
			o.Mailboxes = append(o.Mailboxes, evidence.MailboxOthers(c))
		}
	}
	if e.peers != nil {
		o.Late = e.peers.Late()
	}
	return &o
}

// recordOthers takes it into evidence, also of a run that was cut short.
func (t *trial) recordOthers() error {
	o := t.endpoint.others()
	if o == nil {
		return nil
	}
	return t.recorder.Record(evidence.Event{Type: evidence.OthersSeen, Others: o})
}
