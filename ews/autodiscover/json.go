package autodiscover

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/exconn/exconn/soap"
)

// jsonPath comes before the address. Exchange Online answers there, and
// Exchange Server since 2016 CU3 (observed; Microsoft documents Autodiscover
// version 2 for Outlook alone).
const jsonPath = "/autodiscover/autodiscover.json/v1.0/"

type jsonResponse struct {
	Protocol     string
	URL          string `json:"Url"`
	ErrorCode    string
	ErrorMessage string
}

// jsonQuestion asks for the EWS URL alone, which needs no credentials.
func jsonQuestion(u *url.URL) question {
	u.RawQuery = "Protocol=EWS"
	header := http.Header{}
	header.Set("Accept", "application/json")
	return question{way: JSON, method: http.MethodGet, url: u, header: header, read: parseJSON}
}

// parseJSON reads an answer of Autodiscover version 2.
func parseJSON(r io.Reader, limit int64) (answer, error) {
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return answer{}, &AnswerError{What: "the answer cannot be read", Err: err}
	}
	if int64(len(text)) > limit {
		return answer{}, &AnswerError{What: "the answer cannot be read", Err: &soap.TooLargeError{What: "answer", Limit: limit}}
	}
	var response jsonResponse
	if json.Unmarshal(text, &response) != nil {
		// The decoder's error could quote the answer.
		return answer{}, &AnswerError{What: "the answer is no JSON object of Autodiscover's"}
	}
	switch {
	case response.ErrorCode != "":
		return answer{}, &ServerError{Code: response.ErrorCode, Text: response.ErrorMessage}
	case response.URL == "" || response.Protocol != "" && !strings.EqualFold(response.Protocol, "EWS"):
		return answer{}, errNoURL
	}
	return answer{settings: &Settings{ExternalEWSURL: response.URL}}, nil
}
