package ewsserver

import (
	"bufio"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

// compressed returns where to write an answer's body: through gzip, where the
// client takes it. The second function ends the body.
func compressed(w http.ResponseWriter, r *http.Request) (io.Writer, func() error) {
	if !acceptsGzip(r.Header) {
		b := bufio.NewWriterSize(w, 32<<10)
		return b, b.Flush
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.Header().Add("Vary", "Accept-Encoding")
	z := gzip.NewWriter(w)
	b := bufio.NewWriterSize(z, 32<<10)
	return b, func() error {
		if err := b.Flush(); err != nil {
			return err
		}
		return z.Close()
	}
}

func acceptsGzip(header http.Header) bool {
	for _, value := range header.Values("Accept-Encoding") {
		for coding := range strings.SplitSeq(value, ",") {
			name, parameters, _ := strings.Cut(strings.TrimSpace(coding), ";")
			if strings.EqualFold(name, "gzip") && strings.ReplaceAll(parameters, " ", "") != "q=0" {
				return true
			}
		}
	}
	return false
}
