package reports

import (
	"slices"
	"strings"

	"github.com/collaudo/collaudo/pec"
	"github.com/collaudo/collaudo/pec/rawmime"
)

// messageTree is the parts of a message, depth first.
type messageTree struct {
	Parts []partFacts
	More  int // parts that are not shown
}

// partFacts is one part of a message.
type partFacts struct {
	Depth    int // from 0, up to maxDepthShown: what is deeper is drawn there
	Type     string
	Role     string // what it is for, where that can be told
	Name     string
	Encoding string
	Charset  string
	Size     string // of its octets, header included
}

const maxDepthShown = 9

// tree takes a message apart, down into the messages that it encloses.
func (p *messagePage) tree(m *pec.Message) *messageTree {
	t := &messageTree{}
	p.branch(t, m, m.Root, 0)
	return t
}

func (p *messagePage) branch(t *messageTree, m *pec.Message, e *rawmime.Entity, depth int) {
	if len(t.Parts) == maxPartsShown {
		t.More++
	} else {
		mediaType, parameters := e.MediaType()
		part := partFacts{
			Depth: min(depth, maxDepthShown), Type: value(mediaType), Role: p.role(m, e), Name: value(clipOctets(e.FileName(), 4*maxValueShown)),
			Charset: value(parameters["charset"]), Size: sizeWords(int64(len(e.Raw()))),
		}
		if e.Has("Content-Transfer-Encoding") {
			part.Encoding = value(e.Encoding())
		}
		if strings.HasPrefix(mediaType, "multipart/") && len(e.Parts) > 0 && !e.Closed() {
			part.Role = strings.TrimPrefix(part.Role+", "+p.T("part.open"), ", ")
		}
		t.Parts = append(t.Parts, part)
	}
	for _, child := range e.Parts {
		p.branch(t, m, child, depth+1)
	}
	if e.Enclosed != nil {
		p.branch(t, m, e.Enclosed, depth+1)
	}
}

// role says what a part is for in certified e-mail.
func (p *messagePage) role(m *pec.Message, e *rawmime.Entity) string {
	switch {
	case slices.Contains(m.CertificationParts, e):
		return p.T("part.data")
	case e == m.Original:
		return p.T("part.original")
	case m.SignaturePart == e:
		return p.T("part.signature")
	case m.Signed == e:
		return p.T("part.signed")
	}
	return ""
}
