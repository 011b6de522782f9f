package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
)

// SignInDevice does what a person does who was shown a user code: it opens the
// verification page, types the code, signs in, and confirms or, where consent
// is false, cancels. The program that waits for the code hears of either at its
// next poll; a refusal that a page tells is a *PageError. The client is used as
// by SignIn.
func SignInDevice(ctx context.Context, client *http.Client, verificationURI, userCode, account string, password Secret, consent bool) error {
	return SignInDeviceAs(ctx, client, verificationURI, userCode, Person{Account: account, Password: password, Cancels: !consent})
}

// SignInDeviceAs is SignInDevice for a person who does as described.
func SignInDeviceAs(ctx context.Context, client *http.Client, verificationURI, userCode string, who Person) error {
	at, err := url.Parse(verificationURI)
	if err != nil {
		return errors.New("sign in by device code: the verification URI cannot be parsed")
	}
	b := browser{client: *client, home: at, userCode: userCode}
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if b.client.Jar == nil {
		if b.client.Jar, err = cookiejar.New(nil); err != nil {
			return fmt.Errorf("sign in by device code: %w", err)
		}
	}
	if _, err := b.signIn(ctx, who); err != nil {
		return fmt.Errorf("sign in by device code as %s: %w", who.Account, err)
	}
	return nil
}
