package control

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
)

// Revoker revokes certificates of the world's CA.
type Revoker interface {
	Revoke(certificate *x509.Certificate) error
}

func (h *handler) authorityRoutes() []route {
	return []route{{"POST /v1/authority/revoke", h.revoke}}
}

// revoke answers POST /v1/authority/revoke {"certificate": PEM}: the certificate
// is on the revocation list that the authority publishes from now on. 204; 400
// for what is no certificate.
func (h *handler) revoke(rw http.ResponseWriter, r *http.Request) {
	var asked struct {
		Certificate string `json:"certificate"`
	}
	if !decode(rw, r, maxBody, &asked, `{"certificate": PEM}`) {
		return
	}
	block, _ := pem.Decode([]byte(asked.Certificate))
	if block == nil || block.Type != "CERTIFICATE" {
		fail(rw, http.StatusBadRequest, errors.New(`"certificate" holds no CERTIFICATE in PEM`))
		return
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		fail(rw, http.StatusBadRequest, fmt.Errorf(`"certificate" cannot be read: %w`, err))
		return
	}
	if err := h.world.Revoke(certificate); err != nil {
		fail(rw, http.StatusInternalServerError, err)
		return
	}
	rw.WriteHeader(http.StatusNoContent)
}
