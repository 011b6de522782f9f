package main

// goal is what a ratio is to be: ours divided by the rival's, so less is
// better.
type goal struct {
	job, rival string
	ratio      float64
	// floor is the worst ratio that passes. Zero means four fifths of the
	// goal, that is ratio/0.8. Where a goal is not reached, the floor is set
	// where it stands.
	floor float64
}

// limit is what passes.
func (g goal) limit() float64 {
	if g.floor > 0 {
		return g.floor
	}
	return g.ratio / 0.8
}

// The rivals.
const (
	libxml2     = "libxml2 SAX"
	expat       = "expat"
	encodingXML = "encoding/xml"
	readAll     = "io.ReadAll"
	exchangelib = "exchangelib"
	curl        = "curl + libxml2"
	ceiling     = "limit"
)

// goals is the one place that says what is to be reached. What is measured
// without a goal is shown for comparison alone.
var goals = []goal{
	{job: "decode FindItem", rival: libxml2, ratio: 1},
	{job: "decode GetItem", rival: libxml2, ratio: 1},
	{job: "decode GetAttachment", rival: libxml2, ratio: 1},

	{job: "list", rival: curl, ratio: 2},
	{job: "get", rival: curl, ratio: 2},
	{job: "sync", rival: curl, ratio: 2},
	{job: "download", rival: curl, ratio: 2},

	{job: "list", rival: exchangelib, ratio: 1. / 60},
	{job: "get", rival: exchangelib, ratio: 1. / 60},
	{job: "sync", rival: exchangelib, ratio: 1. / 60},
	{job: "download", rival: exchangelib, ratio: 1. / 6},
	{job: "upload", rival: exchangelib, ratio: 1. / 8},

	{job: "memory, download of 150 MB", rival: ceiling, ratio: 1},
	{job: "memory, upload of 150 MB", rival: ceiling, ratio: 1},
	{job: "memory, sync of 100,000 items", rival: ceiling, ratio: 1},
	{job: "allocations, FindItem page", rival: ceiling, ratio: 1},

	{job: "start, simulator of 10,000 mailboxes", rival: ceiling, ratio: 1},
	{job: "memory, simulator of 10,000 mailboxes", rival: ceiling, ratio: 1},
	{job: "memory, simulator of 10,000 mailboxes, 500 of them read", rival: ceiling, ratio: 1},
}

func goalFor(job, rival string) (goal, bool) {
	for _, g := range goals {
		if g.job == job && g.rival == rival {
			return g, true
		}
	}
	return goal{}, false
}

// The limits that are not another's time.
const (
	attachmentMemory = 24 // MB
	syncMemory       = 48 // MB
	itemAllocations  = 40
	simulatorMemory  = 2000 // MB
	simulatorStart   = 5    // seconds
)
