'use strict';
// Services signed in as this person or that, and the places that checks work in.

const ews = require('ews-javascript-api');
const { XhrApi } = require('@ewsjs/xhr');
const { settings } = require('./settings');
const { afterwards } = require('./checks');

// Each service has an XhrApi of its own, as the library keeps the stream of a
// hanging request in it.
function service(credentials, url = settings.url) {
  const s = new ews.ExchangeService(ews.ExchangeVersion.Exchange2013_SP1, ews.TimeZoneInfo.FindSystemTimeZoneById('W. Europe Standard Time'));
  s.Url = new ews.Uri(url);
  s.XHRApi = new XhrApi();
  if (credentials) s.Credentials = credentials;
  s.UserAgent = 'exconn-interop';
  return s;
}

const basic = (user, password) => service(new ews.WebCredentials(user, password));
const bearer = (token, url) => service(new ews.OAuthCredentials(token), url);

/** The mailbox that most checks are made in. */
const own = () => basic(settings.user, settings.password);
/** A colleague's. */
const other = () => basic(settings.otherUser, settings.otherPassword);

function ntlm(user, password) {
  const s = service(new ews.WebCredentials('unused', 'unused'));
  s.XHRApi = new XhrApi().useNtlmAuthentication(user, password);
  return s;
}

/** The code of what the server refused with: a response message has it in one place, a fault in another. */
function code(error) {
  return ews.ServiceError[error.ErrorCode || error.ResponseCode || 0];
}

/** Text for the library, which writes it into its XML as it is. */
function xml(text) {
  return text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
}

const html = (text) => new ews.MessageBody(ews.BodyType.HTML, xml(text));

let counter = 0;
/** A name that nothing else has. */
function unique(what) {
  counter++;
  return `${settings.stamp} ${what} ${counter}`;
}

const kinds = { mail: () => ews.Folder, calendar: () => ews.CalendarFolder, contacts: () => ews.ContactsFolder, tasks: () => ews.TasksFolder };

/** Makes a folder of its own for an area; it is deleted when all is done. */
async function place(kind = 'mail', parent = ews.WellKnownFolderName.MsgFolderRoot) {
  const s = own();
  const folder = new (kinds[kind]())(s);
  folder.DisplayName = unique(kind);
  await folder.Save(parent);
  afterwards(() => folder.Delete(ews.DeleteMode.HardDelete));
  return { s, folder };
}

/** Waits for an item of this subject in a well-known folder of a service. */
async function find(s, folder, subject) {
  const view = new ews.ItemView(10);
  const found = await s.FindItems(new ews.FolderId(folder), new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject, subject), view);
  return found.Items[0];
}

module.exports = { ews, service, basic, bearer, ntlm, own, other, code, xml, html, unique, place, find };
