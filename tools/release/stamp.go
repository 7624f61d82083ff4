package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// stamp is what a release says of itself.
type stamp struct {
	version  string    // of the tag, or made from the commit where there is none
	commit   string    // whole hash
	at       time.Time // of the commit
	modified bool      // the working copy differs from the commit
}

// readStamp asks the version control what is being built.
func readStamp(ctx context.Context, root string) (*stamp, error) {
	commit, err := git(ctx, root, "rev-parse", "HEAD")
	if err != nil {
		return nil, err
	}
	instant, err := git(ctx, root, "show", "-s", "--format=%ct", "HEAD")
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseInt(instant, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the instant of the commit: %w", err)
	}
	changes, err := git(ctx, root, "status", "--porcelain")
	if err != nil {
		return nil, err
	}
	s := &stamp{commit: commit, at: time.Unix(seconds, 0).UTC(), modified: changes != ""}
	tag, err := git(ctx, root, "describe", "--tags", "--exact-match", "--match", "v[0-9]*", "HEAD")
	if err != nil {
		tag = "v0.0.0-" + s.at.Format("20060102150405") + "-" + commit[:12] // as Go names a commit without a tag
	}
	s.version = strings.ReplaceAll(tag, "/", "-")
	if s.modified {
		s.version += "+modified"
	}
	return s, nil
}

// linker are the flags that put the stamp into the binary and leave out what
// only a debugger reads.
func (s *stamp) linker() string {
	return fmt.Sprintf("-s -w -buildid= -X main.stamped=%s -X main.stampedCommit=%s", s.version, s.commit)
}
