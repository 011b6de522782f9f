package ewsserver

// ability returns the session as a T: one of the interfaces for operations
// that not every backend has. Where the session is none, the operation ends in
// a fault, as one does that a server's version lacks.
func ability[T any](c *call) (T, error) {
	able, ok := c.session.(T)
	if !ok {
		e := Errorf(ErrorInvalidOperation, "This server does not offer the operation %s.", c.operation)
		e.Fault = true
		return able, e
	}
	return able, nil
}
