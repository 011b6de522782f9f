package simulator

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/exconn/exconn/ewsserver"
	"github.com/exconn/exconn/wsdl"
)

var _ ewsserver.ItemExporter = (*session)(nil)

// Export implements ewsserver.ItemExporter.
func (s *session) Export(_ context.Context, ref ewsserver.ItemRef) (*wsdl.ItemIdType, []byte, error) {
	s.st.mu.RLock()
	defer s.st.mu.RUnlock()
	t, err := s.find(ref)
	if err != nil {
		return nil, nil, err
	}
	if t.instance != nil {
		return nil, nil, ewsserver.Errorf(ewsserver.ErrorInvalidRequest, "An occurrence is no item of its own: export the series.")
	}
	data, err := writeStream(t.item)
	if err != nil {
		return nil, nil, fmt.Errorf("exporting an item: %w", err)
	}
	return t.id(), data, nil
}

// Upload implements ewsserver.ItemExporter. There are no hidden items here.
func (s *session) Upload(_ context.Context, u ewsserver.Upload) (*wsdl.ItemIdType, error) {
	s.st.mu.Lock()
	defer s.st.mu.Unlock()
	f, err := s.writable(u.Folder)
	if err != nil {
		var e *ewsserver.Error
		if errors.As(err, &e) && e.Code == ewsserver.ErrorFolderNotFound {
			return nil, fail(ewsserver.ErrorParentFolderNotFound)
		}
		return nil, err
	}
	if u.Associated {
		return nil, ewsserver.Errorf(ewsserver.ErrorInvalidRequest, "The simulator keeps no hidden items of folders.")
	}
	it, err := s.st.readStream(u.Data)
	if err != nil {
		return nil, fail(ewsserver.ErrorCorruptData)
	}
	if u.Action != wsdl.CreateActionNameCreateNew {
		old, err := s.uploadOver(u, f)
		switch {
		case err != nil:
			return nil, err
		case old != nil:
			return s.st.overwrite(old, it)
		}
	}
	return s.st.add(f, it).id(), nil
}

// uploadOver finds the item to update; nil where a new one is to be made.
func (s *session) uploadOver(u ewsserver.Upload, f *folder) (*item, error) {
	t, err := s.findToChange(u.Item)
	var e *ewsserver.Error
	if err == nil && (t.folder != f || t.instance != nil) {
		err = fail(ewsserver.ErrorItemNotFound)
	}
	switch {
	case err == nil && u.Item.ChangeKey != "" && u.Item.ChangeKey != t.key:
		return nil, fail(ewsserver.ErrorIrresolvableConflict)
	case err == nil:
		return t.item, nil
	case u.Action == wsdl.CreateActionNameUpdateOrCreate && errors.As(err, &e) && e.Code == ewsserver.ErrorItemNotFound:
		return nil, nil
	}
	return nil, err
}

// overwrite makes an item what an exported one was.
func (st *state) overwrite(old, it *item) (*wsdl.ItemIdType, error) {
	if reflect.TypeOf(old.value) != reflect.TypeOf(it.value) {
		return nil, fail(ewsserver.ErrorObjectTypeChanged)
	}
	old.files, old.cal = it.files, it.cal
	st.change(old, it.value, wsdl.Updated)
	return old.id(), nil
}
