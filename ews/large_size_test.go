//go:build !race

package ews_test

// veryLarge is how long the file is, in bytes, that has to go both ways.
const veryLarge = 150e6
