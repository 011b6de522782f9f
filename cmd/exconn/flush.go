package main

import (
	"context"
	"time"

	"github.com/exconn/exconn/connection"
)

const (
	// flushTime is how long a command that is done waits for alerts that are on
	// their way: enough for the attempts of a delivery that fails at once.
	flushTime = 45 * time.Second
	// flushSoon is how long one that was told to end waits.
	flushSoon = 5 * time.Second
)

// openBooks are the books that a command has opened.
type openBooks struct{ list []*connection.Book }

func (o *openBooks) add(b *connection.Book) {
	if o != nil {
		o.list = append(o.list, b)
	}
}

// flush waits for alerts that are on their way. What cannot be delivered in time
// is in the log.
func (o *openBooks) flush(ctx context.Context) {
	wait := flushTime
	if ctx.Err() != nil {
		wait = flushSoon
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	for _, b := range o.list {
		_ = b.Flush(ctx) // what is lost is in the log
	}
}
