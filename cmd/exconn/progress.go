package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/exconn/exconn/mailbox"
)

// shownFrom is how large a file is, in bytes, whose way is worth showing.
const shownFrom = 256 << 10

// progress shows how far a file has got, by a bar that is wiped away in the
// end. Only a terminal's stderr has it: scripts and logs would get noise. It is
// nil where nothing is to be shown; the second function wipes the bar of a file
// that got stuck, or turned out shorter than announced.
func (s system) progress(name string, size int64) (mailbox.Progress, func()) {
	to, ok := s.err.(*os.File)
	if !ok || !term.IsTerminal(int(to.Fd())) || size >= 0 && size < shownFrom {
		return nil, func() {}
	}
	return bar(to, name, size)
}

func bar(to io.Writer, name string, size int64) (mailbox.Progress, func()) {
	b := progressbar.NewOptions64(max(size, -1),
		progressbar.OptionSetWriter(to),
		progressbar.OptionSetDescription(short(name, 40)),
		progressbar.OptionShowBytes(true),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
		// No goroutine that turns a spinner: what stands still shows so.
		progressbar.OptionSetSpinnerChangeInterval(0),
		progressbar.OptionClearOnFinish(),
	)
	return func(done, _ int64) {
			// Its errors are those of a terminal that has gone, and of a file that
			// has grown beyond its size: neither is a reason to fail.
			_ = b.Set64(done)
		}, func() {
			_ = b.Exit()
			_ = b.Clear()
		}
}

// shown returns the uploads with their progress shown. The function ends that.
func (s system) shown(uploads []mailbox.Upload) ([]mailbox.Upload, func()) {
	var ends []func()
	list := make([]mailbox.Upload, len(uploads))
	for i, u := range uploads {
		p, end := s.progress(u.Name, u.Size)
		list[i] = u.WithProgress(p)
		ends = append(ends, end)
	}
	return list, func() {
		for _, end := range ends {
			end()
		}
	}
}
