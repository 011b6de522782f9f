'use strict';
const { assert, check, refused } = require('./checks');
const { settings } = require('./settings');
const { ews, code, xml, html, unique, place } = require('./server');

const { ConflictResolutionMode, DeleteMode } = ews;

module.exports = async function messages() {
  const { s, folder } = await place();

  const draft = async (fill = () => {}) => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('draft');
    m.Body = html('<p>Grüße, “quotes” &amp; 漢字</p>');
    fill(m);
    await m.Save(folder.Id);
    return m;
  };

  await check('a draft is created and read back', async () => {
    const m = await draft((m) => {
      m.ToRecipients.Add('Ben', settings.otherUser);
      m.CcRecipients.Add('somebody@adatum.example');
      m.Importance = ews.Importance.High;
      m.Sensitivity = ews.Sensitivity.Private;
      m.Categories.Add('Blue category');
      m.Categories.Add('Käse');
      m.IsReadReceiptRequested = true;
      m.InReplyTo = xml('<earlier@adatum.example>');
    });
    const back = await ews.EmailMessage.Bind(s, m.Id);
    assert.equal(back.Subject, m.Subject);
    assert.match(back.Body.Text, /Grüße, “quotes” &amp; 漢字/);
    assert.equal(back.Body.BodyType, ews.BodyType.HTML);
    assert.equal(back.ToRecipients.Count, 1);
    assert.equal(back.ToRecipients._getItem(0).Address, settings.otherUser);
    assert.equal(back.CcRecipients._getItem(0).Address, 'somebody@adatum.example');
    assert.equal(back.Importance, ews.Importance.High);
    assert.equal(back.Sensitivity, ews.Sensitivity.Private);
    assert.deepEqual(back.Categories.GetEnumerator(), ['Blue category', 'Käse']);
    assert.equal(back.IsDraft, true);
    assert.equal(back.IsReadReceiptRequested, true);
    assert.equal(back.InReplyTo, '<earlier@adatum.example>');
    assert.equal(back.HasAttachments, false);
    assert.ok(back.Size > 0);
    assert.equal(back.ItemClass, 'IPM.Note');
  });

  await check('the text of an HTML body', async () => {
    const m = await draft();
    const set = new ews.PropertySet(ews.BasePropertySet.FirstClassProperties);
    set.RequestedBodyType = ews.BodyType.Text;
    const back = await ews.EmailMessage.Bind(s, m.Id, set);
    assert.equal(back.Body.BodyType, ews.BodyType.Text);
    assert.match(back.Body.Text, /Grüße, “quotes” & 漢字/);
    assert.doesNotMatch(back.Body.Text, /<p>/);
  });

  await check('a plain body with lines stays as it is', async () => {
    const text = 'first line\r\nsecond <line> & more\r\n\r\nlast';
    const m = await draft((m) => {
      m.Body = new ews.MessageBody(ews.BodyType.Text, xml(text));
    });
    const set = new ews.PropertySet(ews.BasePropertySet.FirstClassProperties);
    set.RequestedBodyType = ews.BodyType.Text;
    const back = await ews.EmailMessage.Bind(s, m.Id, set);
    assert.equal(back.Body.Text.replace(/\r?\n/g, '\n').trimEnd(), text.replace(/\r\n/g, '\n'));
  });

  await check('a message is changed, and its change key with it', async () => {
    const m = await draft();
    const before = m.Id.ChangeKey;
    m.Subject = unique('changed');
    m.Importance = ews.Importance.Low;
    m.ToRecipients.Add(settings.otherUser);
    await m.Update(ConflictResolutionMode.AlwaysOverwrite);
    assert.notEqual(m.Id.ChangeKey, before);
    const back = await ews.EmailMessage.Bind(s, m.Id);
    assert.equal(back.Subject, m.Subject);
    assert.equal(back.Importance, ews.Importance.Low);
    assert.equal(back.ToRecipients.Count, 1);
  });

  await check('a property is deleted', async () => {
    const m = await draft((m) => m.Categories.Add('once'));
    m.Categories.Clear();
    await m.Update(ConflictResolutionMode.AlwaysOverwrite);
    assert.equal((await ews.EmailMessage.Bind(s, m.Id)).Categories.Count, 0);
  });

  await check('an old change key is a conflict', async () => {
    const m = await draft();
    const [a, b] = [await ews.EmailMessage.Bind(s, m.Id), await ews.EmailMessage.Bind(s, m.Id)];
    a.Subject = unique('first');
    await a.Update(ConflictResolutionMode.NeverOverwrite);
    b.Subject = unique('second');
    const error = await refused(b.Update(ConflictResolutionMode.NeverOverwrite));
    assert.equal(code(error), 'ErrorIrresolvableConflict');
  });

  await check('read and unread', async () => {
    const m = await draft();
    m.IsRead = false;
    await m.Update(ConflictResolutionMode.AlwaysOverwrite);
    assert.equal((await ews.EmailMessage.Bind(s, m.Id)).IsRead, false);
    const before = (await ews.Folder.Bind(s, folder.Id)).UnreadCount;
    await folder.MarkAllItemsAsRead(true);
    assert.ok(before >= 1);
    assert.equal((await ews.Folder.Bind(s, folder.Id)).UnreadCount, 0);
  });

  await check('a follow-up flag', async () => {
    const m = await draft();
    const flag = new ews.Flag();
    flag.FlagStatus = ews.ItemFlagStatus.Flagged;
    flag.StartDate = new ews.DateTime(2027, 1, 10);
    flag.DueDate = new ews.DateTime(2027, 1, 12);
    m.Flag = flag;
    await m.Update(ConflictResolutionMode.AlwaysOverwrite);
    const back = await ews.EmailMessage.Bind(s, m.Id, new ews.PropertySet(ews.BasePropertySet.IdOnly, ews.ItemSchema.Flag));
    assert.equal(back.Flag.FlagStatus, ews.ItemFlagStatus.Flagged);
    assert.ok(back.Flag.DueDate.TotalMilliSeconds > back.Flag.StartDate.TotalMilliSeconds);
  });

  await check('a message moves and gets another id', async () => {
    const m = await draft();
    const to = new ews.Folder(s);
    to.DisplayName = unique('target');
    await to.Save(folder.Id);
    const moved = await m.Move(to.Id);
    const back = await ews.EmailMessage.Bind(s, moved.Id);
    assert.equal(back.ParentFolderId.UniqueId, to.Id.UniqueId);
    assert.equal(back.Subject, m.Subject);
    const error = await refused(ews.EmailMessage.Bind(s, m.Id));
    assert.equal(code(error), 'ErrorItemNotFound');
  });

  await check('a copy is another item with the same content', async () => {
    const m = await draft();
    const copy = await m.Copy(folder.Id);
    assert.notEqual(copy.Id.UniqueId, m.Id.UniqueId);
    assert.equal((await ews.EmailMessage.Bind(s, copy.Id)).Subject, m.Subject);
    await ews.EmailMessage.Bind(s, m.Id);
  });

  await check('batches: five created, loaded, moved and deleted in one call each', async () => {
    const list = [];
    for (let i = 0; i < 5; i++) {
      const m = new ews.EmailMessage(s);
      m.Subject = unique('batch');
      list.push(m);
    }
    const made = await s.CreateItems(list, folder.Id, ews.MessageDisposition.SaveOnly, null);
    assert.equal(made.OverallResult, ews.ServiceResult.Success);
    const ids = list.map((m) => m.Id);
    const bound = await s.BindToItems(ids, new ews.PropertySet(ews.BasePropertySet.IdOnly, ews.ItemSchema.Subject));
    assert.deepEqual(bound.Responses.map((r) => r.Item.Subject), list.map((m) => m.Subject));
    const moved = await s.MoveItems(ids, new ews.FolderId(ews.WellKnownFolderName.Drafts));
    const newIds = moved.Responses.map((r) => r.Item.Id);
    const deleted = await s.DeleteItems([...newIds, ids[0]], DeleteMode.HardDelete, null, null);
    assert.deepEqual(deleted.Responses.map((r) => code(r)), [...Array(5).fill('NoError'), 'ErrorItemNotFound']);
  });

  await check('a message goes to Deleted Items, and its hard deletion ends it', async () => {
    const m = await draft();
    await m.Delete(DeleteMode.MoveToDeletedItems);
    const view = new ews.ItemView(5);
    const found = await s.FindItems(new ews.FolderId(ews.WellKnownFolderName.DeletedItems), new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject, m.Subject), view);
    assert.equal(found.Items.length, 1);
    await found.Items[0].Delete(DeleteMode.HardDelete);
    await refused(ews.EmailMessage.Bind(s, found.Items[0].Id));
  });

  await check('a soft deletion leaves it among the recoverable ones', async () => {
    const m = await draft();
    await m.Delete(DeleteMode.SoftDelete);
    const found = await s.FindItems(new ews.FolderId(ews.WellKnownFolderName.RecoverableItemsDeletions), new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject, m.Subject), new ews.ItemView(5));
    assert.equal(found.Items.length, 1);
  });

  await check('an id that is none is refused', async () => {
    const error = await refused(ews.EmailMessage.Bind(s, new ews.ItemId('AAMkADk=')));
    assert.match(code(error), /^ErrorInvalidId(Malformed)?$/);
  });

  const mime = [
    'From: Wendy <wendy@adatum.example>', `To: ${settings.user}`, 'Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=', 'Date: Tue, 03 Nov 2026 09:15:00 +0100',
    'Message-ID: <mime.of.a.script@adatum.example>', 'X-Exconn: kept', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"', '',
    '--b', 'Content-Type: text/plain; charset=utf-8', 'Content-Transfer-Encoding: 8bit', '', 'Guten Tag, schöne Grüße', '--b',
    'Content-Type: application/octet-stream; name="data.bin"', 'Content-Disposition: attachment; filename="data.bin"', 'Content-Transfer-Encoding: base64', '',
    Buffer.from([0, 1, 2, 254, 255]).toString('base64'), '--b--', '',
  ].join('\r\n');

  await check('a message made of MIME has what the MIME has', async () => {
    const m = new ews.EmailMessage(s);
    m.MimeContent = new ews.MimeContent('utf-8', Buffer.from(mime).toString('base64'));
    await m.Save(folder.Id);
    const back = await ews.EmailMessage.Bind(s, m.Id);
    assert.equal(back.Subject, 'Grüße');
    assert.equal(back.From.Address, 'wendy@adatum.example');
    assert.equal(back.InternetMessageId, '<mime.of.a.script@adatum.example>');
    assert.equal(back.DateTimeSent.TotalMilliSeconds, Date.UTC(2026, 10, 3, 8, 15));
    assert.match(back.Body.Text, /schöne Grüße/);
    assert.equal(back.HasAttachments, true);
    const file = back.Attachments._getItem(0);
    await file.Load();
    assert.deepEqual([...Buffer.from(file.Base64Content, 'base64')], [0, 1, 2, 254, 255]);
  });

  await check('the MIME of a message holds its parts', async () => {
    const m = await draft((m) => {
      m.ToRecipients.Add('Ben', settings.otherUser);
      m.Attachments.AddFileAttachment('note.txt', Buffer.from('attached').toString('base64'));
    });
    const back = await ews.EmailMessage.Bind(s, m.Id, new ews.PropertySet(ews.BasePropertySet.IdOnly, ews.ItemSchema.MimeContent));
    const text = Buffer.from(back.MimeContent.Content, 'base64').toString();
    assert.match(text, new RegExp(`^To:.*${settings.otherUser}`, 'mi'));
    assert.match(text, /^Content-Type: multipart\//im);
    assert.match(text, /note\.txt/);
    assert.match(text, new RegExp(Buffer.from('attached').toString('base64')));
  });
};
