package kerberos

import (
	"fmt"
	"slices"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/keytab"
	"github.com/go-krb5/krb5/types"
)

// loadKeytab reads a keytab file, and lets cfg ask for those kinds of key alone
// that it has for the user.
func loadKeytab(path, user, realm string, cfg *config.Config) (*keytab.Keytab, error) {
	const hint = "make it anew, on a domain controller with ktpass (/princ %[1]s@%[2]s /mapuser %[1]s /crypto AES256-SHA1 /ptype KRB5_NT_PRINCIPAL /pass * /out FILE), elsewhere with ktutil"
	advice := fmt.Sprintf(hint, user, realm)
	text, err := readFile(path)
	if err != nil {
		return nil, fileError("the keytab", path, err, "give the path of a keytab file that this user can read")
	}
	keys := keytab.New()
	if err := guarded(func() error { return keys.Unmarshal(text) }); err != nil {
		return nil, fileError("the keytab", path, err, advice)
	}
	name := types.NewPrincipalName(0, user)
	kinds := slices.DeleteFunc(slices.Clone(cfg.LibDefaults.DefaultTktEnctypeIDs), func(kind int32) bool {
		_, _, err := keys.GetEncryptionKey(name, realm, 0, kind)
		return err != nil
	})
	if len(kinds) == 0 {
		return nil, &Error{
			Problem: fmt.Sprintf("the keytab %s has no key for %s@%s of a kind that is allowed", path, user, realm),
			kind:    invalid, hint: "see with klist -ke what it has; " + advice,
		}
	}
	cfg.LibDefaults.DefaultTktEnctypeIDs = kinds
	return keys, nil
}

// guarded runs a parser of the module, which reaches beyond its input where a
// file is cut short.
func guarded(parse func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("it is cut short or damaged (%v)", r)
		}
	}()
	return parse()
}
