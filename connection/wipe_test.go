package connection

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/exconn/exconn/oauth"
)

// Wipe reaches every secret that there is, also those that are added later.
func TestWipe(t *testing.T) {
	var s Secrets
	fields := reflect.ValueOf(&s).Elem()
	var kept []oauth.Secret
	for i := range fields.NumField() {
		secret := oauth.Secret("secret")
		kept = append(kept, secret)
		fields.Field(i).Set(reflect.ValueOf(secret))
	}
	s.Wipe()
	for i, secret := range kept {
		if !bytes.Equal(secret, make([]byte, len(secret))) || !fields.Field(i).IsNil() {
			t.Errorf("%s is not wiped", fields.Type().Field(i).Name)
		}
	}
}
