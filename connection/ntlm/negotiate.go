package ntlm

// negotiateMessage returns the NEGOTIATE message ([MS-NLMP] 2.2.1.1). It names
// neither user nor computer, and is the same for all.
func negotiateMessage() []byte {
	const (
		flagsAt       = 12
		domainAt      = 16
		workstationAt = 24
		size          = 40 // with a version, which is left zero; gss-ntlmssp insists on its place
	)
	p := newPayload(typeNegotiate, size)
	little.PutUint32(p.header[flagsAt:], uint32(offered))
	p.field(domainAt, nil)
	p.field(workstationAt, nil)
	return p.message()
}
