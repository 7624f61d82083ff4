package authority

import (
	"crypto/x509"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/collaudo/collaudo/pec/directory"
)

// Paths of what is handed out.
const (
	completePath   = "/igpec.ldif.p7m"
	filePath       = "/gestori/"
	fileSuffix     = ".ldif.p7m"
	revocationPath = "/pec.crl"
)

// files serves the complete directory, to registered providers that show their
// certificate, and the providers' own files to everybody (RFC 6109 4.5).
func (a *Authority) files() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+completePath, a.serveComplete)
	mux.HandleFunc("GET "+filePath+"{file}", a.serveFile)
	return mux
}

func (a *Authority) serveComplete(rw http.ResponseWriter, r *http.Request) {
	if why := a.unknownClient(r); why != "" && !a.faults.On("complete-file-for-everybody") {
		http.Error(rw, "403 the complete directory is for registered providers that show their certificate: "+why, http.StatusForbidden)
		return
	}
	der, err := a.CompleteFile()
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	handOut(rw, path.Base(completePath), a.asContentType("complete-file-wrong-type", signedType), der)
}

func (a *Authority) serveFile(rw http.ResponseWriter, r *http.Request) {
	domain, isFile := strings.CutSuffix(r.PathValue("file"), fileSuffix)
	if !isFile {
		http.NotFound(rw, r)
		return
	}
	der, known, err := a.ProviderFile(strings.ToLower(domain))
	switch {
	case err != nil:
		http.Error(rw, err.Error(), http.StatusInternalServerError)
	case !known:
		http.NotFound(rw, r)
	default:
		set := a.faults.For(domain)
		kind := signedType
		if set.On("file-wrong-type") {
			kind = "application/octet-stream"
		}
		handOut(rw, domain+fileSuffix, kind, der)
	}
}

// signedType is the media type of a signed file.
const signedType = "application/pkcs7-mime; smime-type=signed-data"

func handOut(rw http.ResponseWriter, name, kind string, der []byte) {
	rw.Header().Set("Content-Type", kind+`; name="`+name+`"`)
	rw.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	rw.Header().Set("Content-Length", strconv.Itoa(len(der)))
	_, _ = rw.Write(der) // the client is gone; there is nobody to tell
}

// unknownClient says why the client is no registered provider; "" if it is one.
func (a *Authority) unknownClient(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return "none was shown"
	}
	c := r.TLS.PeerCertificates[0]
	d, err := a.directory()
	switch {
	case err != nil:
		return err.Error()
	case len(d.RecordsOfCertificate(c)) == 0:
		return "no record of the directory lists the one shown"
	}
	return a.invalid(c)
}

// invalid says why a certificate does not hold at now; "" if it does.
func (a *Authority) invalid(c *x509.Certificate) string {
	now := a.now()
	a.mutex.Lock()
	defer a.mutex.Unlock()
	switch {
	case now.Before(c.NotBefore) || now.After(c.NotAfter):
		return "the certificate is not valid now"
	case a.isRevoked(c):
		return "the certificate is revoked"
	}
	return ""
}

// directory reads the directory as it is handed out.
func (a *Authority) directory() (*directory.Directory, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.read == nil || a.readEdition != a.edition {
		d, err := directory.ReadLDIF(strings.NewReader(string(a.ldif())))
		if err != nil {
			return nil, err
		}
		a.read, a.readEdition = d, a.edition
	}
	return a.read, nil
}

func (a *Authority) serveRevocation(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != revocationPath {
		http.NotFound(rw, r)
		return
	}
	list, err := a.RevocationList()
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/pkix-crl")
	rw.Header().Set("Content-Length", strconv.Itoa(len(list.Raw)))
	_, _ = rw.Write(list.Raw) // the client is gone; there is nobody to tell
}
