package alert

import (
	"context"
	"log/slog"
)

// Log delivers events to a log: Info for a Recovery and a Test, Warn for the
// rest.
type Log struct{ Logger *slog.Logger }

// Deliver implements Target. It does not fail.
func (l *Log) Deliver(ctx context.Context, e Event) error {
	level := slog.LevelWarn
	if e.Kind == Recovery || e.Kind == Test {
		level = slog.LevelInfo
	}
	attrs := []slog.Attr{slog.String("event", string(e.Kind))}
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, oneLine(value)))
		}
	}
	add("auth", e.Auth)
	add("user", e.User)
	add("old_state", e.OldState)
	add("new_state", e.NewState)
	add("code", e.Code)
	if e.Expires != nil {
		attrs = append(attrs, slog.String("what", e.Expires.What), slog.Time("expires", e.Expires.At))
	}
	l.Logger.LogAttrs(ctx, level, e.Text(), attrs...)
	return nil
}

// ID implements Target.
func (l *Log) ID() string { return "log" }

func (l *Log) String() string { return "the log" }

var _ Target = (*Log)(nil)
