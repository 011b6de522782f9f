package kerberos

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-krb5/krb5/client"
	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/credentials"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"
)

// fetchByCache gets a service ticket from a credential cache, or by the
// ticket-granting ticket in it.
func fetchByCache(cfg *config.Config, opts Options, spn string, dial *dialer) (*ticket, error) {
	path, err := cachePath(opts.CacheFile)
	if err != nil {
		return nil, err
	}
	text, err := readFile(path)
	if err != nil {
		e := fileError("the credential cache", path, err, "get a ticket first, with kinit; or give a password or a keytab")
		e.kind = refused
		return nil, e
	}
	cache := new(credentials.CCache)
	if err := guarded(func() error { return cache.Unmarshal(text) }); err != nil {
		return nil, fileError("the credential cache", path, err, "get a new ticket with kinit")
	}
	owner := cache.GetClientPrincipalName().PrincipalNameString() + "@" + cache.GetClientRealm()
	if opts.Username != "" && !strings.EqualFold(opts.Username, owner) {
		return nil, &Error{
			Problem: fmt.Sprintf("the credential cache %s is of %s, not of %s", path, clip(owner), opts.Username),
			kind:    refused, hint: "get a ticket with: kinit " + opts.Username,
		}
	}
	entry := func(name types.PrincipalName) (*credentials.Credential, messages.Ticket, bool) {
		var t messages.Ticket
		c, found := cache.GetEntry(name)
		if !found || time.Until(c.EndTime) <= 0 || guarded(func() error { return t.Unmarshal(c.Ticket) }) != nil {
			return nil, t, false
		}
		return c, t, true
	}
	if c, t, found := entry(types.NewPrincipalName(nametype.KRB_NT_SRV_INST, spn)); found && time.Until(c.EndTime) > earliest {
		return &ticket{realm: cache.GetClientRealm(), client: cache.GetClientPrincipalName(), ticket: t, key: c.Key, end: c.EndTime, fetched: time.Now()}, nil
	}
	c, tgt, found := entry(types.PrincipalName{NameType: nametype.KRB_NT_SRV_INST, NameString: []string{"krbtgt", cache.GetClientRealm()}})
	if !found {
		return nil, &Error{
			Problem: fmt.Sprintf("the credential cache %s has no ticket of %s that is still good", path, clip(owner)),
			kind:    refused, hint: "get a new ticket with kinit; a service that runs for long is better off with a keytab",
		}
	}
	kc, err := client.NewFromCCache(cache, cfg, settings(dial)...)
	if err != nil {
		return nil, err
	}
	defer kc.Destroy()
	return serviceTicket(kc, cfg, spn, tgt, c.Key)
}

// cachePath returns the file of a credential cache: as it is named, or as
// MIT's libraries find it.
func cachePath(name string) (string, error) {
	if name == "" {
		name = os.Getenv("KRB5CCNAME")
	}
	if name == "" {
		return "/tmp/krb5cc_" + strconv.Itoa(os.Getuid()), nil
	}
	kind, rest, found := strings.Cut(name, ":")
	// One letter is a drive of Windows.
	if !found || len(kind) < 2 || strings.ContainsAny(kind, `/\`) {
		return name, nil
	}
	if kind != "FILE" && kind != "WRFILE" {
		return "", &Error{
			Problem: fmt.Sprintf("the credential cache %s is not a file", clip(name)),
			kind:    invalid, hint: "caches in files alone can be read: make one with kinit -c FILE:/path, and set KRB5CCNAME=FILE:/path; or give a password or a keytab",
		}
	}
	return rest, nil
}
