package main

import (
	"os"

	"github.com/exconn/exconn/store/keysource"
)

// takeSecrets removes the variables that hold secrets from the environment of
// this process, so that no browser or other program that it starts inherits
// them, and returns what still knows them. What the system itself shows of a
// process's first environment (/proc/PID/environ, to its own user alone) is out
// of reach; a key source other than env leaves nothing there.
func takeSecrets() (getenv func(string) string) {
	taken := map[string]string{}
	for _, name := range []string{keysource.EnvName, certificatePasswordEnv} {
		if value, ok := os.LookupEnv(name); ok {
			taken[name] = value
			// It fails for impossible names alone.
			_ = os.Unsetenv(name)
		}
	}
	return func(name string) string {
		if value, ok := taken[name]; ok {
			return value
		}
		return os.Getenv(name)
	}
}
