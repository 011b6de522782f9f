package httpauth

import (
	"encoding/asn1"
	"net/http"
)

// spnego takes a token of Negotiate that is not a raw NTLM message: the first
// of a negotiation, a later one, or a Kerberos token without SPNEGO around it,
// which IIS takes too.
func (a *Authenticator) spnego(r *http.Request, token []byte, waiting handshake) step {
	mech, inner, err := unframe(token)
	if err != nil {
		if h, ok := waiting.(*negotiation); ok {
			return h.next(a, r, token)
		}
		return step{refusal: refused("Negotiate: neither NTLM nor GSSAPI, and no negotiation is under way on this connection")}
	}
	switch {
	case isKerberos(mech):
		user, reply, refusal := a.kerberos(r, token)
		return step{user: user, reply: reply, refusal: refusal}
	case !mech.Equal(oidSPNEGO):
		return step{refusal: refused("Negotiate: the mechanism %v is not offered", mech)}
	}
	init, err := parseInit(inner)
	if err != nil {
		return step{refusal: refused("Negotiate: the first token: %v", err)}
	}
	return a.begin(r, init)
}

func isKerberos(mech asn1.ObjectIdentifier) bool { return mech.Equal(oidKRB5) || mech.Equal(oidMSKRB5) }

// begin chooses the first mechanism of the client's that there is here.
func (a *Authenticator) begin(r *http.Request, init *tokenInit) step {
	for i, mech := range init.mechs {
		kerberos := isKerberos(mech) && a.opts.Keytab != nil
		if !kerberos && !mech.Equal(oidNTLM) {
			continue
		}
		// The token is for the client's first choice, in which both numbers of
		// Kerberos are one.
		preferred := i == 0 || kerberos && isKerberos(init.mechs[0])
		n := &negotiation{mech: mech, list: init.list, first: true, mustSign: !preferred}
		if !preferred || init.token == nil {
			return n.ask(nil)
		}
		return n.take(a, r, &tokenResponse{token: init.token})
	}
	return step{refusal: refused("Negotiate: the client offers %v; NTLM is here, and Kerberos where there is a keytab", init.mechs)}
}

// negotiation is one by SPNEGO whose mechanism is chosen.
type negotiation struct {
	mech asn1.ObjectIdentifier
	// list is signed by both sides, so that nobody between can have made the
	// client's choice a worse one. It must be where the mechanism was not the
	// client's first (RFC 4178 section 5).
	list     []byte
	mustSign bool
	// first: the client has not been told the mechanism yet.
	first bool
	ntlm  *ntlmHandshake
}

// next takes a later token.
func (n *negotiation) next(a *Authenticator, r *http.Request, token []byte) step {
	answer, err := parseTokenResponse(token)
	if err != nil {
		return step{refusal: refused("Negotiate: %v", err)}
	}
	return n.take(a, r, answer)
}

// ask answers with a token and waits for the next.
func (n *negotiation) ask(token []byte) step {
	reply := &tokenResponse{state: acceptIncomplete, token: token}
	if n.first {
		reply.mech = n.mech
		if n.mustSign {
			reply.state = requestMIC
		}
	}
	n.first = false
	return step{reply: reply.marshal(), more: n}
}

// take hands a token to the mechanism.
func (n *negotiation) take(a *Authenticator, r *http.Request, in *tokenResponse) step {
	if isKerberos(n.mech) {
		user, reply, refusal := a.kerberos(r, in.token)
		if refusal != nil {
			return step{refusal: refusal}
		}
		out := &tokenResponse{state: acceptCompleted, token: reply}
		if n.first {
			out.mech = n.mech
		}
		return step{user: user, reply: out.marshal()}
	}
	if n.ntlm == nil {
		if !isNTLM(in.token) || messageType(in.token) != typeNegotiate {
			return step{refusal: refused("Negotiate: NEGOTIATE of NTLM is due, something else came")}
		}
		h, err := a.challenge(in.token)
		if err != nil {
			return step{refusal: refused("NTLM: NEGOTIATE: %v", err)}
		}
		n.ntlm = h
		return n.ask(h.challenge)
	}
	if !isNTLM(in.token) || messageType(in.token) != typeAuthenticate {
		return step{refusal: refused("Negotiate: AUTHENTICATE of NTLM is due, something else came")}
	}
	user, session, refusal := n.ntlm.judge(a, r, in.token)
	if refusal != nil {
		return step{refusal: refusal}
	}
	out := &tokenResponse{state: acceptCompleted}
	switch {
	case in.mic != nil && session == nil, in.mic != nil && !session.signed(n.list, in.mic):
		return step{refusal: refused("Negotiate: the list of mechanisms is not the one that the client has signed")}
	case in.mic == nil && n.mustSign:
		return step{refusal: refused("Negotiate: NTLM was not the client's first choice, and it has not signed its list of mechanisms")}
	case in.mic != nil:
		out.mic = session.server.sign(n.list)
	}
	return step{user: user, reply: out.marshal()}
}
