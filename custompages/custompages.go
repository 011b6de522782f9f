// Package custompages holds the pages that people see, as files which a CRM
// may restyle or translate. It holds no logic: whoever serves the pages is
// given them as an fs.FS.
//
// oauth/callback.html, callback.js and callback.css are for the CRM's own web
// server, at {CRM address}/custompages/oauth/. The page there receives the
// answer of a sign-in in its address's fragment and hands it over to the
// program that waits on the same machine. It redeems nothing and keeps
// nothing.
//
// oauth/result.html (a html/template) and result.js, with the same stylesheet,
// are for that program's listener, which tells the outcome.
//
// To restyle, replace callback.css. All words are in the two .html files, none
// in the scripts, so that a translation replaces those two alone.
package custompages

import (
	"embed"
	"io/fs"
)

//go:embed oauth
var files embed.FS

// OAuth returns the sign-in pages, at the root of the file system.
func OAuth() fs.FS {
	sub, err := fs.Sub(files, "oauth")
	if err != nil {
		// The folder is embedded above; its name is valid.
		return files
	}
	return sub
}
