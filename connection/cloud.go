package connection

import (
	"slices"

	"github.com/exconn/exconn/oauth"
)

// Cloud is one of Microsoft's clouds. Each has its own sign-in servers,
// addresses and resources; a tenant is in one of them.
type Cloud string

// The clouds.
const (
	// Global is the worldwide cloud, GCC included. It is what an empty Cloud
	// means.
	Global  Cloud = "global"
	GCCHigh Cloud = "gcc-high" // Office 365 GCC High, for US government
	DoD     Cloud = "dod"      // Office 365 DoD
	China   Cloud = "china"    // Office 365 operated by 21Vianet
)

// Clouds returns the clouds.
func Clouds() []Cloud { return []Cloud{Global, GCCHigh, DoD, China} }

// cloudHosts are the names under which a cloud is reached.
type cloudHosts struct {
	login    string // of the authorities
	exchange string // of EWS; with https its resource
	graph    string
	// smtp takes mail on port 587. smtpResource is what a person's token to
	// send is asked for; an application's is for exchange.
	smtp, smtpResource string
}

var clouds = map[Cloud]cloudHosts{
	Global: {
		login: oauth.GlobalLogin, exchange: "outlook.office365.com", graph: "graph.microsoft.com",
		smtp: "smtp.office365.com", smtpResource: "outlook.office.com",
	},
	GCCHigh: {
		login: "login.microsoftonline.us", exchange: "outlook.office365.us", graph: "graph.microsoft.us",
		smtp: "smtp.office365.us", smtpResource: "outlook.office365.us",
	},
	DoD: {
		login: "login.microsoftonline.us", exchange: "outlook-dod.office365.us", graph: "dod-graph.microsoft.us",
		smtp: "outlook-dod.office365.us", smtpResource: "outlook-dod.office365.us",
	},
	China: {
		login: "login.partner.microsoftonline.cn", exchange: "partner.outlook.cn", graph: "microsoftgraph.chinacloudapi.cn",
		smtp: "smtp.partner.outlook.cn", smtpResource: "partner.outlook.cn",
	},
}

// orGlobal returns Global where no cloud is named.
func (c Cloud) orGlobal() Cloud {
	if c == "" {
		return Global
	}
	return c
}

// hosts returns the names of a cloud; of the worldwide one where it is unknown,
// which validation refuses.
func (c Cloud) hosts() cloudHosts {
	if h, ok := clouds[c]; ok {
		return h
	}
	return clouds[Global]
}

// ewsURL is the EWS endpoint of the cloud's Exchange Online.
func (h cloudHosts) ewsURL() string { return "https://" + h.exchange + "/EWS/Exchange.asmx" }

// exchangeAudiences are the resources whose tokens the cloud's Exchange Online
// takes; the first is that of EWS.
func (h cloudHosts) exchangeAudiences() []string {
	return slices.Compact([]string{"https://" + h.exchange, "https://" + h.smtpResource, oauth.ExchangeOnlineAppID})
}

// cloudOfHost returns the cloud whose Exchange Online a host is, or "".
func cloudOfHost(host string) Cloud {
	for _, c := range Clouds() {
		if h := c.hosts(); lower(host) == h.exchange || lower(host) == h.smtpResource {
			return c
		}
	}
	return ""
}
