package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/collaudo/collaudo/simulator/journal"
)

// ProviderWorld is what the interface does to providers, and shows of what they
// keep over time.
type ProviderWorld interface {
	Restart(ctx context.Context, provider string) error
	LogFiles(provider string) ([]LogFile, error)
	LogExtract(provider, address, messageID string) (LogExtract, error)
}

// LogFile is a file in which a provider saved its log.
type LogFile struct {
	Provider string `json:"provider"`
	journal.File
}

// LogExtract is what a provider hands out to a holder who asks for the trace of
// a message.
type LogExtract struct {
	Provider  string          `json:"provider"`
	Address   string          `json:"address"`
	MessageID string          `json:"messageId"`
	Entries   []journal.Entry `json:"entries"`
	Octets    []byte          `json:"octets"` // the document, plain text in UTF-8
}

func (h *handler) providerRoutes() []route {
	return []route{
		{"POST /v1/providers/restart", h.restart},
		{"GET /v1/log/files", func(rw http.ResponseWriter, r *http.Request) { answer(rw)(untyped(h.world.LogFiles(asked(r)))) }},
		{"GET /v1/log/extract", h.extract},
	}
}

// restart answers POST /v1/providers/restart {"provider": NAME}: 204 when the
// provider is up again.
func (h *handler) restart(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Provider string `json:"provider"`
	}
	if !decode(rw, r, maxBody, &asked, `{"provider": NAME}`) {
		return
	}
	if asked.Provider == "" {
		fail(rw, http.StatusBadRequest, errors.New(`want {"provider": NAME}`))
		return
	}
	unhurried(rw)
	ctx, cancel := context.WithTimeout(r.Context(), maxWait)
	defer cancel()
	if err := h.world.Restart(ctx, asked.Provider); err != nil {
		answer(rw)(nil, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}

func (h *handler) extract(rw http.ResponseWriter, r *http.Request) {
	address, id := r.URL.Query().Get("address"), r.URL.Query().Get("messageId")
	if address == "" || id == "" {
		fail(rw, http.StatusBadRequest, fmt.Errorf("address=%q, messageId=%q: want both the holder's address and the identifier of the message", address, id))
		return
	}
	answer(rw)(untyped(h.world.LogExtract(asked(r), address, id)))
}
