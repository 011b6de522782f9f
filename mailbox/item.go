package mailbox

import "time"

// Sensitivity is who an item is meant for; the zero value means normal. What is
// not normal is not for a CRM's other users to read.
type Sensitivity string

// The values of Sensitivity.
const (
	SensitivityNormal Sensitivity = "normal"
	Personal          Sensitivity = "personal"
	Private           Sensitivity = "private"
	Confidential      Sensitivity = "confidential"
)

// FlagStatus is whether an item is marked for follow-up.
type FlagStatus string

// The values of FlagStatus.
const (
	NotFlagged   FlagStatus = "none"
	Flagged      FlagStatus = "flagged"
	FlagComplete FlagStatus = "complete"
)

// Flag is a mark for follow-up.
type Flag struct {
	Status FlagStatus `json:"status"`
	// Start and Due go together, and with Flagged alone.
	Start *time.Time `json:"start,omitempty"`
	Due   *time.Time `json:"due,omitempty"`
	// Completed goes with FlagComplete alone.
	Completed *time.Time `json:"completed,omitempty"`
}
