package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/simulator"
)

// limitFlags set the limits of an Exchange admin, and what takes its time.
// Without them there are Exchange's page sizes and subscription limits alone.
func limitFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "max-concurrency", Usage: "an account may have `N` requests in work at once (Exchange: 27)"},
		&cli.IntFlag{Name: "max-subscriptions", Usage: "a mailbox may have `N` subscriptions (Exchange Server: 5000, Online: 20)"},
		&cli.IntFlag{Name: "max-page", Usage: "FindItem answers with at most `N` items (Exchange: 1000)"},
		&cli.IntFlag{Name: "max-filtered-page", Usage: "and with at most `N` where it filters (Exchange: 250)"},
		&cli.Int64Flag{Name: "max-message-size", Usage: "a message to be sent may have `BYTES` (Exchange: 36 MB)"},
		&cli.IntFlag{Name: "max-recipients", Usage: "a message may be for `N` people (Exchange: 500)"},
		&cli.DurationFlag{Name: "sync-state-lifetime", Usage: "sync states are good for `DURATION`"},
		&cli.DurationFlag{Name: "retention", Usage: "deleted items are recoverable for `DURATION` (Exchange: 336h)"},
		&cli.DurationFlag{Name: "delivery-delay", Usage: "messages arrive within `DURATION` of being sent"},
		&cli.DurationFlag{Name: "sent-delay", Usage: "copies are in Sent Items within `DURATION`; until then a draft stays, submitted"},
		&cli.BoolFlag{Name: "resend", Usage: "a submitted draft can be sent again"},
		&cli.StringSliceFlag{Name: "allow-agent", Usage: "EWS is open for user agents like `PATTERN` alone, with stars; may be repeated"},
		&cli.StringSliceFlag{Name: "block-agent", Usage: "EWS is closed to user agents like `PATTERN`; may be repeated"},
	}
}

// readLimits puts the flags into the options.
func readLimits(c *cli.Context, opts *simulator.Options) error {
	for _, flag := range []string{"max-concurrency", "max-subscriptions", "max-page", "max-filtered-page", "max-recipients"} {
		if n := c.Int(flag); n < 0 {
			return usagef("give a number from 1, or leave it out", "--%s %d is negative", flag, n)
		}
	}
	if n := c.Int64("max-message-size"); n < 0 {
		return usagef("give a number from 1, or leave it out", "--max-message-size %d is negative", n)
	}
	for _, flag := range []string{"sync-state-lifetime", "retention", "delivery-delay", "sent-delay"} {
		if d := c.Duration(flag); d < 0 || d > 10*365*24*time.Hour {
			return usagef("give up to ten years, such as 90s or 336h", "--%s %s is out of range", flag, d)
		}
	}
	opts.Limits = simulator.Limits{
		Concurrency: c.Int("max-concurrency"), Subscriptions: c.Int("max-subscriptions"),
		Page: c.Int("max-page"), FilteredPage: c.Int("max-filtered-page"),
		MessageSize: c.Int64("max-message-size"), Recipients: c.Int("max-recipients"),
		SyncStates: c.Duration("sync-state-lifetime"), Retention: c.Duration("retention"),
		AllowedAgents: c.StringSlice("allow-agent"), BlockedAgents: c.StringSlice("block-agent"),
	}
	opts.Delays = simulator.Delays{Delivery: c.Duration("delivery-delay"), SentItems: c.Duration("sent-delay"), Resend: c.Bool("resend")}
	if len(opts.Limits.AllowedAgents) == 0 {
		opts.Limits.AllowedAgents = nil
	}
	return nil
}
