package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// alertHook is a program that scripts have alerts delivered to: it adds what it
// reads to a file. It fails where it knows more than it should.
func alertHook() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil || len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: alert-hook FILE", err)
		os.Exit(2)
	}
	for _, pair := range os.Environ() {
		if strings.HasPrefix(pair, "EXCONN_") || strings.HasPrefix(pair, "SECRETS=") {
			fmt.Fprintln(os.Stderr, "the environment holds", pair)
			os.Exit(1)
		}
	}
	file, err := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.Write(text)
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
