package canary

import "encoding/json"

// Tokens returns the tokens in a token cache as MSAL lays it out, by value with
// their kinds: an object for each kind ("AccessToken", "RefreshToken",
// "IdToken", …), with a field "secret" somewhere in each entry.
func Tokens(blob []byte) map[string]string {
	var v any
	if json.Unmarshal(blob, &v) != nil {
		return nil
	}
	tokens := map[string]string{}
	gather(v, "", tokens)
	return tokens
}

func gather(v any, kind string, tokens map[string]string) {
	object, _ := v.(map[string]any)
	for name, inner := range object {
		if secret, ok := inner.(string); ok && name == "secret" && secret != "" {
			tokens[secret] = kind
			continue
		}
		within := kind
		switch name {
		case "AccessToken", "RefreshToken", "IdToken":
			within = name
		}
		gather(inner, within, tokens)
	}
}
