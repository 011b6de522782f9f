package entra

import "slices"

// Cloud is one of Microsoft's clouds, each with Exchange Online, Graph and
// sign-in servers of its own under names of their own.
type Cloud string

// The clouds.
const (
	Global  Cloud = "global" // the worldwide one; empty means it too
	GCCHigh Cloud = "gcc-high"
	DoD     Cloud = "dod"
	China   Cloud = "china" // operated by 21Vianet
)

// Clouds returns the clouds.
func Clouds() []Cloud { return []Cloud{Global, GCCHigh, DoD, China} }

// cloudNames are the names in a cloud (Microsoft's list of endpoints of Office
// 365, and Entra's page on national clouds).
type cloudNames struct {
	login    string
	instance string // as the discovery document calls it
	exchange []string
	graph    string
}

var namesOfClouds = map[Cloud]cloudNames{
	Global:  {"login.microsoftonline.com", "microsoftonline.com", []string{"https://outlook.office365.com", "https://outlook.office.com"}, graphURI},
	GCCHigh: {"login.microsoftonline.us", "microsoftonline.us", []string{"https://outlook.office365.us"}, "https://graph.microsoft.us"},
	DoD:     {"login.microsoftonline.us", "microsoftonline.us", []string{"https://outlook-dod.office365.us"}, "https://dod-graph.microsoft.us"},
	China:   {"login.partner.microsoftonline.cn", "partner.microsoftonline.cn", []string{"https://partner.outlook.cn"}, "https://microsoftgraph.chinacloudapi.cn"},
}

func (c Cloud) names() cloudNames {
	if n, ok := namesOfClouds[c]; ok {
		return n
	}
	return namesOfClouds[Global]
}

// Exchange are the identifiers of Exchange Online, the usual one first.
func (c Cloud) Exchange() []string { return slices.Clone(c.names().exchange) }

// Graph is Graph's identifier.
func (c Cloud) Graph() string { return c.names().graph }

// Login is the address of the sign-in server, for Options.Issuers.
func (c Cloud) Login() string { return "https://" + c.names().login }

func (c Cloud) instance() string { return c.names().instance }
