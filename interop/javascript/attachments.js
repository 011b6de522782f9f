'use strict';
const { assert, check, refused } = require('./checks');
const { ews, code, html, unique, place } = require('./server');

module.exports = async function attachments() {
  const { s, folder } = await place();
  const bytes = (n) => Buffer.from(Array.from({ length: n }, (_, i) => (i * 7 + (i >> 8)) % 256));

  const draft = async (fill = () => {}) => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('with attachments');
    m.Body = html('<p>See <img src="cid:logo@exconn"></p>');
    fill(m);
    await m.Save(folder.Id);
    return ews.EmailMessage.Bind(s, m.Id);
  };

  // The library's own Load of an item attachment trips over an item that is not
  // there yet; by id it works.
  const load = async (attachment, ...properties) => {
    const got = await s.GetAttachments([attachment.Id], ews.BodyType.HTML, properties);
    return got.Responses[0].Attachment.Item;
  };

  await check('a file of a megabyte comes back byte for byte', async () => {
    const content = bytes(1 << 20);
    const m = await draft((m) => m.Attachments.AddFileAttachment('big.bin', content.toString('base64')));
    const file = m.Attachments._getItem(0);
    assert.equal(file.Name, 'big.bin');
    assert.ok(file.Size >= content.length, `Size ${file.Size}`);
    await file.Load();
    assert.ok(Buffer.from(file.Base64Content, 'base64').equals(content));
  });

  await check('name, type and content id of an inline picture', async () => {
    const m = await draft((m) => {
      const file = m.Attachments.AddFileAttachment('Käse.png', bytes(300).toString('base64'));
      file.IsInline = true;
      file.ContentId = 'logo@exconn';
      file.ContentType = 'image/png';
    });
    const file = m.Attachments._getItem(0);
    assert.equal(file.Name, 'Käse.png');
    assert.equal(file.IsInline, true);
    assert.equal(file.ContentId, 'logo@exconn');
    assert.equal(file.ContentType, 'image/png');
    assert.equal(m.HasAttachments, false, 'inline pictures do not count as attachments');
  });

  await check('several at once, in their order', async () => {
    const m = await draft((m) => {
      for (const name of ['c.txt', 'a.txt', 'b.txt']) m.Attachments.AddFileAttachment(name, Buffer.from(name).toString('base64'));
    });
    assert.deepEqual(m.Attachments.GetEnumerator().map((a) => a.Name), ['c.txt', 'a.txt', 'b.txt']);
    const got = await s.GetAttachments(m.Attachments.GetEnumerator(), null, null);
    assert.deepEqual(got.Responses.map((r) => Buffer.from(r.Attachment.Base64Content, 'base64').toString()), ['c.txt', 'a.txt', 'b.txt']);
  });

  await check('one is added to a stored message, another taken away', async () => {
    const m = await draft((m) => m.Attachments.AddFileAttachment('first.txt', Buffer.from('1').toString('base64')));
    m.Attachments.AddFileAttachment('second.txt', Buffer.from('2').toString('base64'));
    await m.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    let back = await ews.EmailMessage.Bind(s, m.Id);
    assert.deepEqual(back.Attachments.GetEnumerator().map((a) => a.Name), ['first.txt', 'second.txt']);
    back.Attachments.Remove(back.Attachments._getItem(0));
    await back.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    back = await ews.EmailMessage.Bind(s, m.Id);
    assert.deepEqual(back.Attachments.GetEnumerator().map((a) => a.Name), ['second.txt']);
    assert.equal(back.HasAttachments, true);
  });

  await check('an attachment that is gone is refused', async () => {
    const m = await draft((m) => m.Attachments.AddFileAttachment('gone.txt', Buffer.from('1').toString('base64')));
    const file = m.Attachments._getItem(0);
    await m.Delete(ews.DeleteMode.HardDelete);
    const error = await refused(file.Load());
    assert.match(code(error), /^ErrorItemNotFound$|^ErrorInvalidAttachmentId$/);
  });

  await check('a message within a message', async () => {
    const m = await draft((m) => {
      const inner = m.Attachments.AddItemAttachment(ews.EmailMessage, 'Message');
      inner.Name = 'The inner one';
      inner.Item.Subject = 'Inner subject';
      inner.Item.Body = html('<p>Inner body</p>');
      inner.Item.ToRecipients.Add('someone@adatum.example');
    });
    const attachment = m.Attachments._getItem(0);
    assert.ok(attachment instanceof ews.ItemAttachment);
    assert.equal(attachment.Name, 'The inner one');
    const inner = await load(attachment, ews.EmailMessageSchema.ToRecipients);
    assert.equal(inner.Subject, 'Inner subject');
    assert.match(inner.Body.Text, /Inner body/);
    assert.equal(inner.ToRecipients._getItem(0).Address, 'someone@adatum.example');
  });

  await check('the MIME of a message within a message', async () => {
    const m = await draft((m) => {
      const inner = m.Attachments.AddItemAttachment(ews.EmailMessage, 'Message');
      inner.Name = 'inner';
      inner.Item.Subject = 'Inner as MIME';
      inner.Item.Body = html('<p>b</p>');
    });
    const attachment = m.Attachments._getItem(0);
    const inner = await load(attachment, ews.ItemSchema.MimeContent);
    assert.match(Buffer.from(inner.MimeContent.Content, 'base64').toString(), /^Subject: Inner as MIME/m);
  });
};
