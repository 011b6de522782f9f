package mailbox

import "io"

// Progress is told how far the content of one file has got: done of total
// bytes, both of the file itself and not of what it takes on the wire. A total
// below zero is not known. done goes back to zero where the content has to be
// sent again, and it is told of after each piece, which may be every few
// kilobytes, in the goroutine that moves the content: a Progress is to be quick.
type Progress func(done, total int64)

// WithProgress returns the upload with its content watched. A nil p changes
// nothing. What is told is what the transport has taken, which may be a little
// more than what the server has got.
func (u Upload) WithProgress(p Progress) Upload {
	if p == nil || u.Open == nil {
		return u
	}
	open := u.Open
	u.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		p(0, u.Size)
		return &watchedContent{ReadCloser: r, p: p, total: u.Size}, nil
	}
	return u
}

type watchedContent struct {
	io.ReadCloser
	p           Progress
	done, total int64
}

func (c *watchedContent) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	if n > 0 {
		c.done += int64(n)
		c.p(c.done, c.total)
	}
	return n, err
}

// Writer returns w with what is written to it watched, for Reader.Attachment
// and Reader.MIME. total is in bytes, and negative where it is not known. A nil
// p changes nothing.
func (p Progress) Writer(w io.Writer, total int64) io.Writer {
	if p == nil {
		return w
	}
	return &watchedWriter{w: w, p: p, total: total}
}

type watchedWriter struct {
	w           io.Writer
	p           Progress
	done, total int64
}

func (w *watchedWriter) Write(b []byte) (int, error) {
	n, err := w.w.Write(b)
	w.done += int64(n)
	w.p(w.done, w.total)
	return n, err
}
