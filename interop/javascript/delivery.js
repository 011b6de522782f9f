'use strict';
const { assert, check, eventually, refused } = require('./checks');
const { settings } = require('./settings');
const { ews, own, other, html, unique, find } = require('./server');

const { Inbox, SentItems, Drafts } = ews.WellKnownFolderName;

module.exports = async function delivery() {
  const s = own();
  const colleague = other();

  /** Sends a message to the colleague and waits for it to arrive. */
  const send = async (fill = () => {}) => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('sent');
    m.Body = html('<p>Hello Ben</p>');
    m.ToRecipients.Add(settings.otherUser);
    fill(m);
    await m.SendAndSaveCopy();
    const arrived = await eventually('the delivery', () => find(colleague, Inbox, m.Subject));
    await arrived.Load();
    return arrived;
  };

  await check('a message is delivered, and a copy is kept', async () => {
    const arrived = await send((m) => m.CcRecipients.Add(settings.user));
    assert.equal(arrived.From.Address, settings.user);
    assert.equal(arrived.ToRecipients._getItem(0).Address, settings.otherUser);
    assert.equal(arrived.CcRecipients._getItem(0).Address, settings.user);
    assert.equal(arrived.IsRead, false);
    assert.equal(arrived.IsDraft, false);
    assert.match(arrived.Body.Text, /Hello Ben/);
    assert.ok(arrived.InternetMessageId.startsWith('<'));
    assert.ok(Math.abs(arrived.DateTimeReceived.TotalMilliSeconds - Date.now()) < 10 * 60_000);
    const copy = await eventually('the copy', () => find(s, SentItems, arrived.Subject));
    await copy.Load();
    assert.equal(copy.InternetMessageId, arrived.InternetMessageId);
    assert.equal(copy.IsRead, true);
    await eventually("the sender's own copy", () => find(s, Inbox, arrived.Subject));
  });

  await check('an attachment travels with it', async () => {
    const content = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 256));
    const arrived = await send((m) => m.Attachments.AddFileAttachment('table.bin', content.toString('base64')));
    assert.equal(arrived.HasAttachments, true);
    const file = arrived.Attachments._getItem(0);
    await file.Load();
    assert.equal(file.Name, 'table.bin');
    assert.ok(Buffer.from(file.Base64Content, 'base64').equals(content));
  });

  await check('a stored draft is sent and leaves Drafts', async () => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('stored first');
    m.ToRecipients.Add(settings.otherUser);
    await m.Save(Drafts);
    await m.SendAndSaveCopy();
    await eventually('the delivery', () => find(colleague, Inbox, m.Subject));
    await eventually('the draft to go', async () => !(await find(s, Drafts, m.Subject)));
    await eventually('the copy', () => find(s, SentItems, m.Subject));
  });

  await check('Bcc reaches its recipient and no other eye', async () => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('blind');
    m.ToRecipients.Add(settings.user);
    m.BccRecipients.Add(settings.otherUser);
    await m.SendAndSaveCopy();
    const arrived = await eventually('the delivery', () => find(colleague, Inbox, m.Subject));
    await arrived.Load();
    assert.equal(arrived.BccRecipients.Count, 0);
    const copy = await eventually('the copy', () => find(s, SentItems, m.Subject));
    await copy.Load();
    assert.equal(copy.BccRecipients._getItem(0).Address, settings.otherUser);
  });

  await check('a reply has the subject, the reference and the conversation', async () => {
    const arrived = await send();
    await arrived.Reply(html('Thank you'), false);
    const reply = await eventually('the reply', () => find(s, Inbox, `RE: ${arrived.Subject}`));
    await reply.Load();
    assert.equal(reply.From.Address, settings.otherUser);
    assert.equal(reply.InReplyTo, arrived.InternetMessageId);
    assert.match(reply.Body.Text, /Thank you[\s\S]*Hello Ben/);
    const mine = await find(s, SentItems, arrived.Subject);
    await mine.Load();
    assert.equal(reply.ConversationId.UniqueId, mine.ConversationId.UniqueId);
  });

  await check('a forward with more written before it', async () => {
    const arrived = await send((m) => m.Attachments.AddFileAttachment('kept.txt', Buffer.from('kept').toString('base64')));
    await arrived.Forward(html('For you'), [new ews.EmailAddress(settings.user)]);
    const forwarded = await eventually('the forward', () => find(s, Inbox, `FW: ${arrived.Subject}`));
    await forwarded.Load();
    assert.match(forwarded.Body.Text, /For you[\s\S]*Hello Ben/);
    assert.equal(forwarded.Attachments._getItem(0).Name, 'kept.txt');
  });

  await check('a reply to all, edited as a draft before it is sent', async () => {
    const arrived = await send((m) => m.CcRecipients.Add('third@adatum.example'));
    const response = arrived.CreateReply(true);
    response.BodyPrefix = html('To all of you');
    const reply = await response.Save(new ews.FolderId(Drafts));
    await reply.Load();
    assert.deepEqual(reply.ToRecipients.GetEnumerator().map((p) => p.Address), [settings.user]);
    assert.deepEqual(reply.CcRecipients.GetEnumerator().map((p) => p.Address), ['third@adatum.example']);
    await reply.Delete(ews.DeleteMode.HardDelete);
  });

  await check('a message to nobody is refused', async () => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('to nobody');
    await refused(m.SendAndSaveCopy());
  });

  await check('the headers of a delivered message', async () => {
    const arrived = await send();
    const set = new ews.PropertySet(ews.BasePropertySet.IdOnly, ews.ItemSchema.InternetMessageHeaders);
    const back = await ews.EmailMessage.Bind(colleague, arrived.Id, set);
    const subject = back.InternetMessageHeaders.Find('Subject');
    assert.equal(subject.Value, arrived.Subject);
  });

  await check('conversations are found with all their messages', async () => {
    const arrived = await send();
    await arrived.Reply(new ews.MessageBody('First answer'), false);
    await eventually('the reply', () => find(s, Inbox, `RE: ${arrived.Subject}`));
    const conversations = await s.FindConversation(new ews.ConversationIndexedItemView(50), new ews.FolderId(Inbox));
    const conversation = conversations.find((c) => c.Topic === arrived.Subject);
    assert.ok(conversation, 'the conversation was not found');
    assert.equal(conversation.GlobalMessageCount, 2);
    const answer = await s.GetConversationItems(conversation.Id, new ews.PropertySet(ews.BasePropertySet.IdOnly, ews.ItemSchema.Subject), null, null, ews.ConversationSortOrder.TreeOrderAscending);
    const subjects = answer.ConversationNodes.GetEnumerator().flatMap((n) => n.Items.map((i) => i.Subject));
    assert.deepEqual(subjects.sort(), [`RE: ${arrived.Subject}`, arrived.Subject].sort());
  });
};
