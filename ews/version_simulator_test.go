package ews_test

import (
	"testing"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/simulator"
	"github.com/exconn/exconn/wsdl"
)

func TestAnExchange2010IsMetHalfWay(t *testing.T) {
	x := newExchangeWith(t, func(o *simulator.Options) {
		o.ServerVersion = ewsserver.Version{Major: 14, Minor: 3, Build: 513, Schema: wsdl.ServerVersionExchange2010_SP2}
	})
	anna := x.of("anna@contoso.example")
	folders, err := anna.Folders(t.Context())
	if err != nil || len(folders) == 0 {
		t.Fatalf("%d folders, %v", len(folders), err)
	}
	if v, ok := anna.Client().Server(); !ok || v.Release() != "Exchange 2010 SP2" {
		t.Errorf("the server is %v", v)
	}
}
