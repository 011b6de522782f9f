package kerberos

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/go-krb5/krb5/client"
	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
)

// ticket is a service ticket with its session key.
type ticket struct {
	realm  string // of the client
	client types.PrincipalName
	ticket messages.Ticket
	key    types.EncryptionKey
	end    time.Time
	// fetched is when it came into this process.
	fetched time.Time
}

// fetch gets a service ticket. It uses a client of the module for this one
// time: that one's sessions would go on renewing themselves in goroutines of
// their own.
func (l *Login) fetch(ctx context.Context, spn string) (*ticket, error) {
	cfg, err := loadConfig(l.opts.ConfigFile)
	if err != nil {
		return nil, err
	}
	dial := &dialer{ctx: ctx}
	defer dial.done()
	if l.opts.KeytabFile == "" && l.password() == "" {
		return fetchByCache(cfg, l.opts, spn, dial)
	}
	user, realm, err := principal(l.opts.Username, cfg)
	if err != nil {
		return nil, err
	}
	var c *client.Client
	if l.opts.KeytabFile == "" {
		c = client.NewWithPassword(user, realm, l.password(), cfg, settings(dial)...)
	} else {
		keys, err := loadKeytab(l.opts.KeytabFile, user, realm, cfg)
		if err != nil {
			return nil, err
		}
		c = client.NewWithKeytab(user, realm, keys, cfg, settings(dial)...)
	}
	defer c.Destroy()
	request, err := messages.NewASReqForTGT(realm, cfg, c.Credentials.CName())
	if err != nil {
		return nil, err
	}
	reply, err := c.ASExchange(realm, request, 0)
	if err != nil {
		return nil, err
	}
	return serviceTicket(c, cfg, spn, reply.Ticket, reply.DecryptedEncPart.Key)
}

// settings are those of the module's clients. Active Directory does not take
// part in the negotiation of FAST that the module would insist on.
func settings(d *dialer) []func(*client.Settings) {
	return []func(*client.Settings){client.UseDialer(d), client.DisablePAFXFAST(true)}
}

// serviceTicket gets a service ticket by a ticket-granting ticket. Referrals to
// other realms are followed; where krb5.conf knows the host's realm, that is
// gone to straight.
func serviceTicket(c *client.Client, cfg *config.Config, spn string, tgt messages.Ticket, key types.EncryptionKey) (*ticket, error) {
	service := types.NewPrincipalName(nametype.KRB_NT_SRV_INST, spn)
	own := c.Credentials.Domain()
	realm := own
	if mapped := cfg.ResolveRealm(service.NameString[len(service.NameString)-1]); mapped != "" && mapped != own {
		hop := types.PrincipalName{NameType: nametype.KRB_NT_SRV_INST, NameString: []string{"krbtgt", mapped}}
		_, reply, err := c.TGSREQGenerateAndExchange(hop, own, tgt, key, false)
		if err != nil {
			return nil, err
		}
		realm, tgt, key = mapped, reply.Ticket, reply.DecryptedEncPart.Key
	}
	_, reply, err := c.TGSREQGenerateAndExchange(service, realm, tgt, key, false)
	if err != nil {
		return nil, err
	}
	return &ticket{
		realm: own, client: c.Credentials.CName(),
		ticket: reply.Ticket, key: reply.DecryptedEncPart.Key,
		end: reply.DecryptedEncPart.EndTime, fetched: time.Now(),
	}, nil
}

// principal splits user@REALM. Active Directory's realms are the domain's name
// in capitals, which people write as they like; one that krb5.conf has is
// written as there.
func principal(username string, cfg *config.Config) (user, realm string, err error) {
	user, realm = username, cfg.LibDefaults.DefaultRealm
	if at := strings.LastIndexByte(username, '@'); at >= 0 {
		user, realm = username[:at], username[at+1:]
		known := ""
		for _, r := range cfg.Realms {
			if strings.EqualFold(r.Realm, realm) {
				known = r.Realm
			}
		}
		if realm = known; realm == "" {
			realm = strings.ToUpper(username[at+1:])
		}
	}
	switch {
	case user == "" || strings.Contains(user, `\`):
		return "", "", &Error{Problem: "the user name is not of the form user@REALM", kind: invalid, hint: "write it as svc@EXAMPLE.COM, where EXAMPLE.COM is the Active Directory domain's full name"}
	case realm == "":
		return "", "", &Error{Problem: "the user name names no realm, and krb5.conf has no default_realm", kind: invalid, hint: "write it as svc@EXAMPLE.COM, where EXAMPLE.COM is the Active Directory domain's full name"}
	}
	return user, realm, nil
}

// kdcTimeout bounds the making of a connection to one KDC. The module gives
// the answer five seconds more.
const kdcTimeout = 5 * time.Second

// dialer makes the connections to the KDC of one fetch, and breaks them when
// its context ends: the module knows no contexts.
type dialer struct {
	ctx   context.Context // of the fetch alone
	stops []func() bool
}

// Dial implements the module's interface.
func (d *dialer) Dial(network, addr string) (net.Conn, error) {
	nd := net.Dialer{Timeout: kdcTimeout}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		addr = net.JoinHostPort(addr, "88")
	}
	conn, err := nd.DialContext(d.ctx, network, addr)
	if err != nil {
		return nil, err
	}
	// The module closes the connection itself; it must get it as it is,
	// because it asks for its type.
	d.stops = append(d.stops, context.AfterFunc(d.ctx, func() { _ = conn.Close() }))
	return conn, nil
}

func (d *dialer) done() {
	for _, stop := range d.stops {
		stop()
	}
}
