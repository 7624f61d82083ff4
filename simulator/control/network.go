package control

import (
	"errors"
	"net/http"
)

// NetworkWorld is the network between the hosts of a world.
type NetworkWorld interface {
	Network() Network
	// Cut cuts the network between two hosts, or heals it.
	Cut(a, b string, cut bool) error
}

// Network is the state of the network between hosts.
type Network struct {
	Cuts []Cut `json:"cuts"`
}

// Cut is a network that is cut.
type Cut struct {
	Between [2]string `json:"between"` // names of two hosts
}

func (h *handler) networkRoutes() []route {
	return []route{
		{"GET /v1/network", func(rw http.ResponseWriter, _ *http.Request) { answer(rw)(h.world.Network(), nil) }},
		{"POST /v1/network", h.cut},
	}
}

// cut answers POST /v1/network {"between": [A, B], "cut": true}.
func (h *handler) cut(rw http.ResponseWriter, r *http.Request) {
	const want = `{"between": [NAME, NAME], "cut": true}`
	var asked struct {
		Between []string `json:"between"`
		Cut     *bool    `json:"cut"`
	}
	if !decode(rw, r, maxBody, &asked, want) {
		return
	}
	if len(asked.Between) != 2 || asked.Cut == nil {
		fail(rw, http.StatusBadRequest, errors.New("want "+want+", with cut false to heal it"))
		return
	}
	err := h.world.Cut(asked.Between[0], asked.Between[1], *asked.Cut)
	answer(rw)(untyped(h.world.Network(), err))
}
