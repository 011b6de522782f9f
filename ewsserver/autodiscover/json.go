package autodiscover

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/ewsserver"
)

type jsonAnswer struct {
	Protocol string
	URL      string `json:"Url"`
}

type jsonError struct {
	ErrorCode    string
	ErrorMessage string
}

// serveJSON answers version 2, of which Microsoft documents little: the forms
// of the answers, and the error InvalidProtocol, are those seen of Exchange;
// UserNotFound with 404 is this package's own (Exchange Online redirects where
// it does not know the domain).
func (h *Handler) serveJSON(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Autodiscover takes GET here", http.StatusMethodNotAllowed)
		return
	}
	query := parameters(r.URL.Query())
	address := query["email"]
	if len(r.URL.Path) > len(jsonPath) {
		address = r.URL.Path[len(jsonPath+"/v1.0/"):]
	}
	base := "https://" + r.Host
	protocol := query["protocol"]
	if !strings.EqualFold(protocol, "EWS") && !strings.EqualFold(protocol, "AutodiscoverV1") {
		h.json(w, r, http.StatusBadRequest, jsonError{"InvalidProtocol",
			fmt.Sprintf("The given protocol value %q is invalid. Supported values are \"EWS\" and \"AutodiscoverV1\".", protocol)})
		return
	}
	if !strings.Contains(address, "@") {
		h.json(w, r, http.StatusBadRequest, jsonError{"InvalidUserId", "The address is none."})
		return
	}
	u, err := h.directory.User(r.Context(), ewsserver.Caller{}, address)
	switch {
	case errors.Is(err, ErrUnknownUser):
		h.json(w, r, http.StatusNotFound, jsonError{"UserNotFound", "The user is not known here."})
	case err != nil:
		h.opts.Logger.ErrorContext(r.Context(), "the directory failed", "error", err)
		h.json(w, r, http.StatusInternalServerError, jsonError{"InternalServerError", "The directory failed."})
	case u.RedirectURL != "" || u.RedirectAddress != "":
		// There is no redirect to another address by JSON: the question for
		// that address goes to the same server.
		if u.RedirectURL != "" {
			base = u.RedirectURL
		}
		if u.RedirectAddress != "" {
			address = u.RedirectAddress
		}
		target := jsonPath + "/v1.0/" + url.PathEscape(address) + "?Protocol=" + url.QueryEscape(protocol)
		http.Redirect(w, r, base+target, http.StatusFound)
	case strings.EqualFold(protocol, "AutodiscoverV1"):
		h.json(w, r, http.StatusOK, jsonAnswer{"AutodiscoverV1", base + poxPath})
	case u.ExternalEWSURL == "":
		h.json(w, r, http.StatusNotFound, jsonError{"ProtocolNotAvailable", "The user has no EWS."})
	default:
		h.json(w, r, http.StatusOK, jsonAnswer{"EWS", u.ExternalEWSURL})
	}
}

// parameters are those of a query, by their names in lower case.
func parameters(q url.Values) map[string]string {
	p := make(map[string]string, len(q))
	for name, values := range q {
		p[strings.ToLower(name)] = values[0]
	}
	return p
}

func (h *Handler) json(w http.ResponseWriter, r *http.Request, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	h.failed(r, json.NewEncoder(w).Encode(v))
}
