package connection

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// The time limits of the network. How long a whole call may take is the ctx's
// to say.
const (
	dialTimeout = 15 * time.Second
	tlsTimeout  = 15 * time.Second
	// headerTimeout is counted from the end of the request. Exchange cuts a
	// batch at one minute.
	headerTimeout = 2 * time.Minute
	idleTimeout   = 90 * time.Second
)

// maxIdle is how many idle connections to one host are kept: Exchange's
// EWSMaxConcurrency is 27 an account, and each new TLS handshake costs more
// than most calls.
const maxIdle = 32

// maxCAFile bounds a file of certificate authorities, in bytes.
const maxCAFile = 4 << 20

// newTransport returns the transport of a profile: its certificate
// authorities, its proxy, keep-alive and time limits. It reads the CA file.
func newTransport(p Profile) (*http.Transport, error) {
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headerTimeout,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConns:          4 * maxIdle,
		MaxIdleConnsPerHost:   maxIdle,
		ExpectContinueTimeout: time.Second,
		// A TLSClientConfig of our own would otherwise switch HTTP/2 off.
		ForceAttemptHTTP2: true,
	}
	switch p.Proxy {
	case "":
	case noProxy:
		t.Proxy = nil
	default:
		u, err := url.Parse(p.Proxy)
		if err != nil {
			return nil, &FieldError{Field: "proxy", Given: withoutUser(p.Proxy), Problem: "is not a URL"}
		}
		t.Proxy = http.ProxyURL(u)
	}
	if p.CAFile != "" {
		pool, err := readCAFile(p.CAFile)
		if err != nil {
			return nil, &FieldError{Field: "ca_file", Given: p.CAFile, Problem: err.Error()}
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return t, nil
}

// readCAFile returns the system's certificate authorities and those of a PEM
// file. Its errors do not name the file.
func readCAFile(path string) (*x509.CertPool, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxCAFile {
		return nil, fmt.Errorf("is larger than %d MiB; it must be a PEM file of certificate authorities", maxCAFile>>20)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		var pe *os.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		// There is none on this system; the file's are then all there are.
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); a DER file is converted with: openssl x509 -inform der -in FILE -out ca.pem")
	}
	return pool, nil
}
