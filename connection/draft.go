package connection

// SetProtocol changes the protocol of a draft. What belongs to the former one
// alone, and what followed from it, is cleared, so that the new one's defaults
// take its place.
func (d *Draft) SetProtocol(p Protocol) {
	if d.Profile.Protocol == p {
		return
	}
	d.Profile.Protocol = p
	d.Profile.EWSURL, d.Profile.Resource = "", ""
	d.Profile.SMTPHost, d.Profile.SMTPPort, d.Profile.SMTPSecurity, d.Profile.Sender = "", 0, "", ""
}

// SetCloud changes the cloud of a draft's authentication object. Addresses of
// the former cloud's Exchange Online are cleared, so that the new one's take
// their place; others stay.
func (d *Draft) SetCloud(c Cloud) {
	if d.Auth == nil {
		return
	}
	before := d.Auth.Cloud.hosts()
	d.Auth.Cloud = c
	if d.Profile.EWSURL == before.ewsURL() {
		d.Profile.EWSURL = ""
	}
	if d.Profile.SMTPHost == before.smtp {
		d.Profile.SMTPHost = ""
	}
}
