package connection

import "github.com/exconn/exconn/oauth"

// plainCertificate returns a certificate in the form in which it is kept: PEM
// with the key unencrypted, so that no second password has to be kept beside
// it. What cannot be read is returned as it is, with the reason.
func plainCertificate(s Secrets) (oauth.Secret, error) {
	certificate, err := oauth.ReadCertificate(s.Certificate, s.CertificatePassword)
	if err != nil {
		return s.Certificate, err
	}
	return certificate.PEM(), nil
}
