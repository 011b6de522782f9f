package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/custompages"
)

func (s system) custompages() *cli.Command {
	return &cli.Command{
		Name:  "custompages",
		Usage: "the pages that the CRM's web server shows",
		Subcommands: []*cli.Command{
			{Name: "export", Usage: "write the pages into a folder for the CRM's web server", Action: s.custompagesExport, Flags: local(
				&cli.StringFlag{Name: "out", Usage: "the `DIR` to write to: custompages/oauth of the CRM's installation"},
				&cli.BoolFlag{Name: "force", Usage: "overwrite pages that are there"},
			)},
		},
	}
}

// exportedPage is a file that was written.
type exportedPage struct {
	File string `json:"file"`
}

func (s system) custompagesExport(c *cli.Context) error {
	if err := need(c, "out"); err != nil {
		return err
	}
	out := c.String("out")
	pages := custompages.OAuth()
	var files []string
	err := fs.WalkDir(pages, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if !c.Bool("force") { // look before anything is written, so that nothing is done by halves
		for _, file := range files {
			if _, err := os.Stat(filepath.Join(out, filepath.FromSlash(file))); err == nil {
				return usagef("give --force to overwrite it; a stylesheet of your own is lost then", "%s is there already", filepath.Join(out, file))
			}
		}
	}
	var written []exportedPage
	for _, file := range files {
		content, err := fs.ReadFile(pages, file)
		if err != nil {
			return err
		}
		path := filepath.Join(out, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return usagef("give an --out that can be written", "--out: %v", err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return usagef("give an --out that can be written", "--out: %v", err)
		}
		written = append(written, exportedPage{File: path})
	}
	s.say("Serve this folder as https://SERVER/INSTALL/custompages/oauth/, all in lower case, and register …/callback.html as the redirect URI.")
	if s.printer(c).json {
		return rows(s.printer(c), written, nil, nil)
	}
	for _, page := range written {
		if _, err := fmt.Fprintln(io.Writer(s.out), page.File); err != nil {
			return err
		}
	}
	return nil
}
