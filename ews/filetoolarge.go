package ews

import (
	"errors"
	"fmt"
	"strings"

	"github.com/exconn/exconn/mailbox"
	"github.com/exconn/exconn/soap"
	"github.com/exconn/exconn/wsdl"
)

// FileTooLargeError is a file that does not fit into one request, in which
// Exchange takes it, or that the server refuses for its size. It Is
// mailbox.ErrInvalid.
type FileTooLargeError struct {
	// Name is the attachment's name, or "" for a message given as MIME.
	Name string
	// Size is that of the file in bytes; negative means unknown.
	Size int64
	// Request is what the request with the file in it would have, in bytes; 0
	// where it is not known.
	Request int64
	// Limit is the bound of a request in bytes: this client's
	// (Options.MaxRequest), or 0 where the server refused, which does not tell
	// its own.
	Limit int64
	// Err is the error that told it, or nil where nothing was sent.
	Err error
}

func (e *FileTooLargeError) Error() string {
	what := "the message"
	if e.Name != "" {
		what = fmt.Sprintf("the file %q", clip(e.Name, 150))
	}
	if e.Size >= 0 {
		what += fmt.Sprintf(" of %d bytes", e.Size)
	}
	switch {
	case e.Limit <= 0:
		what += " is too large for the server"
	case e.Request > 0:
		what += fmt.Sprintf(" makes a request of %d bytes, and the limit is %d", e.Request, e.Limit)
	default:
		what += fmt.Sprintf(" makes a request of more than %d bytes, which is the limit", e.Limit)
	}
	if e.Err != nil && e.Limit <= 0 {
		what += ": " + e.Err.Error()
	}
	return what
}

// Unwrap returns the cause.
func (e *FileTooLargeError) Unwrap() error { return e.Err }

// Is reports true for mailbox.ErrInvalid.
func (e *FileTooLargeError) Is(target error) bool { return target == mailbox.ErrInvalid }

// Hint says what is possible, and what an Exchange admin can do.
func (e *FileTooLargeError) Hint() string {
	const (
		admin = "On an Exchange Server the admin can raise its limit: maxAllowedContentLength and maxReceivedMessageSize, in bytes, in the web.config files of EWS ({0} and {1} under the installation path); Exchange Online's is fixed"
		front = `FrontEnd\HttpProxy\ews`
		back  = `ClientAccess\exchweb\ews`
	)
	raise := strings.NewReplacer("{0}", front, "{1}", back).Replace(admin)
	if e.Limit <= 0 {
		return "send a smaller file, or a link to it. " + raise
	}
	most := max(0, (e.Limit-overhead)/4*3)
	return fmt.Sprintf("send a file of at most %d bytes (%.1f MiB), or a link to it. %s; then raise this client's limit of a request too: exconn connection edit --max-request-mb", most, float64(most)/(1<<20), raise)
}

const (
	// overhead is what a request has besides the file, in bytes, for hints.
	overhead = 4 << 10
	// idRoom is how long the id and the change key of an item may be that is
	// yet to be created, in bytes. Ids have 512 at most ([MS-OXWSCDATA]
	// 2.2.4.31), and those of Exchange less than 200.
	idRoom = 1 << 10
)

// checkSize refuses a file that does not fit into one request, before anything
// is sent. A nil parent is one that is yet to be created. Of a file of unknown
// size it knows nothing.
func (m *Mailbox) checkSize(parent *wsdl.ItemIdType, u mailbox.Upload) error {
	const operation = "CreateAttachment"
	if parent == nil {
		parent = itemID(strings.Repeat("A", idRoom), "")
	}
	size, err := m.client.soap.RequestSize(&soap.Call{
		Operation: operation,
		Header:    m.client.headers(m, m.client.schema()),
		Request:   createAttachment(parent, fileAttachment(u)),
	})
	if err != nil {
		return m.wrap(operation, err)
	}
	if limit := m.client.soap.MaxRequest(); size > limit {
		return &Error{
			Operation: operation, Mailbox: m.address, Access: m.access, kind: mailbox.ErrInvalid,
			Err: &FileTooLargeError{Name: u.Name, Size: u.Size, Request: size, Limit: limit},
		}
	}
	return nil
}

// fileTooLarge adds name and size of a file to an error of the call that sent
// it, where that is about its size.
func fileTooLarge(err error, name string, size int64) error {
	var (
		e      *Error
		ours   *soap.TooLargeError
		status *soap.HTTPError
	)
	if !errors.As(err, &e) {
		return err
	}
	large := &FileTooLargeError{Name: name, Size: size}
	switch {
	case errors.As(err, &ours) && ours.What == "request":
		large.Request, large.Limit, large.Err = ours.Size, ours.Limit, e.Err
	case errors.As(err, &status) && status.TooLarge():
		large.Err = status
	case e.ResponseCode == "ErrorMessageSizeExceeded", e.ResponseCode == "ErrorAttachmentSizeLimitExceeded":
		// Its code says it, and its hint, but not which file.
		told := *e
		told.Text = strings.TrimSuffix(fmt.Sprintf("the file %q of %d bytes: %s", clip(name, 150), size, e.Text), ": ")
		return &told
	default:
		return err
	}
	told := *e
	told.Err, told.kind = large, mailbox.ErrInvalid
	return &told
}
