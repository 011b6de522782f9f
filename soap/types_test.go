package soap

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The types below have the shapes that the schema generator gives: pointers
// to named scalars, slices of pointers, XMLName with a namespace.

type (
	testID     string
	testText   string
	testFlag   bool
	testNumber int32
	testLarge  int64
	testRatio  float64
	testWhole  uint16
)

type testFindItem struct {
	XMLName xml.Name  `xml:"http://schemas.microsoft.com/exchange/services/2006/messages FindItem"`
	Shape   *testText `xml:"Shape,omitempty"`
}

type testFindItemResponse struct {
	XMLName          xml.Name              `xml:"http://schemas.microsoft.com/exchange/services/2006/messages FindItemResponse"`
	ResponseMessages *testResponseMessages `xml:"ResponseMessages,omitempty" json:"ResponseMessages,omitempty"`
}

type testResponseMessages struct {
	FindItemResponseMessage []*testFindItemMessage `xml:"FindItemResponseMessage,omitempty"`
}

type testFindItemMessage struct {
	ResponseClass *testText       `xml:"ResponseClass,attr,omitempty"`
	MessageText   *testText       `xml:"MessageText,omitempty"`
	ResponseCode  *testText       `xml:"ResponseCode,omitempty"`
	RootFolder    *testRootFolder `xml:"RootFolder,omitempty"`
}

type testRootFolder struct {
	XMLName                 xml.Name    `xml:"http://schemas.microsoft.com/exchange/services/2006/messages RootFolder"`
	TotalItemsInView        *testNumber `xml:"TotalItemsInView,attr,omitempty"`
	IncludesLastItemInRange *testFlag   `xml:"IncludesLastItemInRange,attr,omitempty"`
	Items                   *testItems  `xml:"Items,omitempty"`
}

// testItems keeps document order, for this decoder and for encoding/xml.
type testItems struct{ Items []any }

func (l *testItems) DecodeChild(name xml.Name) any {
	switch name.Local {
	case "Message":
		v := &testMessage{}
		l.Items = append(l.Items, v)
		return v
	case "MeetingRequest":
		v := &testMeetingRequest{}
		l.Items = append(l.Items, v)
		return v
	}
	return nil
}

func (l *testItems) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	return UnmarshalMixed(d, l)
}

type testMessage struct {
	MimeContent      *testMime               `xml:"MimeContent,omitempty"`
	ItemId           *testItemID             `xml:"ItemId,omitempty"`
	Subject          *testText               `xml:"Subject,omitempty"`
	Body             *testBody               `xml:"Body,omitempty"`
	Attachments      *testAttachments        `xml:"Attachments,omitempty"`
	DateTimeReceived *testText               `xml:"DateTimeReceived,omitempty"`
	Size             *testNumber             `xml:"Size,omitempty"`
	HasAttachments   *testFlag               `xml:"HasAttachments,omitempty"`
	From             *testRecipient          `xml:"From,omitempty"`
	IsRead           *testFlag               `xml:"IsRead,omitempty"`
	ExtendedProperty []*testExtendedProperty `xml:"ExtendedProperty,omitempty"`
}

type testMeetingRequest struct {
	ItemId  *testItemID `xml:"ItemId,omitempty"`
	Subject *testText   `xml:"Subject,omitempty"`
	Size    *testLarge  `xml:"Size,omitempty"`
	IsRead  *testFlag   `xml:"IsRead,omitempty"`
}

type testItemID struct {
	XMLName   xml.Name `xml:"http://schemas.microsoft.com/exchange/services/2006/types ItemId"`
	Id        *testID  `xml:"Id,attr,omitempty"`
	ChangeKey *testID  `xml:"ChangeKey,attr,omitempty"`
}

type testBody struct {
	XMLName     xml.Name  `xml:"http://schemas.microsoft.com/exchange/services/2006/types Body"`
	Value       *testText `xml:",chardata"`
	BodyType    *testText `xml:"BodyType,attr,omitempty"`
	IsTruncated *testFlag `xml:"IsTruncated,attr,omitempty"`
}

type testMime struct {
	CharacterSet *testText `xml:"CharacterSet,attr,omitempty"`
	Value        string    `xml:",chardata"`
}

type testAttachments struct {
	FileAttachment []*testFileAttachment `xml:"FileAttachment,omitempty"`
}

type testFileAttachment struct {
	AttachmentId struct {
		Id string `xml:"Id,attr"`
	} `xml:"AttachmentId"`
	Name      *testText  `xml:"Name,omitempty"`
	ContentId *testText  `xml:"ContentId,omitempty"`
	Size      *testWhole `xml:"Size,omitempty"`
	IsInline  bool       `xml:"IsInline"`
}

type testRecipient struct {
	Mailbox *testMailbox `xml:"Mailbox,omitempty"`
}

type testMailbox struct {
	Name         *testText `xml:"Name,omitempty"`
	EmailAddress *testText `xml:"EmailAddress,omitempty"`
}

type testExtendedProperty struct {
	ExtendedFieldURI *testAny  `xml:"ExtendedFieldURI"`
	Value            *testText `xml:"Value"`
}

type testAny struct {
	InnerXML string `xml:",innerxml"`
}

type testGetItemResponse struct {
	XMLName          xml.Name `xml:"http://schemas.microsoft.com/exchange/services/2006/messages GetItemResponse"`
	ResponseMessages struct {
		GetItemResponseMessage []testGetItemMessage `xml:"GetItemResponseMessage"`
	} `xml:"ResponseMessages"`
}

type testGetItemMessage struct {
	ResponseClass string     `xml:"ResponseClass,attr"`
	MessageText   string     `xml:"MessageText"`
	ResponseCode  string     `xml:"ResponseCode"`
	MessageXml    *testAny   `xml:"MessageXml"`
	Items         *testItems `xml:"Items"`
	Rest          []testAny  `xml:",any"`
}

// testEnvelope lets encoding/xml, and Unmarshal, read an envelope whole.
type testEnvelope struct {
	Header *testAny `xml:"Header"`
	Body   struct {
		FindItemResponse *testFindItemResponse `xml:"FindItemResponse"`
		GetItemResponse  *testGetItemResponse  `xml:"GetItemResponse"`
	} `xml:"Body"`
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
