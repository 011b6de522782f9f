package entra

import "time"

// sweepEvery is how many additions lie between two sweeps.
const sweepEvery = 256

// expiring is a map whose entries vanish in time, so that a server which runs
// for weeks does not grow. The zero value is ready; the Server's mutex guards it.
type expiring[V any] struct {
	entries map[string]entry[V]
	added   int
}

type entry[V any] struct {
	value   V
	forgets time.Time
}

// put adds or replaces an entry, which is forgotten at the time given.
func (m *expiring[V]) put(key string, v V, now, forgets time.Time) {
	if m.entries == nil {
		m.entries = make(map[string]entry[V])
	}
	if m.added++; m.added%sweepEvery == 0 {
		for k, e := range m.entries {
			if !now.Before(e.forgets) {
				delete(m.entries, k)
			}
		}
	}
	m.entries[key] = entry[V]{v, forgets}
}

func (m *expiring[V]) get(key string, now time.Time) (V, bool) {
	e, ok := m.entries[key]
	if !ok || !now.Before(e.forgets) {
		var zero V
		return zero, false
	}
	return e.value, true
}

// change stores a new value for a key that exists, and keeps its time.
func (m *expiring[V]) change(key string, v V) {
	if e, ok := m.entries[key]; ok {
		e.value = v
		m.entries[key] = e
	}
}

func (m *expiring[V]) remove(key string) { delete(m.entries, key) }
