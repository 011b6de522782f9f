package main

import (
	"context"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/connection"
)

// authFlag names an authentication object where the command is about them.
var authFlag = &cli.StringFlag{Name: "name", Usage: "`NAME` of the authentication object; may be left out where there is only one"}

// accountFlag names one of its accounts.
var accountFlag = &cli.StringFlag{Name: "account", Usage: "`ADDRESS` of the user whose account it is, where each user signs in"}

func (s system) auth() *cli.Command {
	baseURL := &cli.StringFlag{Name: "base-url", Usage: "`URL` at which people's browsers reach \"auth accept\", such as https://crm.example.com/exconn"}
	return &cli.Command{
		Name:  "auth",
		Usage: "authentication objects, who has signed in to them, and invitations to sign in",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list authentication objects and how their sign-ins stand", Action: s.authList, Flags: local()},
			{Name: "show", Usage: "show an authentication object and its accounts", Action: s.authShow, Flags: local(authFlag, accountFlag)},
			{Name: "test", Usage: "get a token for each connection that uses the object, and tell what is in it and what is missing", Action: s.authTest, Flags: local(authFlag, accountFlag)},
			s.authRenewCommand(),
			s.authAlertsCommand(),
			{Name: "delete", Usage: "delete an authentication object that no connection uses, with its secrets and sign-ins", Action: s.authDelete, Flags: local(authFlag,
				&cli.BoolFlag{Name: "yes", Usage: "do not ask"},
			)},
			{Name: "invite", Usage: "make a link for each user, by which the user signs in once", Action: s.authInvite, Flags: local(authFlag, baseURL,
				&cli.StringFlag{Name: "connection", Aliases: []string{"c"}, Usage: "`NAME` of the connection to sign in to, where several use the authentication object"},
				&cli.StringSliceFlag{Name: "user", Usage: "`ADDRESS` of a user to invite, repeatable"},
				&cli.StringFlag{Name: "users-file", Usage: "CSV `FILE` of users to invite (- is standard input): address and, where it differs, sign_in_name"},
				&cli.DurationFlag{Name: "valid", Usage: "how long the links are good for", Value: connection.DefaultInvitationTime},
				&cli.StringFlag{Name: "out", Usage: "write address, link and valid_until into this CSV `FILE`, which must not be there yet, instead of printing the links"},
				&cli.BoolFlag{Name: "withdraw", Usage: "withdraw the users' invitations instead"},
			)},
			{Name: "invitations", Usage: "list each user's last invitation and what has become of it", Action: s.authInvitations, Flags: local(authFlag)},
			{Name: "accept", Usage: "answer the links of invitations until all are used", Action: s.authAccept, Flags: local(authFlag, baseURL,
				&cli.StringFlag{Name: "listen", Usage: "`ADDRESS` to listen on, such as localhost:8480 behind the web server of --base-url, or :8443 with a certificate"},
				&cli.StringFlag{Name: "redirect-uri", Usage: "`URI` on the host of --base-url that the sign-in comes back to; /callback beneath --base-url where left out"},
				&cli.StringFlag{Name: "tls-cert", Usage: "PEM `FILE` with the certificate of --base-url's host; without it, it listens to this machine alone"},
				&cli.StringFlag{Name: "tls-key", Usage: "PEM `FILE` with the certificate's key"},
			)},
		},
	}
}

// authEntry opens the data directory and finds the authentication object that
// is meant.
func (s system) authEntry(c *cli.Context) (*openDir, connection.AuthEntry, error) {
	dir, err := s.dataDir(c, false)
	if err != nil {
		return nil, connection.AuthEntry{}, err
	}
	name, err := authName(c.Context, c, dir.book)
	if err != nil {
		return nil, connection.AuthEntry{}, err
	}
	entry, err := dir.book.Auth(c.Context, name)
	return dir, entry, err
}

// authName is the authentication object that is meant: the one named, or the
// only one there is.
func authName(ctx context.Context, c *cli.Context, book *connection.Book) (string, error) {
	if name := strings.TrimSpace(c.String("name")); name != "" {
		return name, nil
	}
	entries, err := book.Auths(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Auth.Name)
	}
	switch len(names) {
	case 1:
		return names[0], nil
	case 0:
		return "", usagef("one comes with a connection: exconn connection new --name NAME …", "there are no authentication objects yet")
	}
	return "", usagef("one of: "+strings.Join(names, ", "), "there are several authentication objects; name one with --name")
}
