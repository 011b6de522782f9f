package alert

import (
	"context"
	"log/slog"
)

// Write writes an event to a log: Info for a Recovery and a Test, Warn for the
// rest.
func Write(ctx context.Context, log *slog.Logger, e Event) {
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
	log.LogAttrs(ctx, level, e.Text(), attrs...)
}
