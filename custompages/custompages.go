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
// are for that program's listener, which tells the outcome. oauth/invite.html
// and invite.js likewise are for whom a user is invited to sign in by.
//
// # Restyling
//
// Replace callback.css: it is all of the look, of all pages, light and dark.
// Its first lines name the colours; often they are enough.
//
// # Languages
//
// The pages are written in English. A file words.{language}.js adds one more,
// such as words.de.js for German or words.pt-br.js for that of Brazil, and
// nothing else has to be changed: put it beside the pages on the CRM's web
// server, where the callback page loads it, and into this folder, where the
// listener reads it. Both go by the browser's languages, in their order: the
// exact one, then that without its region, until one is English or has a file.
// Where a server has no such file, its 404 is what the page expects.
//
// Such a file is a script, because older web servers give out no .json, and its
// whole content is one assignment of JSON behind comment lines:
//
//	globalThis.words = {"lang": "de", "dir": "ltr", "words": {…}, "causes": {…}, "cures": {…}, "texts": {…}};
//
// words are those that data-words and data-words-label name in callback.html,
// and word and parts in result.html and invite.html; a {placeholder} must be
// kept. causes and cures say what an error means and what to do, as clauses
// without a full stop, by one or more codes with spaces between; "unreachable"
// is the cause where the server did not answer, "again" the cure of signing in
// again. texts are those that have no code, by the English ones. What is missing
// is shown in English.
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
