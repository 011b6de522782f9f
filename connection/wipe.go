package connection

// Wipe overwrites the secrets, once they are kept or no longer needed.
//
// That shortens how long they lie in memory, and no more: what was copied
// before stays until the runtime uses the memory again. Copies are made where a
// library takes a string, which cannot be overwritten (the identity library's
// form with the client secret, the header of Basic authentication, a
// passphrase of age), by the conversion of a certificate, and by the runtime
// where a slice grows. An open connection holds the secrets that it signs in
// with until the process ends.
func (s *Secrets) Wipe() {
	clear(s.ClientSecret)
	clear(s.Certificate)
	clear(s.CertificatePassword)
	clear(s.Password)
	*s = Secrets{}
}
