package oauth_test

import (
	"fmt"
	"log/slog"
	"testing"

	"go.uber.org/goleak"

	"github.com/exconn/exconn/internal/canary"
	"github.com/exconn/exconn/oauth"
)

// watch holds what clients and pages say in all tests of this package against
// all secrets that went over the wire in them.
var watch = canary.New()

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(&canary.Suite{M: m, Watch: watch, Secrets: 100, Texts: 3})
}

// watched lets the watch see what a client logs.
func watched(cfg oauth.Config) oauth.Config {
	seen := slog.NewTextHandler(watch, &slog.HandlerOptions{Level: slog.LevelDebug})
	if cfg.Logger == nil {
		cfg.Logger = slog.New(seen)
	} else {
		cfg.Logger = slog.New(slog.NewMultiHandler(cfg.Logger.Handler(), seen))
	}
	return cfg
}

// watchAuthority gives the watch what the authority has sent and got.
func (e *fakeAuthority) watch() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, secret := range e.secrets {
		// Some tests send words that are in every second text.
		if len(secret) >= 20 {
			watch.Secret("what went over the wire", secret)
		}
	}
}

// The watch sees a client's log, and would find a token there.
func TestTheWatchSees(t *testing.T) {
	e := newFakeAuthority(t)
	var logged logBuffer
	cfg := personConfig(e)
	cfg.Logger = logged.logger()
	log := watched(cfg).Logger
	log.Debug("planted", "in", t.Name())
	if text := logged.String(); text == "" {
		t.Error("the client's own log is lost")
	}
	c := newClient(t, personConfig(e), &memory{})
	signIn(t, c, e)
	token := mustToken(t, c)
	planted := canary.New()
	planted.Secret("token", token.Value())
	planted.Said("a log", fmt.Sprintf("msg=x token=%q", token.Value()))
	if len(planted.Found()) == 0 {
		t.Error("a token in a log is not found")
	}
	e.watch()
	watch.Print("what a client prints", c, token, cfg)
}
