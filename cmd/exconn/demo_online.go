package main

import (
	"context"
	"time"

	"github.com/exconn/exconn/connection"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/simulator"
)

// The accounts of the pretend Exchange Online.
const (
	erik  = "erik@fabrikam.example"
	fiona = "fiona@fabrikam.example"
	sales = "sales@fabrikam.example" // shared with erik
)

func (d *demo) onlineProfile(name string) connection.Profile {
	return connection.Profile{
		Name: name, ExchangeType: connection.Online, EWSURL: d.sim.EWSURL(simulator.Online),
		AllowMailboxes: []string{"fabrikam.example"},
	}
}

// onlineAppOnly is an application in its own right, which must impersonate.
func (d *demo) onlineAppOnly(ctx context.Context) {
	var conn *connection.Connection
	ok := d.step("online: app-only by certificate", func() (string, error) {
		certificate, pem, err := simulator.NewClientCertificate("exconn demo", time.Now())
		if err != nil {
			return "", err
		}
		if err := d.sim.AddCertificate(certificate); err != nil {
			return "", err
		}
		var detail string
		conn, detail, err = d.connect(ctx, connection.Draft{
			Profile: d.onlineProfile("fabrikam-app"),
			Auth: &connection.Auth{
				ClientID: d.sim.Applications().AppOnly.ClientID, AuthorityURL: d.sim.AuthorityURL(simulator.Online),
				AccountType: "fabrikam.example", Method: oauth.ClientCertificate,
			},
			Secrets: connection.Secrets{Certificate: pem},
		}, "")
		return detail, err
	})
	if !ok {
		return
	}
	defer conn.Close() //nolint:errcheck // nothing is left to write
	for _, address := range []string{erik, fiona} {
		d.step("online: inbox of "+address+" by impersonation", func() (string, error) { return inbox(ctx, conn, address) })
	}
}

// onlineDelegated is a person at Exchange Online, who has their own mailbox and
// those shared with them, and may not impersonate.
func (d *demo) onlineDelegated(ctx context.Context) {
	var conn *connection.Connection
	auth := &connection.Auth{
		ClientID: d.sim.Applications().Online.ClientID, AuthorityURL: d.sim.AuthorityURL(simulator.Online), Method: oauth.PKCE,
	}
	ok := d.step("online: sign in by PKCE", func() (detail string, err error) {
		conn, detail, err = d.connect(ctx, connection.Draft{Profile: d.onlineProfile("fabrikam"), Auth: auth}, erik)
		return detail, err
	})
	if ok {
		defer conn.Close() //nolint:errcheck // nothing is left to write
		d.step("online: the own inbox", func() (string, error) { return inbox(ctx, conn, erik) })
		d.step("online: a shared mailbox's inbox", func() (string, error) { return inbox(ctx, conn, sales) })
	}
	d.step("online: impersonation by a person's token is refused", func() (string, error) {
		profile, own := d.onlineProfile("fabrikam-impersonating"), *auth
		profile.Impersonation = connection.Always
		conn, _, err := d.connect(ctx, connection.Draft{Profile: profile, Auth: &own}, erik)
		if err != nil {
			return "", err
		}
		defer conn.Close() //nolint:errcheck // nothing is left to write
		box, err := conn.Mailbox(ctx, fiona)
		if err == nil {
			_, err = collect(ctx, box, mailbox.Query{Limit: 1})
		}
		return refused(err, mailbox.ErrAccessDenied, "")
	})
}
