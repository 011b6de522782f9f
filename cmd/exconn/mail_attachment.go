package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

// savedFile is an attachment that was saved.
type savedFile struct {
	mailbox.Attachment
	File string `json:"file"`
}

func (s system) mailAttachment(c *cli.Context) error {
	if !c.IsSet("attachment-id") {
		if err := need(c, "id"); err != nil {
			return err
		}
	}
	out := c.String("out")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return usagef("give --out DIR that can be written", "--out %s: %v", out, err)
	}
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()

	wanted := []mailbox.Attachment{{ID: c.String("attachment-id"), Size: -1}}
	if !c.IsSet("attachment-id") {
		message, err := box.Message(c.Context, c.String("id"))
		if err != nil {
			return err
		}
		wanted = message.Attachments
	}
	var saved []savedFile
	for _, a := range wanted {
		watch, wiped := s.progress(a.Name, a.Size)
		file, err := save(c.Context, box, a, watch, out)
		wiped()
		if err != nil {
			if len(saved) == 0 {
				return err
			}
			err = &partlyError{fmt.Errorf("%d of %d attachments saved, then %s: %w", len(saved), len(wanted), a.Name, err)}
			return errors.Join(s.printSaved(c, saved), err)
		}
		saved = append(saved, file)
	}
	return s.printSaved(c, saved)
}

func (s system) printSaved(c *cli.Context, saved []savedFile) error {
	return rows(s.printer(c), saved, []string{"file", "type", "bytes"}, func(f savedFile) []any {
		return []any{plain(f.File), plain(f.ContentType), f.Size}
	})
}

// save streams an attachment into a file of its name. It is written under
// another name first, so that a file that is there is complete.
func save(ctx context.Context, box mailbox.Reader, wanted mailbox.Attachment, watch mailbox.Progress, dir string) (savedFile, error) {
	part, err := os.CreateTemp(dir, ".exconn-*.part")
	if err != nil {
		return savedFile{}, err
	}
	defer os.Remove(part.Name()) //nolint:errcheck // it is gone where all went well
	a, err := box.Attachment(ctx, wanted.ID, watch.Writer(part, wanted.Size))
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return savedFile{}, err
	}
	if info, err := os.Stat(part.Name()); err == nil {
		a.Size = info.Size()
	}
	name, err := place(part.Name(), dir, fileName(a))
	return savedFile{Attachment: a, File: name}, err
}

// place gives the file its name, or "name (2)" where that is taken: nothing is
// overwritten.
func place(part, dir, name string) (string, error) {
	extension := filepath.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	for n := 1; ; n++ {
		path := filepath.Join(dir, name)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s (%d)%s", stem, n, extension))
		}
		claim, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := claim.Close(); err != nil {
			return "", err
		}
		if err := os.Rename(part, path); err != nil {
			// The claim alone would be taken for an empty file.
			return "", errors.Join(err, os.Remove(path))
		}
		return path, nil
	}
}

// device matches what Windows keeps for itself, whatever the extension.
var device = regexp.MustCompile(`(?i)^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(\.|$)`)

// fileName makes a sender's name for an attachment safe as a file name: no
// folders, no control characters, nothing that a shell or Windows reads by
// itself when it comes to lie in the wrong folder.
func fileName(a mailbox.Attachment) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, plain(a.Name))
	name = strings.TrimLeft(strings.TrimRight(name, ". "), " ")
	if strings.HasPrefix(name, ".") || device.MatchString(name) {
		name = "_" + name
	}
	if a.Item && filepath.Ext(name) != ".eml" {
		name += ".eml"
	}
	if strings.Trim(name, "._") == "" {
		name = "attachment"
	}
	if runes := []rune(name); len(runes) > 150 {
		extension := []rune(filepath.Ext(name))
		if len(extension) > 20 {
			extension = nil
		}
		name = string(runes[:150-len(extension)]) + string(extension)
	}
	return name
}
