package connection

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// Draft is a connection to be made or changed.
type Draft struct {
	Profile Profile
	// Auth is the authentication object. In Create, nil means none (with a
	// Login) or the one that Profile.AuthName names already; one without a
	// name gets the connection's.
	Auth *Auth
	// Secrets are new ones; in Update those that are empty stay what they are.
	Secrets Secrets
	// ChangeAlerts, unless it is nil, alters who is told when the sign-in fails,
	// is about to end, or works again.
	ChangeAlerts func(*Alerts)
}

// Create validates a connection, fills in its defaults and keeps it. Problems
// of the profile are FieldErrors, all at once; a name that is taken is an
// *ExistsError.
func (b *Book) Create(ctx context.Context, d Draft) (entry Entry, err error) {
	d, certificateProblem, err := prepare(d)
	if err != nil {
		return Entry{}, err
	}
	now := b.now().UTC().Truncate(time.Second)
	err = b.store.Update(ctx, func(tx store.Tx) error {
		d, shared, err := attach(tx, d)
		if err != nil {
			return err
		}
		if shared && (len(d.Secrets.ClientSecret) > 0 || len(d.Secrets.Certificate) > 0) {
			return FieldErrors{{Field: "auth", Given: d.Auth.Name, Problem: "is shared as it is, with the secret that it has; leave the secret out, or change it by one of the connections that use it"}}
		}
		g, err := kept(tx, d)
		if err != nil {
			return err
		}
		if err := validate(d, g, certificateProblem); err != nil {
			return err
		}
		if err := absent(tx, connectionsBucket, kindConnection, d.Profile.Name); err != nil {
			return err
		}
		if d.Auth != nil && !shared {
			if err := absent(tx, authsBucket, kindAuth, d.Auth.Name); err != nil {
				return err
			}
			d.Auth.Created, d.Auth.Updated = now, now
		}
		d.Profile.Created, d.Profile.Updated = now, now
		if err := write(tx, d); err != nil {
			return err
		}
		entry, err = b.getEntry(tx, d.Profile.Name)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	return entry, nil
}

// Validate returns the problems that Create would find, as far as they can be
// told without the book: not whether names are taken, and nothing of an
// authentication object that is to be shared. It reads the CA file. A caller
// that would have to make a data directory first can ask here.
func (d Draft) Validate() error {
	d, certificateProblem, err := prepare(d)
	if err != nil || d.Auth == nil && d.Profile.AuthName != "" {
		return err
	}
	return validate(d, d.Secrets.given(), certificateProblem)
}

// prepare fills in defaults and does what needs files: it makes paths
// absolute, so that the profile does not depend on where a command runs, and
// reads them. certificateProblem is for validate, so that it is reported
// together with the others.
func prepare(d Draft) (_ Draft, certificateProblem error, err error) {
	if d.Profile.CAFile != "" {
		if d.Profile.CAFile, err = filepath.Abs(d.Profile.CAFile); err != nil {
			return d, nil, err
		}
	}
	d.Profile = d.Profile.withDefaults(nil)
	if d.Profile.Login != nil {
		if d.Profile.Login, err = d.Profile.Login.withPaths(); err != nil {
			return d, nil, err
		}
	}
	if d.Auth != nil {
		auth := d.Auth.withDefaults()
		if auth.Name == "" {
			auth.Name = d.Profile.AuthName
		}
		if auth.Name == "" {
			auth.Name = d.Profile.Name
		}
		d.Auth = &auth
		d.Profile.AuthName = auth.Name
		d.Profile = d.Profile.withDefaults(&auth)
	}
	// Files end in a line feed, which is part of no secret.
	d.Secrets.ClientSecret = bytes.TrimRight(d.Secrets.ClientSecret, "\r\n")
	d.Secrets.Password = bytes.TrimRight(d.Secrets.Password, "\r\n")
	if len(d.Secrets.Certificate) > 0 {
		d.Secrets.Certificate, certificateProblem = plainCertificate(d.Secrets)
	}
	d.noteExpiry()
	d.Secrets.CertificatePassword = nil
	return d, certificateProblem, nil
}

// attach finds the authentication object that the profile names and does not
// bring along.
func attach(tx store.Tx, d Draft) (_ Draft, shared bool, err error) {
	if d.Auth != nil || d.Profile.AuthName == "" {
		return d, false, nil
	}
	auth, err := getAuth(tx, d.Profile.AuthName)
	if err != nil {
		return d, false, err
	}
	d.Auth, d.Profile.AuthName = &auth, auth.Name
	d.Profile = d.Profile.withDefaults(&auth)
	return d, true, nil
}

// kept tells which secrets there are once the draft is written: those that it
// brings, and those that its way in keeps already.
func kept(tx store.Tx, d Draft) (given, error) {
	g := d.Secrets.given()
	look := func(wanted bool, have *bool, key func(string) string, name string) error {
		if !wanted || *have || nameProblem(name) != "" {
			return nil
		}
		found, err := has(tx, secretsBucket, key(name))
		*have = found
		return err
	}
	if d.Auth != nil {
		if d.Auth.Method == oauth.Web && (g.clientSecret || g.certificate) {
			return g, nil // what it brings replaces what is kept
		}
		if err := look(d.Auth.Method.TakesSecret(), &g.clientSecret, clientSecretKey, d.Auth.Name); err != nil {
			return g, err
		}
		return g, look(d.Auth.Method.TakesCertificate(), &g.certificate, certificateKey, d.Auth.Name)
	}
	return g, look(d.Profile.Login.usesPassword(), &g.password, passwordKey, d.Profile.Name)
}

// validate returns every problem of a prepared draft.
func validate(d Draft, g given, certificateProblem error) error {
	var found problems
	d.Profile.validate(&found, d.Auth)
	if d.Auth != nil {
		d.Auth.validate(&found)
	}
	validateSecrets(&found, d.Profile, d.Auth, g)
	if certificateProblem != nil {
		found.add("certificate", "", "%s", certificateText(certificateProblem))
	}
	d.alerts(Alerts{}).validateParts(&found)
	if d.Profile.CAFile != "" {
		if _, err := readCAFile(d.Profile.CAFile); err != nil {
			found.add("ca_file", d.Profile.CAFile, "%v", err)
		}
	}
	return found.err()
}

func certificateText(err error) string {
	var ce *oauth.CertificateError
	if !errors.As(err, &ce) {
		return err.Error()
	}
	if ce.Cure == "" {
		return ce.Problem
	}
	return ce.Problem + "; " + ce.Cure
}

func absent(tx store.Tx, bucket, kind, name string) error {
	_, err := tx.Get(bucket, recordKey(name))
	switch {
	case errors.Is(err, store.ErrNoRecord):
		return nil
	case err != nil:
		return err
	}
	return &ExistsError{Kind: kind, Name: name}
}

// write puts the draft's records and its new secrets.
func write(tx store.Tx, d Draft) error {
	if err := putRecord(tx, connectionsBucket, d.Profile.Name, d.Profile); err != nil {
		return err
	}
	if d.Auth != nil {
		if err := putRecord(tx, authsBucket, d.Auth.Name, d.Auth); err != nil {
			return err
		}
	}
	if err := replaceProof(tx, d); err != nil {
		return err
	}
	for _, s := range []struct {
		key    func(string) string
		name   string
		secret oauth.Secret
	}{
		{clientSecretKey, d.Profile.AuthName, d.Secrets.ClientSecret},
		{certificateKey, d.Profile.AuthName, d.Secrets.Certificate},
		{passwordKey, d.Profile.Name, d.Secrets.Password},
	} {
		if len(s.secret) == 0 {
			continue
		}
		if err := tx.Put(secretsBucket, s.key(s.name), s.secret); err != nil {
			return fmt.Errorf("cannot keep the secret: %w", err)
		}
	}
	return writeAlerts(tx, d)
}

// replaceProof removes the certificate of a web application that is given a
// secret, and the other way round: it has one of the two.
func replaceProof(tx store.Tx, d Draft) error {
	switch {
	case d.Auth == nil || d.Auth.Method != oauth.Web:
	case len(d.Secrets.ClientSecret) > 0:
		return tx.Delete(secretsBucket, certificateKey(d.Auth.Name))
	case len(d.Secrets.Certificate) > 0:
		return tx.Delete(secretsBucket, clientSecretKey(d.Auth.Name))
	}
	return nil
}
