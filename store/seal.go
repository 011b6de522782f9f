package store

import (
	"encoding/binary"
	"fmt"
)

// A sealed record is
//
//	format (1 byte) | key id (8) | nonce (12) | ciphertext | tag (16)
//
// sealed by AES-256-GCM with a random nonce. Its place (bucket and key), its
// format and its key id are associated data, so that a record that was moved
// to another place, or given another key id, does not open.
const (
	sealFormat = 1
	sealHeader = 1 + len(keyID{})
)

func seal(k *recordKey, bucket, key string, value []byte) []byte {
	out := make([]byte, sealHeader, sealHeader+len(value)+k.aead.Overhead())
	out[0] = sealFormat
	copy(out[1:], k.id[:])
	// The AEAD makes the nonce and puts it first.
	return k.aead.Seal(out, nil, value, associatedData(k.id, bucket, key))
}

// unseal returns the value. Its errors say why not, without bucket and key:
// *unknownKeyError where the record names a key that is not among keys.
func unseal(keys Keys, bucket, key string, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHeader {
		return nil, fmt.Errorf("it has %d bytes, fewer than any sealed record", len(sealed))
	}
	if sealed[0] != sealFormat {
		return nil, fmt.Errorf("unknown format %d: damaged, or written by a newer exconn", sealed[0])
	}
	id := keyID(sealed[1:sealHeader])
	k := keys.find(id)
	if k == nil {
		return nil, &unknownKeyError{id: id}
	}
	value, err := k.aead.Open(nil, nil, sealed[sealHeader:], associatedData(id, bucket, key))
	if err != nil {
		return nil, fmt.Errorf("it fails authentication: damaged, or not written for this place")
	}
	return value, nil
}

type unknownKeyError struct{ id keyID }

func (e *unknownKeyError) Error() string { return "it names the unknown key " + e.id.String() }

// associatedData is unambiguous: everything but the last part has a known
// length.
func associatedData(id keyID, bucket, key string) []byte {
	ad := make([]byte, 0, sealHeader+binary.MaxVarintLen64+len(bucket)+len(key))
	ad = append(ad, sealFormat)
	ad = append(ad, id[:]...)
	ad = binary.AppendUvarint(ad, uint64(len(bucket)))
	ad = append(ad, bucket...)
	return append(ad, key...)
}
