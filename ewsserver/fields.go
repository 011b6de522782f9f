package ewsserver

import (
	"reflect"
	"strings"
	"sync"

	"github.com/exconn/exconn/wsdl"
)

// path is a property as a request names it.
type path struct {
	// uri is "item:Subject" and the like; for an indexed property the list's
	// and the index; for an extended one extendedPrefix and its identity.
	uri string
	// field is the name of the element, and of the struct's field; "" for a
	// property that this package's items do not have.
	field string
	// header is the name of an Internet message header, where one is meant.
	header string
	// extended is set for an extended property.
	extended *wsdl.ExtendedFieldURI
	// entry is set for an entry of a contact's dictionaries.
	entry *entry
	// member is the key of one member of a list, where one is meant.
	member string
}

// readPath reads a property out of a request. A FieldURI that Exchange's
// schema does not list fails the request.
func readPath(field *wsdl.FieldURI, indexed *wsdl.IndexedFieldURI, extended *wsdl.ExtendedFieldURI) (path, error) {
	switch {
	case field != nil:
		return fieldPath(wsdl.Str(field.FieldURI))
	case indexed != nil:
		return indexedPath(wsdl.Str(indexed.FieldURI), wsdl.Str(indexed.FieldIndex))
	case extended != nil:
		key, ok := extendedKey(extended)
		if !ok {
			return path{}, invalid("an ExtendedFieldURI does not identify a property.")
		}
		return path{uri: extendedPrefix + key, extended: extended}, nil
	}
	return path{}, invalid("a property is not named.")
}

func fieldPath(uri string) (path, error) {
	prefix, name, _ := strings.Cut(uri, ":")
	switch {
	case fieldNames[prefix][name]:
		return path{uri: uri, field: name}, nil
	case otherFields[uri], otherPrefixes[prefix] && name != "":
		return path{uri: uri}, nil
	}
	return path{}, invalid("the FieldURI %q is not known.", clip(uri))
}

func indexedPath(uri, index string) (path, error) {
	switch {
	case uri == "item:InternetMessageHeader" && index != "":
		return path{uri: uri + "/" + index, header: index}, nil
	case entryPath(uri, index) != nil:
		return path{uri: uri + "/" + index, entry: entryPath(uri, index)}, nil
	case uri == "distributionlist:Members:Member" && index != "":
		return path{uri: uri + "/" + index, member: index}, nil
	case strings.HasPrefix(uri, "distributionlist:"):
		return path{uri: uri + "/" + index}, nil
	}
	return path{}, invalid("the IndexedFieldURI %q is not known.", clip(uri))
}

// clip keeps a client's text short enough for an answer.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// fieldNames holds, by prefix, the names that the schema has
// (UnindexedFieldURIType) and items here have too. Most names are those of
// the elements: a prefix stands for the type that adds the element.
var fieldNames = map[string]map[string]bool{
	"item":    names[wsdl.ItemType](nil, "ExtendedProperty"),
	"message": names[wsdl.MessageType](reflect.TypeFor[wsdl.ItemType]()),
	"calendar": names[wsdl.CalendarItemType](reflect.TypeFor[wsdl.ItemType](),
		"IsResponseRequested", "StartTimeZoneId", "EndTimeZoneId", "EndWallClock").
		with("IsResponseRequested", "StartTimeZoneId", "EndTimeZoneId", "EndWallClock"),
	"meeting": names[wsdl.MeetingMessageType](reflect.TypeFor[wsdl.MessageType](),
		"UID", "RecurrenceId", "DateTimeStamp", "IsOrganizer").
		with("ProposedStart", "ProposedEnd"),
	"meetingRequest":   {"MeetingRequestType": true, "IntendedFreeBusyStatus": true},
	"contacts":         names[wsdl.ContactItemType](reflect.TypeFor[wsdl.ItemType]()),
	"task":             names[wsdl.TaskType](reflect.TypeFor[wsdl.ItemType]()),
	"distributionlist": {"Members": true},
	"folder":           names[wsdl.FolderType](nil, "ExtendedProperty"),
}

// otherFields are in the schema and have no place in our items: they may be
// asked for and are never there.
var otherFields = set(
	"folder:SearchParameters", "folder:ManagedFolderInformation", "folder:PermissionSet",
	"folder:SharingEffectiveRights", "folder:PolicyTag", "folder:ArchiveTag", "folder:ReplicaList",
	"item:ResponseObjects", "item:EntityExtractionResult", "item:PolicyTag", "item:ArchiveTag",
	"item:RetentionDate", "item:PredictedActionReasons", "item:IsClutter", "item:RightsManagementLicenseData",
	"item:BlockStatus", "item:HasBlockedImages", "item:IconIndex", "item:MimeContentUTF8", "item:Mentions",
	"item:MentionedMe", "item:MentionsPreview", "item:MentionsEx", "item:Hashtags", "item:AppliedHashtags",
	"item:AppliedHashtagsPreview", "item:Likes", "item:LikesPreview", "item:PendingSocialActivityTagIds",
	"item:AtAllMention", "item:CanDelete", "item:InferenceClassification", "item:FirstBody",
	"message:ApprovalRequestData", "message:VotingInformation", "message:ReminderMessageData",
	"message:PublishedCalendarItemIcs", "message:PublishedCalendarItemName", "message:MessageSafety",
	"meeting:DoNotForwardMeeting", "meetingRequest:ChangeHighlights",
	"calendar:EnhancedLocation", "calendar:ConflictingMeetings", "calendar:AdjacentMeetings",
	"calendar:InboxReminders", "calendar:JoinOnlineMeetingUrl", "calendar:OnlineMeetingSettings",
	"calendar:CalendarActivityData", "calendar:DoNotForwardMeeting",
	"contacts:DirectoryId", "contacts:DirectReports", "contacts:AbchEmailAddresses", "contacts:ManagerMailbox",
	"contacts:MSExchangeCertificate", "contacts:Photo", "contacts:UserSMIMECertificate", "contacts:AccountName",
	"contacts:IsAutoUpdateDisabled", "contacts:IsMessengerEnabled", "contacts:Comment", "contacts:ContactShortId",
	"contacts:ContactType", "contacts:CreatedBy", "contacts:Gender", "contacts:IsHidden", "contacts:ObjectId",
	"contacts:PassportId", "contacts:IsPrivate", "contacts:SourceId", "contacts:TrustLevel", "contacts:Urls", "contacts:Cid",
	"contacts:SkypeAuthCertificate", "contacts:SkypeContext", "contacts:SkypeId", "contacts:XboxLiveTag",
	"contacts:SkypeRelationship", "contacts:YomiNickname", "contacts:InviteFree", "contacts:HidePresenceAndProfile",
	"contacts:IsPendingOutbound", "contacts:SupportGroupFeeds", "contacts:UserTileHash", "contacts:UnifiedInbox", "contacts:Mris",
	"contacts:Wlid", "contacts:AbchContactId", "contacts:NotInBirthdayCalendar", "contacts:ShellContactType", "contacts:ImMri",
	"contacts:PresenceTrustLevel", "contacts:OtherMri", "contacts:ProfileLastChanged", "contacts:MobileIMEnabled",
	"contacts:PartnerNetworkProfilePhotoUrl", "contacts:PartnerNetworkThumbnailPhotoUrl", "contacts:PersonId",
	"contacts:ConversationGuid",
)

// otherPrefixes are those of kinds of items that travel as wsdl.ItemType here.
var otherPrefixes = set("postitem", "conversation", "persona",
	"sharingMessage", "network", "person", "insight", "abchperson", "booking", "rolemember")

type nameSet map[string]bool

func set(names ...string) nameSet {
	s := nameSet{}
	for _, n := range names {
		s[n] = true
	}
	return s
}

func (s nameSet) with(names ...string) map[string]bool {
	for _, n := range names {
		s[n] = true
	}
	return s
}

// names lists the fields of T that base lacks, but for those left out.
func names[T any](base reflect.Type, without ...string) nameSet {
	t, left := reflect.TypeFor[T](), set(without...)
	s := nameSet{}
	for f := range t.Fields() {
		if base != nil {
			if _, inherited := base.FieldByName(f.Name); inherited {
				continue
			}
		}
		if !left[f.Name] {
			s[f.Name] = true
		}
	}
	return s
}

// fieldIndexes remembers where each type has its fields.
var fieldIndexes sync.Map // reflect.Type to map[string]int

func indexOf(t reflect.Type, field string) (int, bool) {
	known, ok := fieldIndexes.Load(t)
	if !ok {
		m := make(map[string]int, t.NumField())
		for i := range t.NumField() {
			m[t.Field(i).Name] = i
		}
		known, _ = fieldIndexes.LoadOrStore(t, m)
	}
	i, ok := known.(map[string]int)[field]
	return i, ok
}

// slot returns the field of an item or a folder, which is a pointer to a
// struct; it is false where that kind has no such field.
func slot(object any, field string) (reflect.Value, bool) {
	v := reflect.ValueOf(object)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return reflect.Value{}, false
	}
	v = v.Elem()
	i, ok := indexOf(v.Type(), field)
	if !ok {
		return reflect.Value{}, false
	}
	return v.Field(i), true
}

// get returns what an object has in a field, as T; the zero T where it has no
// such field, or nothing in it.
func get[T any](object any, field string) T {
	var zero T
	v, ok := slot(object, field)
	if !ok {
		return zero
	}
	if t, ok := v.Interface().(T); ok {
		return t
	}
	return zero
}

// put sets a field, where the object has it and in this type.
func put[T any](object any, field string, value T) {
	if v, ok := slot(object, field); ok && v.Type() == reflect.TypeFor[T]() {
		v.Set(reflect.ValueOf(value))
	}
}

func absent(v any) bool {
	if v == nil {
		return true
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return rv.IsNil()
	}
	return false
}

// clone copies an item deeply, so that the backend's own stays as it is. File
// content is shared: nobody writes into it.
func clone[T any](v T) T {
	return deepCopy(reflect.ValueOf(&v).Elem()).Interface().(T)
}

func deepCopy(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		out := reflect.New(v.Type()).Elem()
		out.Set(deepCopy(v.Elem()))
		return out
	case reflect.Pointer:
		if v.IsNil() || v.Type() == contentType {
			return v
		}
		out := reflect.New(v.Type().Elem())
		out.Elem().Set(deepCopy(v.Elem()))
		return out
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			out.Index(i).Set(deepCopy(v.Index(i)))
		}
		return out
	case reflect.Struct:
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if out.Field(i).CanSet() {
				out.Field(i).Set(deepCopy(v.Field(i)))
			}
		}
		return out
	}
	return v
}
