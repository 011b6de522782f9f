package connection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/exconn/exconn/connection/alert"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// Alerts says who is told when the sign-in of a connection fails, is about to
// end, or works again. The zero value means nobody, besides the log. It prints
// without its secrets: an address of a webhook is one, since whoever knows it
// can post there.
type Alerts struct {
	// Command is a program with its arguments; see alert.Command.
	Command []string
	// URL is a webhook's address; see alert.Webhook.
	URL oauth.Secret
	// Key signs what is sent to URL. Empty means that it is not signed.
	Key oauth.Secret
}

// Format writes no secret, whatever the verb.
func (a Alerts) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "%v", a.shown()) }

// AlertsShown is what may be shown of Alerts.
type AlertsShown struct {
	Command []string `json:"command,omitempty"`
	// URL is the webhook's scheme and host.
	URL string `json:"url,omitempty"`
	// Signed tells that there is a key.
	Signed bool `json:"signed,omitempty"`
}

func (a Alerts) shown() AlertsShown {
	return AlertsShown{Command: a.Command, URL: alert.Origin(string(a.URL)), Signed: len(a.Key) > 0}
}

// IsZero reports whether nobody is told.
func (s AlertsShown) IsZero() bool { return len(s.Command) == 0 && s.URL == "" }

func (a Alerts) isZero() bool { return len(a.Command) == 0 && len(a.URL) == 0 }

// targets returns whom to tell.
func (a Alerts) targets() (list []alert.Target) {
	if len(a.Command) > 0 {
		list = append(list, &alert.Command{Args: a.Command})
	}
	if len(a.URL) > 0 {
		list = append(list, &alert.Webhook{URL: string(a.URL), Key: a.Key})
	}
	return list
}

// validateParts finds what cannot be used by itself.
func (a Alerts) validateParts(found *problems) {
	if len(a.Command) > 0 {
		if err := alert.CheckCommand(a.Command); err != nil {
			found.add("on_failure_command", "", "%v; %s", err, mailbox.Hint(err))
		}
	}
	if len(a.URL) > 0 {
		if err := alert.CheckURL(string(a.URL)); err != nil {
			found.add("on_failure_url", "", "%v", err)
		}
	}
}

// validate finds what cannot be used.
func (a Alerts) validate(found *problems) {
	a.validateParts(found)
	if len(a.Key) > 0 && len(a.URL) == 0 {
		found.add("on_failure_key", "", "signs what goes to an address, and there is none; give that as well")
	}
}

// The key of Alerts in secretsBucket: a connection's own, and with the name ""
// those that hold for all.
func alertsKey(connection string) string {
	if connection == "" {
		return "settings/" + alertsKind
	}
	return connectionSecrets(connection) + alertsKind
}

const alertsKind = "alerts"

// alertsRecord is Alerts as they are kept, sealed.
type alertsRecord struct {
	Command []string `json:"command,omitempty"`
	URL     string   `json:"url,omitempty"`
	Key     []byte   `json:"key,omitempty"`
}

// Format writes no secret, whatever the verb.
func (alertsRecord) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("alerts")) }

// getAlerts returns the zero Alerts where there are none, or where they are
// damaged: that must not keep anybody from signing in.
func getAlerts(tx store.Tx, connection string) (Alerts, error) {
	text, err := tx.Get(secretsBucket, alertsKey(connection))
	var damaged *store.DamagedError
	switch {
	case errors.Is(err, store.ErrNoRecord), errors.As(err, &damaged):
		return Alerts{}, nil
	case err != nil:
		return Alerts{}, err
	}
	var r alertsRecord
	if json.Unmarshal(text, &r) != nil {
		return Alerts{}, nil
	}
	a := Alerts{Command: r.Command, Key: r.Key}
	if r.URL != "" {
		a.URL = oauth.Secret(r.URL)
	}
	return a, nil
}

func putAlerts(tx store.Tx, connection string, a Alerts) error {
	if a.isZero() {
		return tx.Delete(secretsBucket, alertsKey(connection))
	}
	text, err := json.Marshal(alertsRecord{Command: a.Command, URL: string(a.URL), Key: a.Key})
	if err != nil {
		return fmt.Errorf("cannot encode the alerts: %w", err)
	}
	if err := tx.Put(secretsBucket, alertsKey(connection), text); err != nil {
		return fmt.Errorf("cannot keep the alerts: %w", err)
	}
	return nil
}

// alerts returns those of the draft, where these are kept so far.
func (d Draft) alerts(a Alerts) Alerts {
	if d.ChangeAlerts != nil {
		d.ChangeAlerts(&a)
	}
	return a
}

// writeAlerts changes those of a connection.
func writeAlerts(tx store.Tx, d Draft) error {
	if d.ChangeAlerts == nil {
		return nil
	}
	a, err := getAlerts(tx, d.Profile.Name)
	if err != nil {
		return err
	}
	a = d.alerts(a)
	var found problems
	a.validate(&found)
	if err := found.err(); err != nil {
		return err
	}
	return putAlerts(tx, d.Profile.Name, a)
}

// Alerts returns whom the book tells about each of its connections, besides
// those that the connections name themselves.
func (b *Book) Alerts(ctx context.Context) (shown AlertsShown, err error) {
	err = b.store.View(ctx, func(tx store.Tx) error {
		a, err := getAlerts(tx, "")
		shown = a.shown()
		return err
	})
	return shown, err
}

// ChangeAlerts lets change alter whom the book tells about each of its
// connections. What cannot be used is FieldErrors; then nothing is changed.
func (b *Book) ChangeAlerts(ctx context.Context, change func(*Alerts)) (shown AlertsShown, err error) {
	err = b.store.Update(ctx, func(tx store.Tx) error {
		a, err := getAlerts(tx, "")
		if err != nil {
			return err
		}
		change(&a)
		var found problems
		a.validate(&found)
		if err := found.err(); err != nil {
			return err
		}
		shown = a.shown()
		return putAlerts(tx, "", a)
	})
	return shown, err
}

// TestAlerts delivers an event of the kind alert.Test once to everybody whom
// the book tells, and to those whom the named connections tell. The errors say
// who could not be told, joined.
func (b *Book) TestAlerts(ctx context.Context, connections ...string) (told []string, err error) {
	var targets []alert.Target
	err = b.store.View(ctx, func(tx store.Tx) error {
		for _, name := range connections {
			if _, err := getProfile(tx, name); err != nil {
				return err
			}
		}
		targets, err = alertTargets(tx, connections)
		return err
	})
	if err != nil {
		return nil, err
	}
	e := b.newEvent(alert.Test)
	e.Connections = connections
	var failed []error
	seen := map[string]bool{}
	for _, t := range targets {
		if seen[t.ID()] {
			continue
		}
		seen[t.ID()] = true
		if err := t.Deliver(ctx, e); err != nil {
			failed = append(failed, err)
			continue
		}
		told = append(told, t.String())
	}
	return told, errors.Join(failed...)
}

// alertTargets returns whom to tell about these connections.
func alertTargets(tx store.Tx, connections []string) (list []alert.Target, err error) {
	for _, name := range append([]string{""}, connections...) {
		a, err := getAlerts(tx, name)
		if err != nil {
			return nil, err
		}
		list = append(list, a.targets()...)
	}
	return list, nil
}
