package ews

import (
	"strings"

	"github.com/exconn/exconn/wsdl"
)

// Access says how a mailbox is reached.
type Access int

const (
	// Own is the mailbox of the account that signs in.
	Own Access = iota
	// Impersonate acts as the mailbox's owner by the ExchangeImpersonation
	// header: an application's token with full_access_as_app or the role
	// Application EWS.AccessAsApp, or on an Exchange Server an account with
	// the ApplicationImpersonation role.
	Impersonate
	// Shared is a mailbox that the account that signs in has rights on:
	// full access, or rights on some of its folders. No header is sent; the
	// folders name the mailbox.
	Shared
)

// String returns a word for the access.
func (a Access) String() string {
	switch a {
	case Own:
		return "own"
	case Impersonate:
		return "impersonated"
	case Shared:
		return "shared"
	}
	return "unknown"
}

// Mailbox is a mailbox as a Client reaches it. It is safe for concurrent use.
type Mailbox struct {
	client  *Client
	address string
	access  Access
	// zone is the Windows id of the TimeZoneContext header where it is not the
	// client's; see inZone.
	zone string
	// affinity is that of a group of subscriptions; nil for other calls.
	affinity *affinity
	backfill bool
}

// Mailbox returns the mailbox of that SMTP address. It does no I/O.
func (c *Client) Mailbox(address string, access Access) *Mailbox {
	return &Mailbox{client: c, address: strings.TrimSpace(address), access: access}
}

// Address returns the SMTP address.
func (m *Mailbox) Address() string { return m.address }

// Access tells how the mailbox is reached.
func (m *Mailbox) Access() Access { return m.access }

// Client returns the client that the mailbox belongs to.
func (m *Mailbox) Client() *Client { return m.client }

// connectingSID names the mailbox in the ExchangeImpersonation header.
// SmtpAddress finds a mailbox by any of its addresses, which is what a CRM's
// user record holds; Exchange 2007 knows the primary one alone.
func (m *Mailbox) connectingSID(version wsdl.ServerVersion) *wsdl.ConnectingSIDType {
	address := wsdl.NewText(m.address)
	switch version {
	case wsdl.ServerVersionExchange2007, wsdl.ServerVersionExchange2007_SP1:
		return &wsdl.ConnectingSIDType{PrimarySmtpAddress: address}
	}
	return &wsdl.ConnectingSIDType{SmtpAddress: address}
}
