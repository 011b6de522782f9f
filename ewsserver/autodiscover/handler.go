package autodiscover

import (
	"encoding/xml"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/exconn/exconn/ewsserver"
)

// Path is what all addresses of Autodiscover begin with. Paths are matched
// whatever their case.
const Path = "/autodiscover/"

const (
	soapPath = Path + "autodiscover.svc"
	poxPath  = Path + "autodiscover.xml"
	jsonPath = Path + "autodiscover.json"
)

// maxRequest bounds a request, in bytes: one names a few users.
const maxRequest = 256 << 10

// Options direct a Handler. The zero value means the defaults.
type Options struct {
	// Version is what the answers tell; the zero value means
	// ewsserver.ExchangeServerSE.
	Version ewsserver.Version
	// ServerName is told in X-FEServer; empty means "EXCONN".
	ServerName string
	// Logger hears of the directory's failures; nil means none is told.
	Logger *slog.Logger
	// Intercept, if set, is called when who asks is known and before anything
	// is done. The operation is "GetUserSettings", "POX" or "JSON". Where it
	// returns true it has answered itself.
	Intercept func(w http.ResponseWriter, r *http.Request, operation string) bool
}

// Handler serves Autodiscover over a directory.
type Handler struct {
	directory Directory
	opts      Options
}

// NewHandler returns a handler for everything below Path. It does no I/O. A nil
// opts means the defaults. Safe for concurrent use.
func NewHandler(d Directory, opts *Options) *Handler {
	h := &Handler{directory: d}
	if opts != nil {
		h.opts = *opts
	}
	if h.opts.Version == (ewsserver.Version{}) {
		h.opts.Version = ewsserver.ExchangeServerSE
	}
	if h.opts.ServerName == "" {
		h.opts.ServerName = "EXCONN"
	}
	if h.opts.Logger == nil {
		h.opts.Logger = slog.New(slog.DiscardHandler)
	}
	return h
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("request-id", uuid.NewString())
	w.Header().Set("X-FEServer", h.opts.ServerName)
	w.Header().Set("Cache-Control", "private")
	if id := r.Header.Get("client-request-id"); id != "" && strings.EqualFold(r.Header.Get("return-client-request-id"), "true") {
		w.Header().Set("client-request-id", id)
	}
	path := strings.ToLower(r.URL.Path)
	switch {
	case path == soapPath:
		h.signedIn(w, r, "GetUserSettings", h.serveSOAP)
	case path == poxPath:
		h.signedIn(w, r, "POX", h.servePOX)
	case path == jsonPath || strings.HasPrefix(path, jsonPath+"/v1.0/"):
		if !h.intercepted(w, r, "JSON") {
			h.serveJSON(w, r)
		}
	default:
		http.NotFound(w, r)
	}
}

// signedIn lets those through who have signed in, and are about to ask.
func (h *Handler) signedIn(w http.ResponseWriter, r *http.Request, operation string, next func(http.ResponseWriter, *http.Request, ewsserver.Caller)) {
	caller, err := h.directory.Authenticate(r)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Autodiscover takes POST here", http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if !h.intercepted(w, r, operation) {
		next(w, r, caller)
	}
}

func (h *Handler) intercepted(w http.ResponseWriter, r *http.Request, operation string) bool {
	return h.opts.Intercept != nil && h.opts.Intercept(w, r, operation)
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var auth *ewsserver.AuthError
	if !errors.As(err, &auth) {
		h.opts.Logger.ErrorContext(r.Context(), "the directory failed", "error", err)
		http.Error(w, "the directory failed", http.StatusInternalServerError)
		return
	}
	for name, values := range auth.Header {
		for _, v := range values {
			w.Header().Add(name, v)
		}
	}
	status := auth.Status
	if status < 400 || status > 599 {
		status = http.StatusUnauthorized
	}
	w.WriteHeader(status)
}

// failed writes to the log what could not be written to the client.
func (h *Handler) failed(r *http.Request, err error) {
	if err != nil {
		h.opts.Logger.DebugContext(r.Context(), "an answer could not be written", "error", err)
	}
}

// writeXML writes a document.
func writeXML(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	return xml.NewEncoder(w).Encode(v)
}
