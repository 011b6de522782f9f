package main

import "iter"

// list writes what arrives page by page: as lines of JSON while it arrives, or
// all as a table.
func list[T any](p printer, seq iter.Seq2[T, error], header []string, row func(T) []any) error {
	var all []T
	for one, err := range seq {
		if err != nil {
			return err
		}
		if !p.json {
			all = append(all, one)
			continue
		}
		if err := p.object(one, nil); err != nil {
			return err
		}
	}
	if p.json {
		return nil
	}
	return rows(p, all, header, row)
}
