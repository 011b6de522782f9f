package simulator

import "net/http"

// truthful lets nothing be answered once the state file has failed: what would
// be told is not kept.
func (s *Simulator) truthful(next http.Handler) http.Handler {
	if s.keeper == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&truthfulWriter{ResponseWriter: w, keeper: s.keeper}, r)
	})
}

// truthfulWriter looks at the state file when an answer begins.
type truthfulWriter struct {
	http.ResponseWriter
	keeper *keeper
	begun  bool
	failed error
}

// WriteHeader implements http.ResponseWriter.
func (w *truthfulWriter) WriteHeader(status int) {
	if w.begin() {
		w.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (w *truthfulWriter) Write(p []byte) (int, error) {
	if !w.begin() {
		return 0, w.failed
	}
	return w.ResponseWriter.Write(p)
}

// begin answers with the failure, where there is one and nothing was answered
// yet.
func (w *truthfulWriter) begin() bool {
	if w.failed != nil {
		return false
	}
	if w.begun {
		return true
	}
	w.begun = true
	if w.failed = w.keeper.failure(); w.failed != nil {
		clear(w.ResponseWriter.Header())
		http.Error(w.ResponseWriter, w.failed.Error(), http.StatusInternalServerError)
		return false
	}
	return true
}

// Unwrap lets http.ResponseController reach the connection.
func (w *truthfulWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
