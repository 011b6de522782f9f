'use strict';
const { assert, check, refused } = require('./checks');
const { settings } = require('./settings');
const { ews, code, own, unique, place } = require('./server');

module.exports = async function people() {
  const { s, folder } = await place('contacts', ews.WellKnownFolderName.Contacts);

  const contact = async (fill = () => {}) => {
    const c = new ews.Contact(s);
    c.GivenName = 'Zoë';
    c.Surname = unique('Müller');
    c.DisplayName = `${c.GivenName} ${c.Surname}`;
    fill(c);
    await c.Save(folder.Id);
    return c;
  };
  const whole = (id) => ews.Contact.Bind(s, id, new ews.PropertySet(ews.BasePropertySet.FirstClassProperties));

  await check('a contact is created and read back', async () => {
    const c = await contact((c) => {
      c.CompanyName = 'Adatum';
      c.JobTitle = 'Head of purchasing';
      c.Department = 'Purchasing';
      c.FileAsMapping = ews.FileAsMapping.SurnameCommaGivenName;
      c.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress1, new ews.EmailAddress('zoe@adatum.example'));
      c.PhoneNumbers._setItem(ews.PhoneNumberKey.BusinessPhone, '+49 30 1234');
      c.PhoneNumbers._setItem(ews.PhoneNumberKey.MobilePhone, '+49 170 5678');
      const home = new ews.PhysicalAddressEntry();
      Object.assign(home, { Street: 'Long Street 1', City: 'Köln', PostalCode: '50667', CountryOrRegion: 'Germany' });
      c.PhysicalAddresses._setItem(ews.PhysicalAddressKey.Business, home);
      c.ImAddresses._setItem(ews.ImAddressKey.ImAddress1, 'zoe@chat.example');
      c.Birthday = new ews.DateTime(Date.UTC(1985, 4, 17));
    });
    const back = await whole(c.Id);
    assert.equal(back.GivenName, 'Zoë');
    assert.equal(back.Surname, c.Surname);
    assert.equal(back.CompanyName, 'Adatum');
    assert.equal(back.JobTitle, 'Head of purchasing');
    assert.equal(back.FileAs, `${c.Surname}, Zoë`);
    assert.equal(back.EmailAddresses._getItem(ews.EmailAddressKey.EmailAddress1).Address, 'zoe@adatum.example');
    assert.equal(back.PhoneNumbers._getItem(ews.PhoneNumberKey.BusinessPhone), '+49 30 1234');
    assert.equal(back.PhoneNumbers._getItem(ews.PhoneNumberKey.MobilePhone), '+49 170 5678');
    const address = back.PhysicalAddresses._getItem(ews.PhysicalAddressKey.Business);
    assert.deepEqual([address.Street, address.City, address.PostalCode, address.CountryOrRegion], ['Long Street 1', 'Köln', '50667', 'Germany']);
    assert.equal(back.ImAddresses._getItem(ews.ImAddressKey.ImAddress1), 'zoe@chat.example');
    assert.equal(new Date(back.Birthday.TotalMilliSeconds).getUTCFullYear(), 1985);
  });

  await check('a contact is changed, one of its entries taken away', async () => {
    const c = await contact((c) => {
      c.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress1, new ews.EmailAddress('one@adatum.example'));
      c.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress2, new ews.EmailAddress('two@adatum.example'));
    });
    c.JobTitle = 'Director';
    c.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress1, new ews.EmailAddress('uno@adatum.example'));
    c.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress2, null);
    await c.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const back = await whole(c.Id);
    assert.equal(back.JobTitle, 'Director');
    assert.equal(back.EmailAddresses._getItem(ews.EmailAddressKey.EmailAddress1).Address, 'uno@adatum.example');
    assert.equal(back.EmailAddresses.Contains(ews.EmailAddressKey.EmailAddress2), false);
  });

  await check('contacts are found by name and by address', async () => {
    const c = await contact((c) => c.EmailAddresses._setItem(ews.EmailAddressKey.EmailAddress1, new ews.EmailAddress(`${settings.stamp}@adatum.example`)));
    for (const filter of [
      new ews.SearchFilter.IsEqualTo(ews.ContactSchema.Surname, c.Surname),
      new ews.SearchFilter.ContainsSubstring(ews.ContactSchema.EmailAddress1, settings.stamp),
    ]) {
      const found = await s.FindItems(folder.Id, filter, new ews.ItemView(5));
      assert.deepEqual(found.Items.map((i) => i.Id.UniqueId), [c.Id.UniqueId]);
    }
  });

  await check('a picture of a contact', async () => {
    const c = await contact();
    const picture = Buffer.from('not really a picture').toString('base64');
    c.SetContactPicture(picture, 'ContactPicture.jpg');
    await c.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const back = await ews.Contact.Bind(s, c.Id, new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, ews.ItemSchema.Attachments));
    assert.equal(back.HasPicture, true);
    const file = back.GetContactPictureAttachment();
    assert.equal(file.IsContactPhoto, true);
    await file.Load();
    assert.equal(file.Base64Content, picture);
  });

  await check('a contact is deleted', async () => {
    const c = await contact();
    await c.Delete(ews.DeleteMode.HardDelete);
    assert.equal(code(await refused(whole(c.Id))), 'ErrorItemNotFound');
  });

  await check('a contact group with its members', async () => {
    const g = new ews.ContactGroup(s);
    g.DisplayName = unique('group');
    g.Members.AddOneOff('One', 'one@adatum.example');
    g.Members.AddOneOff('Two', 'two@adatum.example');
    await g.Save(folder.Id);
    const back = await ews.ContactGroup.Bind(s, g.Id, new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, ews.ContactGroupSchema.Members));
    assert.equal(back.DisplayName, g.DisplayName);
    assert.deepEqual(back.Members.GetEnumerator().map((m) => m.AddressInformation.Address).sort(), ['one@adatum.example', 'two@adatum.example']);
    const expanded = await s.ExpandGroup(g.Id);
    assert.deepEqual(expanded.Members.map((m) => m.Address).sort(), ['one@adatum.example', 'two@adatum.example']);
  });

  await check('a member more and one less', async () => {
    const g = new ews.ContactGroup(s);
    g.DisplayName = unique('group');
    g.Members.AddOneOff('One', 'one@adatum.example');
    await g.Save(folder.Id);
    const set = new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, ews.ContactGroupSchema.Members);
    const change = await ews.ContactGroup.Bind(s, g.Id, set);
    change.Members.Remove(change.Members._getItem(0));
    change.Members.AddOneOff('Three', 'three@adatum.example');
    await change.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const back = await ews.ContactGroup.Bind(s, g.Id, set);
    assert.deepEqual(back.Members.GetEnumerator().map((m) => m.AddressInformation.Address), ['three@adatum.example']);
  });

  await check('a name is resolved in the directory', async () => {
    const found = await own().ResolveName(settings.otherUser.split('@')[0], ews.ResolveNameSearchLocation.DirectoryOnly, true);
    const hit = found.GetEnumerator().find((r) => r.Mailbox.Address === settings.otherUser);
    assert.ok(hit, 'the colleague was not found');
    assert.equal(hit.Mailbox.MailboxType, ews.MailboxType.Mailbox);
  });

  await check('a name that nobody has', async () => {
    const found = await own().ResolveName(`nobody-${settings.stamp}`, ews.ResolveNameSearchLocation.DirectoryOnly, false);
    assert.equal(found.GetEnumerator().length, 0);
  });

  if (settings.group) {
    await check('a distribution group is expanded', async () => {
      const expanded = await own().ExpandGroup(settings.group);
      assert.equal(expanded.IncludesAllMembers, true);
      assert.ok(expanded.Members.some((m) => m.Address === settings.groupMember));
    });
  }
};
