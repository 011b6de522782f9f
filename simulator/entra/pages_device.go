package entra

import "net/http"

// userCodePage asks for the code that the program shows.
func (s *Server) userCodePage(c *call, typed string, e *Error) {
	c.show(http.StatusOK, "usercode.html", "Enter the code", func(fr frame) any {
		return struct {
			frame
			Action, Code string
			Problem      *problem
		}{fr, "/" + c.realm.name + "/oauth2/deviceauth", typed, c.problem(e)}
	})
}

// deviceConfirmPage asks whether it is the user's own program that waits: a
// stranger may have sent the code (RFC 8628 section 5.4).
func (s *Server) deviceConfirmPage(c *call, id string, f flow, u User) {
	c.show(http.StatusOK, "deviceconfirm.html", "Is this yours?", func(fr frame) any {
		return struct {
			frame
			Form         form
			App, Account string
		}{fr, c.form("/consent", id, f), f.req.app.Name, u.UPN}
	})
}

func (s *Server) deviceDonePage(c *call, g deviceGrant) {
	c.show(http.StatusOK, "devicedone.html", "Done here", func(fr frame) any {
		return struct {
			frame
			App      string
			Declined bool
		}{fr, g.req.app.Name, g.state == deviceDeclined}
	})
}
