// Package timezone knows the two names of a time zone: Exchange's, which is
// Windows's ("W. Europe Standard Time"), and that of everybody else, the IANA
// id ("Europe/Berlin"). The table is that of the Unicode CLDR, version 48.
package timezone

import (
	_ "embed"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // Windows and small containers have no zone files
)

//go:embed windows.txt
var table string

type maps struct {
	iana    map[string]string // lower-case Windows name to the zone that stands for it
	ids     map[string]string // lower-case IANA id as the database writes it
	windows map[string]string // lower-case IANA id to Windows name
	names   []string          // Windows names, sorted
}

var load = sync.OnceValue(func() maps {
	m := maps{iana: map[string]string{}, ids: map[string]string{}, windows: map[string]string{}}
	for line := range strings.Lines(table) {
		name, zones, _ := strings.Cut(strings.TrimSpace(line), "|")
		m.names = append(m.names, name)
		for i, zone := range strings.Fields(zones) {
			if i == 0 {
				m.iana[strings.ToLower(name)] = zone
			}
			m.add(zone, name)
		}
	}
	for modern, old := range renamed {
		name := m.windows[strings.ToLower(old)]
		m.add(modern, name)
		if m.iana[strings.ToLower(name)] == old {
			m.iana[strings.ToLower(name)] = modern
		}
	}
	for _, id := range []string{"UTC", "GMT", "Etc/GMT"} {
		m.add(id, "UTC")
	}
	return m
})

// add makes an IANA id known by a Windows name, unless it is.
func (m maps) add(zone, name string) {
	key := strings.ToLower(zone)
	if _, known := m.windows[key]; !known {
		m.windows[key], m.ids[key] = name, zone
	}
}

// renamed are the zones of which CLDR keeps the old id.
var renamed = map[string]string{
	"Asia/Kolkata": "Asia/Calcutta", "Asia/Kathmandu": "Asia/Katmandu", "Asia/Yangon": "Asia/Rangoon",
	"Asia/Ho_Chi_Minh": "Asia/Saigon", "Europe/Kyiv": "Europe/Kiev", "America/Nuuk": "America/Godthab",
	"America/Argentina/Buenos_Aires": "America/Buenos_Aires", "America/Indiana/Indianapolis": "America/Indianapolis",
	"Atlantic/Faroe": "Atlantic/Faeroe",
}

// Windows returns the Windows name for an IANA id. A Windows name is returned
// as Windows writes it. It is false where neither knows the zone.
func Windows(id string) (string, bool) {
	m := load()
	key := strings.ToLower(strings.TrimSpace(id))
	if name, ok := m.windows[key]; ok {
		return name, true
	}
	if zone, ok := m.iana[key]; ok {
		return m.windows[strings.ToLower(zone)], true
	}
	return "", false
}

// IANA returns the IANA id that stands for a Windows name. An IANA id that the
// time zone database has is returned as the database writes it. It is false
// where neither knows the zone.
func IANA(name string) (string, bool) {
	name = strings.TrimSpace(name)
	if zone, ok := load().iana[strings.ToLower(name)]; ok {
		return zone, true
	}
	if id, ok := load().ids[strings.ToLower(name)]; ok {
		return id, true
	}
	if name == "" || strings.EqualFold(name, "local") {
		return "", false
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc.String(), true
	}
	return "", false
}

// Location loads a zone by either of its names; "" is UTC.
func Location(id string) (*time.Location, error) {
	if id == "" {
		return time.UTC, nil
	}
	if zone, ok := IANA(id); ok {
		return time.LoadLocation(zone)
	}
	return nil, &UnknownError{ID: id}
}

// Names returns every Windows name, sorted.
func Names() []string { return append([]string(nil), load().names...) }

// UnknownError is a time zone that neither Windows nor IANA knows.
type UnknownError struct{ ID string }

func (e *UnknownError) Error() string {
	return "unknown time zone " + e.ID + ": give an IANA id such as Europe/Berlin, or a Windows name such as W. Europe Standard Time"
}
