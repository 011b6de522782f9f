//go:build race

package ews_test

// veryLarge is less under the race detector, which takes a minute for what takes
// seconds; what may lie in memory is the same.
const veryLarge = 40e6
