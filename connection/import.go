package connection

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/oauth"
	"github.com/exconn/exconn/store"
)

// ImportOptions say how an export is brought in.
type ImportOptions struct {
	// Rename gives new names, by the old ones, to connections and to the
	// authentication objects of these names.
	Rename map[string]string
	// Replace lets the import take the place of connections, authentication
	// objects and sign-ins that are there already.
	Replace bool
	// CAFile takes the place of the CA file of each connection that has one:
	// on another machine it seldom lies in the same place.
	CAFile string
}

// Imported is a connection that was brought in.
type Imported struct {
	Entry
	// Replaced is true where there was one of this name.
	Replaced bool
}

// Import brings in the connections of an export with all that belongs to them,
// in one transaction: all or nothing. Each is validated as Create does; only
// the secrets of an export without secrets may be missing, and Update brings
// them. An authentication object that is there already, the same in every
// field and secret, is shared. Errors are *BundleError, *TakenError, and those
// of the store.
func (b *Book) Import(ctx context.Context, bundle *Bundle, opts ImportOptions) ([]Imported, error) {
	in, err := newImport(bundle, opts)
	if err != nil {
		return nil, err
	}
	in.book, in.now = b, b.now().UTC().Truncate(time.Second)
	var done []Imported
	err = b.store.Update(ctx, func(tx store.Tx) (err error) {
		done, err = in.run(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, i := range done {
		b.unlink(i.Profile.Name)
		if i.Auth != nil {
			b.closeAccounts(i.Auth.Name)
		}
	}
	return done, nil
}

// Validate returns the problems that Import would find, as far as they can be
// told without the book. A caller that would have to make a data directory
// first can ask here.
func (b *Bundle) Validate(opts ImportOptions) error {
	_, err := newImport(b, opts)
	return err
}

// importing is a bundle as it is to be kept: renamed, with defaults and
// absolute paths, and validated.
type importing struct {
	drafts  []Draft
	auths   map[string]*Auth // by recordKey; drafts share them
	secrets []bundleSecret
	signIns []bundleSignIn
	// sealed is true where the bundle brings all secrets.
	sealed  bool
	replace bool
	book    *Book
	now     time.Time

	// fresh are the authentication objects that are to be written; the others
	// are there already, the same.
	fresh map[string]bool
}

// Format prints no secret, whatever the verb.
func (importing) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("import")) }

func newImport(bundle *Bundle, opts ImportOptions) (*importing, error) {
	names, err := newRenaming(bundle.data, opts.Rename)
	if err != nil {
		return nil, err
	}
	in := &importing{auths: map[string]*Auth{}, fresh: map[string]bool{}, sealed: bundle.sealed, replace: opts.Replace}
	for _, s := range bundle.data.Secrets {
		s.Auth, s.Connection = names.of(s.Auth), names.of(s.Connection)
		in.secrets = append(in.secrets, s)
	}
	for _, s := range bundle.data.SignIns {
		s.Auth = names.of(s.Auth)
		in.signIns = append(in.signIns, s)
	}
	for _, a := range bundle.data.Auths {
		a.Name = names.of(a.Name)
		if in.auths[recordKey(a.Name)] != nil {
			return nil, doubled(kindAuth, a.Name)
		}
		in.auths[recordKey(a.Name)] = &a
	}
	seen := map[string]bool{}
	var wrong []string
	for _, p := range bundle.data.Connections {
		was := p.Name
		p.Name, p.AuthName = names.of(p.Name), names.of(p.AuthName)
		if seen[recordKey(p.Name)] {
			return nil, doubled(kindConnection, p.Name)
		}
		seen[recordKey(p.Name)] = true
		if p.CAFile != "" && opts.CAFile != "" {
			p.CAFile = opts.CAFile
		}
		d, err := in.draft(p)
		var fields FieldErrors
		switch {
		case errors.As(err, &fields):
			for _, f := range fields {
				wrong = append(wrong, fmt.Sprintf("connection %q, %v", was, f))
			}
		case err != nil:
			return nil, fmt.Errorf("connection %q: %w", was, err)
		}
		in.drafts = append(in.drafts, d)
	}
	if len(wrong) > 0 {
		return nil, &BundleError{
			Problem: "the export does not fit here: " + strings.Join(wrong, "; "),
			Cure:    "mend that on this machine (a CA file that lies elsewhere is named by --ca-file), or mend the connection where it was exported, and export again",
		}
	}
	// An object that no connection uses would stay for ever.
	maps.DeleteFunc(in.auths, func(key string, _ *Auth) bool {
		return !slices.ContainsFunc(in.drafts, func(d Draft) bool { return d.Auth != nil && recordKey(d.Auth.Name) == key })
	})
	return in, nil
}

func doubled(kind, name string) error {
	return &BundleError{Problem: fmt.Sprintf("two of the export would become the %s %q", kind, name), Cure: "choose other names for --rename"}
}

// draft prepares and validates one connection as Create does.
func (in *importing) draft(p Profile) (Draft, error) {
	d := Draft{Profile: p}
	if p.AuthName != "" {
		auth := *in.auths[recordKey(p.AuthName)]
		d.Auth = &auth
	}
	for _, s := range in.secrets {
		if !s.of(kindAuth, p.AuthName) && !s.of(kindConnection, p.Name) {
			continue
		}
		switch s.Kind {
		case clientSecretKind:
			d.Secrets.ClientSecret = s.Value
		case certificateKind:
			d.Secrets.Certificate = s.Value
		case passwordKind:
			d.Secrets.Password = s.Value
		case alertsKind:
			// The program that they name would run here.
			if err := checkAlerts(s.Value); err != nil {
				return d, err
			}
		}
	}
	d, certificateProblem, err := prepare(d)
	if err != nil {
		return d, err
	}
	g := d.Secrets.given()
	d.Secrets = Secrets{} // they are written as the bundle has them
	if !in.sealed {
		// They are missing by intention, and stay what they are where there
		// are any.
		g.password = d.Profile.Login.usesPassword()
		g.clientSecret = d.Auth != nil && d.Auth.Method.TakesSecret()
		g.certificate = d.Auth != nil && d.Auth.Method.TakesCertificate() && !g.clientSecret
	}
	if d.Auth != nil {
		in.auths[recordKey(d.Auth.Name)] = d.Auth
	}
	return d, validate(d, g, certificateProblem)
}

// checkAlerts returns what is wrong with kept Alerts.
func checkAlerts(text []byte) error {
	var r alertsRecord
	if json.Unmarshal(text, &r) != nil {
		return damagedBundle("whom to tell of a failure cannot be understood")
	}
	var found problems
	Alerts{Command: r.Command, URL: oauth.Secret(r.URL), Key: r.Key}.validate(&found)
	return found.err()
}

// run writes everything.
func (in *importing) run(tx store.Tx) ([]Imported, error) {
	if err := in.look(tx); err != nil {
		return nil, err
	}
	// In the order of the names, so that errors are always the same.
	for _, key := range slices.Sorted(maps.Keys(in.fresh)) {
		if err := in.putAuth(tx, in.auths[key]); err != nil {
			return nil, err
		}
	}
	var done []Imported
	for _, d := range in.drafts {
		replaced, err := in.putConnection(tx, d)
		if err != nil {
			return nil, err
		}
		done = append(done, Imported{Replaced: replaced})
	}
	for _, s := range in.signIns {
		auth := in.auths[recordKey(s.Auth)]
		if auth == nil || auth.Method.AppOnly() {
			continue
		}
		key := accountKey(auth.Name, s.User)
		if err := putRecord(tx, accountsBucket, key, s.Account); err != nil {
			return nil, err
		}
		if err := tx.Put(tokensBucket, key, s.Tokens); err != nil {
			return nil, fmt.Errorf("cannot keep the sign-in: %w", err)
		}
	}
	for i, d := range in.drafts {
		entry, err := in.book.getEntry(tx, d.Profile.Name)
		if err != nil {
			return nil, err
		}
		done[i].Entry = entry
	}
	return done, nil
}

// look finds out what is there already. Without replace, that is an error.
func (in *importing) look(tx store.Tx) error {
	var taken TakenError
	for _, key := range slices.Sorted(maps.Keys(in.auths)) {
		same, err := in.sameAuth(tx, in.auths[key])
		switch {
		case errors.Is(err, store.ErrNoRecord):
			in.fresh[key] = true
		case err != nil:
			return err
		case !same:
			in.fresh[key] = true
			taken.add(kindAuth, in.auths[key].Name)
		}
	}
	for _, d := range in.drafts {
		err := absent(tx, connectionsBucket, kindConnection, d.Profile.Name)
		var exists *ExistsError
		switch {
		case errors.As(err, &exists):
			taken.add(kindConnection, d.Profile.Name)
		case err != nil:
			return err
		}
	}
	for _, s := range in.signIns {
		if in.fresh[recordKey(s.Auth)] {
			continue // what is there goes, or is named already
		}
		found, err := has(tx, tokensBucket, accountKey(s.Auth, s.User))
		if err != nil {
			return err
		}
		if found {
			taken.add("sign-in", s.Auth+"/"+s.Account.Username)
		}
	}
	if len(taken.What) > 0 && !in.replace {
		return &taken
	}
	return nil
}

// sameAuth reports whether an authentication object is there as it would be
// imported. Where there is none of the name, the error Is store.ErrNoRecord.
func (in *importing) sameAuth(tx store.Tx, auth *Auth) (bool, error) {
	there, err := getRecord[Auth](tx, authsBucket, kindAuth, auth.Name)
	var unreadable *RecordError
	switch {
	case errors.As(err, &unreadable):
		return false, nil
	case err != nil:
		return false, err
	}
	there.Created, there.Updated, there.Name = auth.Created, auth.Updated, auth.Name
	if equal, err := sameJSON(there, *auth); err != nil || !equal {
		return false, err
	}
	if !in.sealed {
		return true, nil
	}
	kept := 0
	same := true
	err = tx.ForEach(secretsBucket, authSecrets(auth.Name), func(key string, value []byte) error {
		kept++
		i := slices.IndexFunc(in.secrets, func(s bundleSecret) bool { return s.key() == key })
		same = same && i >= 0 && bytes.Equal(in.secrets[i].Value, value)
		clear(value)
		return nil
	})
	var lost *store.DamagedError
	if errors.As(err, &lost) {
		return false, nil // the import heals it
	}
	return same && kept == in.brings(auth), err
}

// sameJSON compares records as they are kept.
func sameJSON(a, b any) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	other, err := json.Marshal(b)
	return bytes.Equal(one, other), err
}

// brings counts the secrets that the import has for an authentication object.
func (in *importing) brings(auth *Auth) (n int) {
	for _, s := range in.secrets {
		if s.of(kindAuth, auth.Name) {
			n++
		}
	}
	return n
}

// putAuth writes an authentication object, in place of one of the same name.
func (in *importing) putAuth(tx store.Tx, auth *Auth) error {
	there, err := getRecord[Auth](tx, authsBucket, kindAuth, auth.Name)
	auth.Created, auth.Updated = in.now, in.now
	var unreadable *RecordError
	switch {
	case errors.Is(err, store.ErrNoRecord):
	case errors.As(err, &unreadable):
		err = forgetAccounts(tx, auth.Name)
	case err == nil:
		auth.Created = there.Created
		err = in.settle(tx, there, auth)
	}
	if err != nil && !errors.Is(err, store.ErrNoRecord) {
		return err
	}
	if err := putRecord(tx, authsBucket, auth.Name, auth); err != nil {
		return err
	}
	for kind, taken := range map[string]bool{clientSecretKind: auth.Method.TakesSecret(), certificateKind: auth.Method.TakesCertificate()} {
		if taken && !in.sealed {
			continue // what is there stays
		}
		if err := tx.Delete(secretsBucket, authSecrets(auth.Name)+kind); err != nil {
			return err
		}
	}
	if in.sealed {
		if err := dropSecrets(tx, authSecrets(auth.Name)); err != nil {
			return err
		}
	}
	return in.putSecrets(tx, kindAuth, auth.Name)
}

// settle checks what replacing an authentication object means for connections
// that share it, and forgets the sign-ins that were made with the former one.
func (in *importing) settle(tx store.Tx, there Auth, auth *Auth) error {
	names, err := sharers(tx, auth.Name)
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.ContainsFunc(in.drafts, func(d Draft) bool { return recordKey(d.Profile.Name) == recordKey(name) }) {
			continue
		}
		p, err := getProfile(tx, name)
		if err != nil {
			return err
		}
		if err := p.Validate(auth); err != nil {
			return &BundleError{
				Problem: fmt.Sprintf("the authentication object %q is shared with the connection %q, which that of the export does not fit", auth.Name, name),
				Cure:    fmt.Sprintf("give that of the export another name: --rename %s=NEW", auth.Name), Err: err,
			}
		}
	}
	if in.brings(auth) > 0 || !sameRegistration(there, *auth) {
		return forgetAccounts(tx, auth.Name)
	}
	return nil
}

// putConnection writes a connection, in place of one of the same name.
func (in *importing) putConnection(tx store.Tx, d Draft) (replaced bool, err error) {
	name := d.Profile.Name
	old, err := getRecord[Profile](tx, connectionsBucket, kindConnection, name)
	var unreadable *RecordError
	d.Profile.Created, d.Profile.Updated = in.now, in.now
	switch {
	case err == nil:
		replaced, d.Profile.Created = true, old.Created
	case errors.As(err, &unreadable):
		replaced = true
	case !errors.Is(err, store.ErrNoRecord):
		return false, err
	}
	if err := putRecord(tx, connectionsBucket, name, d.Profile); err != nil {
		return replaced, err
	}
	if in.sealed || !d.Profile.Login.usesPassword() {
		if err := dropSecrets(tx, connectionSecrets(name)); err != nil {
			return replaced, err
		}
	}
	if err := in.putSecrets(tx, kindConnection, name); err != nil {
		return replaced, err
	}
	if old.AuthName == "" || recordKey(old.AuthName) == recordKey(d.Profile.AuthName) {
		return replaced, nil
	}
	// What a connection later in the export uses stays.
	if in.auths[recordKey(old.AuthName)] != nil {
		return replaced, nil
	}
	_, err = dropAuth(tx, old.AuthName)
	return replaced, err
}

func (in *importing) putSecrets(tx store.Tx, kind, name string) error {
	for _, s := range in.secrets {
		if !s.of(kind, name) {
			continue
		}
		if err := tx.Put(secretsBucket, s.key(), s.Value); err != nil {
			return fmt.Errorf("cannot keep the secret: %w", err)
		}
	}
	return nil
}

// of reports whether the secret belongs to the connection or authentication
// object of this name.
func (s bundleSecret) of(kind, name string) bool {
	owner := s.Connection
	if kind == kindAuth {
		owner = s.Auth
	}
	return owner != "" && recordKey(owner) == recordKey(name)
}

// dropSecrets deletes the secrets whose keys begin with prefix, damaged ones
// too.
func dropSecrets(tx store.Tx, prefix string) error {
	var keys []string
	err := tx.ForEach(secretsBucket, prefix, func(key string, value []byte) error {
		clear(value)
		keys = append(keys, key)
		return nil
	})
	var lost *store.DamagedError
	if err != nil && !errors.As(err, &lost) {
		return err
	}
	for _, kind := range []string{clientSecretKind, certificateKind, passwordKind} {
		keys = append(keys, prefix+kind)
	}
	for _, key := range keys {
		if err := tx.Delete(secretsBucket, key); err != nil {
			return err
		}
	}
	return nil
}

// renaming gives names their new ones.
type renaming map[string]string

// newRenaming returns a *BundleError where a name is not in the bundle or the
// new one is none.
func newRenaming(data bundleData, names map[string]string) (renaming, error) {
	r := renaming{}
	for _, was := range slices.Sorted(maps.Keys(names)) {
		known := slices.ContainsFunc(data.Connections, func(p Profile) bool { return recordKey(p.Name) == recordKey(was) }) ||
			slices.ContainsFunc(data.Auths, func(a Auth) bool { return recordKey(a.Name) == recordKey(was) })
		if !known {
			var all []string
			for _, p := range data.Connections {
				all = append(all, p.Name)
			}
			return nil, &BundleError{Problem: fmt.Sprintf("there is no connection %q in the export", was), Cure: "in it are: " + strings.Join(all, ", ")}
		}
		if problem := nameProblem(names[was]); problem != "" {
			return nil, &BundleError{Problem: fmt.Sprintf("the new name %q for %q is none", names[was], was), Cure: problem}
		}
		r[recordKey(was)] = names[was]
	}
	return r, nil
}

// of returns the new name, or name itself.
func (r renaming) of(name string) string {
	if renamed, ok := r[recordKey(name)]; ok {
		return renamed
	}
	return name
}

// TakenError says what of an export is there already. It Is ErrExists and
// mailbox.ErrInvalid.
type TakenError struct {
	// What are the connections, authentication objects and sign-ins, such as
	// `connection "sales"`.
	What []string
}

func (e *TakenError) add(kind, name string) {
	e.What = append(e.What, fmt.Sprintf("%s %q", kind, name))
}

func (e *TakenError) Error() string {
	return "of the export exists already: " + strings.Join(e.What, ", ")
}

// Is reports true for ErrExists and mailbox.ErrInvalid.
func (e *TakenError) Is(target error) bool {
	return target == ErrExists || target == mailbox.ErrInvalid
}

// Hint says what to do.
func (e *TakenError) Hint() string {
	return "give them other names with --rename OLD=NEW, or replace what is there with --replace; nothing has been changed"
}
