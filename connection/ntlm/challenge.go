package ntlm

// challenge is the server's CHALLENGE message ([MS-NLMP] 2.2.1.2).
type challenge struct {
	raw    []byte
	flags  flags
	server [8]byte
	target []avPair
}

// timestamp is the server's time as a FILETIME, or nil. A server that sends one
// expects a MIC.
func (c *challenge) timestamp() []byte {
	if t := find(c.target, avTimestamp); len(t) == 8 {
		return t
	}
	return nil
}

// parseChallenge reads a CHALLENGE message. Its errors are *ChallengeErrors.
// What it returns refers to b.
func parseChallenge(b []byte) (*challenge, error) {
	const (
		flagsAt      = 20
		serverAt     = 24
		targetInfoAt = 40
		shortest     = 32 // of servers before target info
		withTarget   = 48
	)
	bad := func(problem string) error { return &ChallengeError{Problem: problem} }
	switch {
	case len(b) < len(signature)+4 || string(b[:len(signature)]) != signature:
		return nil, bad("is no NTLM message")
	case little.Uint32(b[len(signature):]) != typeChallenge:
		return nil, bad("is an NTLM message of another type")
	case len(b) < shortest:
		return nil, bad("is cut short")
	}
	c := &challenge{raw: b, flags: flags(little.Uint32(b[flagsAt:]))}
	copy(c.server[:], b[serverAt:])
	if c.flags&flagUnicode == 0 {
		return nil, bad("does not offer Unicode")
	}
	if c.flags&flagTargetInfo == 0 {
		return c, nil
	}
	if len(b) < withTarget {
		return nil, bad("is cut short")
	}
	length, offset := uint64(little.Uint16(b[targetInfoAt:])), uint64(little.Uint32(b[targetInfoAt+4:]))
	if length == 0 {
		return c, nil
	}
	if offset+length > uint64(len(b)) {
		return nil, bad("names a target info beyond its end")
	}
	var err error
	if c.target, err = parseAVPairs(b[offset : offset+length]); err != nil {
		return nil, bad("cannot be understood: " + err.Error())
	}
	return c, nil
}
