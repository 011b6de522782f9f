package connection

// command returns what to type next: a subcommand of "exconn connection" for a
// connection, with what follows. One place, so that hints and the command line
// stay in step.
func command(action, name, rest string) string {
	s := "exconn connection " + action + " --name " + name
	if rest != "" {
		s += " " + rest
	}
	return s
}
