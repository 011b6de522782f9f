package autodiscover

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/exconn/exconn/mailbox"
)

// memory is a network without sockets, so that its time can be synctest's. A
// host that it does not have never answers.
type memory map[string]http.Handler

func (m memory) Do(r *http.Request) (*http.Response, error) {
	h, ok := m[r.URL.Scheme+"://"+r.URL.Host]
	if !ok {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

func (m memory) LookupSRV(ctx context.Context, _, _, _ string) (string, []*net.SRV, error) {
	<-ctx.Done()
	return "", nil, ctx.Err()
}

func TestTimeLimits(t *testing.T) {
	settings := exchange{open: true, soap: soapSettings(ewsURL)}
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(15 * time.Second):
			settings.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
	tests := []struct {
		name  string
		sites memory
		opts  Options
		took  time.Duration
		found bool
	}{
		{name: "nobody answers", took: DefaultTimeout},
		{name: "a limit of the caller's", opts: Options{Timeout: 5 * time.Second}, took: 5 * time.Second},
		{name: "a step that ends early leaves time for the others", opts: Options{StepTimeout: time.Second}, took: 3 * time.Second},
		{name: "one silent host does not hold up the other", sites: memory{"https://autodiscover.contoso.example": settings}, found: true},
		{name: "a slow server", sites: memory{"https://contoso.example": slow}, took: 15 * time.Second, found: true},
		{
			name:  "after the silent hosts, the http redirect",
			sites: memory{"http://autodiscover.contoso.example": to("https://mail.contoso.example/"), "https://mail.contoso.example": settings},
			took:  DefaultStepTimeout, found: true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.sites == nil {
					tt.sites = memory{}
				}
				tt.opts.HTTPClient, tt.opts.Resolver = tt.sites, tt.sites
				start := time.Now()
				s, err := Discover(t.Context(), anna, &tt.opts)
				if took := time.Since(start); took != tt.took {
					t.Errorf("it took %v, want %v", took, tt.took)
				}
				switch {
				case tt.found && (err != nil || s.EWSURL != ewsURL):
					t.Errorf("%v\n%s", err, tell(err))
				case !tt.found && (!errors.Is(err, mailbox.ErrUnavailable) || !strings.Contains(err.Error(), "no answer in time")):
					t.Errorf("%v", err)
				}
			})
		})
	}
}

func TestLimitOfTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := Discover(ctx, anna, &Options{HTTPClient: memory{}, Resolver: memory{}})
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, mailbox.ErrUnavailable) {
			t.Error(err)
		}
		var e *Error
		if errors.As(err, &e); len(e.Attempts) == 0 || e.Attempts[0].Took != 3*time.Second {
			t.Errorf("the attempts are %v", e.Attempts)
		}
	})
}
