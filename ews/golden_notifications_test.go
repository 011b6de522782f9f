package ews_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/exconn/exconn/ews"
	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/wsdl"
)

func TestGoldenNotificationRequests(t *testing.T) {
	subscribed := func(w http.ResponseWriter, _ *http.Request, operation string) {
		switch operation {
		case "Subscribe":
			respond(w, http.StatusOK, success(operation, `<m:SubscriptionId>c3Vi</m:SubscriptionId><m:Watermark>AQAAAA==</m:Watermark>`))
		case "GetStreamingEvents":
			respond(w, http.StatusOK, success(operation, `<m:ConnectionStatus>OK</m:ConnectionStatus>`))
		case "GetEvents", "Unsubscribe":
			respond(w, http.StatusOK, success(operation, ""))
		default:
			respond(w, http.StatusOK, canned(operation))
		}
	}
	runGolden(t, []goldenCase{
		{name: "subscribe-pull", answer: subscribed, do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SubscribePull(ctx, ews.Subscribe{})
			return err
		})},
		{name: "subscribe-pull-all", answer: subscribed, do: inMailbox(ews.Shared, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SubscribePull(ctx, ews.Subscribe{
				Folders: []mailbox.FolderRef{mailbox.Inbox, "Posteingang/Projects"}, Minutes: 1440, Watermark: "AQAAAA==",
				Events: []wsdl.EventKind{wsdl.FreeBusyChangedEvent, wsdl.NewMailEvent},
			})
			return err
		})},
		{name: "subscribe-streaming", answer: subscribed, do: inMailbox(ews.Impersonate, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.SubscribeStreaming(ctx, ews.Subscribe{Folders: []mailbox.FolderRef{mailbox.Calendar}})
			return err
		})},
		{name: "unsubscribe", answer: subscribed, do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			return m.Unsubscribe(ctx, "c3Vi")
		})},
		{name: "get-events", answer: subscribed, do: inMailbox(ews.Own, func(ctx context.Context, m *ews.Mailbox) error {
			_, err := m.GetEvents(ctx, ews.Subscription{ID: "c3Vi", Watermark: "AQAAAA=="})
			return err
		})},
		{name: "stream", answer: subscribed, do: func(ctx context.Context, c *ews.Client) error {
			mailboxes := []*ews.Mailbox{c.Mailbox("anna@contoso.example", ews.Impersonate), c.Mailbox("ben@contoso.example", ews.Impersonate)}
			for _, err := range c.Stream(ctx, mailboxes, &ews.StreamOptions{Minutes: 17}) {
				return err
			}
			return nil
		}},
	})
}
