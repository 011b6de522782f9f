package ewsserver

import (
	"slices"

	"github.com/exconn/exconn/wsdl"
)

// speaks refuses a request for a newer schema than this server's version has
// ([MS-OXWSCDATA] 2.2.5.24, ErrorInvalidServerVersion).
func (v Version) speaks(asked *wsdl.RequestServerVersion) error {
	newest := slices.Index(serverVersions, v.Schema)
	if asked == nil || asked.Version == nil || newest < 0 || slices.Index(serverVersions, *asked.Version) <= newest {
		return nil
	}
	e := Errorf(ErrorInvalidServerVersion, "The server speaks no newer schema than %s.", v.Schema)
	e.Fault = true
	return e
}
