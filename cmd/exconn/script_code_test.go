package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/exconn/exconn/simulator/entra"
)

var userCode = regexp.MustCompile(`^  ([A-Z0-9]{6,12})$`)

// byCode signs in by device code: it reads the address and the code from the
// command, and types it in a browser on another machine.
func (r *scriptRun) byCode(ts *testscript.TestScript, args []string) {
	if len(args) < 3 || !slices.Contains([]string{"accept", "decline", "nobody", "late"}, args[2]) {
		ts.Fatalf("usage: bycode N ACCOUNT accept|decline|nobody|late [FLAG...]")
	}
	line := append([]string{"exconn", "connection", "sign-in"}, args[3:]...)
	page := ""
	r.converse(ts, args[0], line, func(said string) (string, error) {
		if at := signInPage.FindStringSubmatch(said); at != nil {
			page = at[1]
		}
		code := userCode.FindStringSubmatch(said)
		switch {
		case code == nil || args[2] == "nobody":
			return "", nil
		case args[2] == "late": // the server's clock goes on
			r.ahead.Add(int64(20 * time.Minute))
			return "", nil
		}
		return "", r.typeCode(page, code[1], args[1], args[2] == "accept")
	})
}

// typeCode is what the person does. A refusal that the page tells is for the
// command to hear of.
func (r *scriptRun) typeCode(page, code, account string, consent bool) error {
	password, err := os.ReadFile(filepath.Join(r.secrets, account))
	if err != nil {
		return err
	}
	client := r.sim.HTTPClient()
	defer client.CloseIdleConnections()
	ctx, cancel := contextOfScript()
	defer cancel()
	err = entra.SignInDevice(ctx, client, page, code, account, entra.Secret(strings.TrimSuffix(string(password), "\n")), consent)
	if err != nil && strings.Contains(err.Error(), "the sign-in page says") {
		return nil
	}
	return err
}
