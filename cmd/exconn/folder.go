package main

import (
	"github.com/urfave/cli/v2"

	"github.com/exconn/exconn/mailbox"
)

func (s system) folder() *cli.Command {
	return &cli.Command{
		Name:  "folder",
		Usage: "folders of a mailbox",
		Subcommands: []*cli.Command{
			{Name: "list", Usage: "list every folder with its counts", Flags: remote(), Action: s.folderList},
		},
	}
}

func (s system) folderList(c *cli.Context) error {
	box, err := s.open(c)
	if err != nil {
		return err
	}
	defer box.close()
	folders, err := box.Folders(c.Context)
	if err != nil {
		return err
	}
	return rows(s.printer(c), folders, []string{"path", "class", "total", "unread"}, func(f mailbox.Folder) []any {
		return []any{plain(f.Path), f.Class, f.Total, f.Unread}
	})
}
