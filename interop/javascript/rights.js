'use strict';
const { assert, check, afterwards, eventually, refused } = require('./checks');
const { settings } = require('./settings');
const { ews, code, own, other, unique, place, find } = require('./server');

const { AlternateId, IdFormat } = ews;

module.exports = async function rights() {
  const { s, folder } = await place();

  await check('ids are converted there and back', async () => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('id');
    await m.Save(folder.Id);
    const from = new AlternateId(IdFormat.EwsId, m.Id.UniqueId, settings.user);
    const hex = await s.ConvertId(from, IdFormat.HexEntryId);
    assert.match(hex.UniqueId, /^[0-9A-F]+$/i);
    assert.equal(hex.Mailbox.toLowerCase(), settings.user.toLowerCase());
    const back = await s.ConvertId(new AlternateId(IdFormat.HexEntryId, hex.UniqueId, settings.user), IdFormat.EwsId);
    assert.equal(back.UniqueId, m.Id.UniqueId);
  });

  await check('ids that are none get an error each', async () => {
    const answers = await s.ConvertIds([new AlternateId(IdFormat.EwsId, 'DUMMY', settings.user)], IdFormat.EntryId);
    assert.match(ews.ServiceError[answers.Responses[0].ErrorCode], /^ErrorInvalidId/);
  });

  await check('the time zones that the server knows', async () => {
    const zones = await s.GetServerTimeZones();
    const list = Array.isArray(zones) ? zones : zones.GetEnumerator();
    assert.ok(list.some((z) => z.Id === 'W. Europe Standard Time'));
  });

  await check('a delegate is added, read, changed and removed', async () => {
    const mailbox = new ews.Mailbox(settings.user);
    const delegate = new ews.DelegateUser(settings.otherUser);
    delegate.Permissions.CalendarFolderPermissionLevel = ews.DelegateFolderPermissionLevel.Editor;
    delegate.Permissions.InboxFolderPermissionLevel = ews.DelegateFolderPermissionLevel.Reviewer;
    delegate.ReceiveCopiesOfMeetingMessages = false;
    delegate.ViewPrivateItems = false;
    await s.RemoveDelegates(mailbox, new ews.UserId(settings.otherUser)).catch(() => {});
    const added = await s.AddDelegates(mailbox, ews.MeetingRequestsDeliveryScope.DelegatesAndMe, delegate);
    assert.equal(ews.ServiceError[added[0].ErrorCode], 'NoError');
    afterwards(() => s.RemoveDelegates(mailbox, new ews.UserId(settings.otherUser)));
    const read = async () => {
      const got = await s.GetDelegates(mailbox, true, new ews.UserId(settings.otherUser));
      return got.DelegateUserResponses[0].DelegateUser;
    };
    let got = await read();
    assert.equal(got.UserId.PrimarySmtpAddress, settings.otherUser);
    assert.equal(got.Permissions.CalendarFolderPermissionLevel, ews.DelegateFolderPermissionLevel.Editor);
    assert.equal(got.Permissions.InboxFolderPermissionLevel, ews.DelegateFolderPermissionLevel.Reviewer);
    got.Permissions.InboxFolderPermissionLevel = ews.DelegateFolderPermissionLevel.Author;
    await s.UpdateDelegates(mailbox, ews.MeetingRequestsDeliveryScope.DelegatesAndMe, got);
    got = await read();
    assert.equal(got.Permissions.InboxFolderPermissionLevel, ews.DelegateFolderPermissionLevel.Author);
    // The delegate can look into the calendar now.
    await ews.Folder.Bind(other(), new ews.FolderId(ews.WellKnownFolderName.Calendar, mailbox));
  });

  await check('a delegate who is nobody is refused', async () => {
    const nobody = new ews.DelegateUser(`nobody@${settings.user.split('@')[1]}`);
    nobody.Permissions.CalendarFolderPermissionLevel = ews.DelegateFolderPermissionLevel.Editor;
    const answer = await s.AddDelegates(new ews.Mailbox(settings.user), ews.MeetingRequestsDeliveryScope.DelegatesAndMe, nobody).catch((error) => [error]);
    assert.equal(code(answer[0]), 'ErrorDelegateNoUser');
  });

  await check('an inbox rule is made, works and is deleted', async () => {
    const rule = new ews.Rule();
    rule.DisplayName = unique('rule');
    rule.Priority = 1;
    rule.IsEnabled = true;
    rule.Conditions.ContainsSubjectStrings.Add(`${settings.stamp} ruled`);
    rule.Actions.MoveToFolder = folder.Id;
    rule.Actions.MarkAsRead = true;
    await s.UpdateInboxRules([new ews.CreateRuleOperation(rule)], true);
    const mine = async () => (await s.GetInboxRules()).GetEnumerator().find((r) => r.DisplayName === rule.DisplayName);
    const made = await mine();
    assert.ok(made, 'the rule is not listed');
    assert.equal(made.IsEnabled, true);
    assert.deepEqual(made.Conditions.ContainsSubjectStrings.GetEnumerator(), [`${settings.stamp} ruled`]);
    const m = new ews.EmailMessage(other());
    m.Subject = unique('ruled');
    m.ToRecipients.Add(settings.user);
    await m.SendAndSaveCopy();
    const moved = await eventually('the moved message', async () => {
      const found = await s.FindItems(folder.Id, new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject, m.Subject), new ews.ItemView(5));
      return found.Items[0];
    });
    await moved.Load();
    assert.equal(moved.IsRead, true);
    assert.equal(await find(s, ews.WellKnownFolderName.Inbox, m.Subject), undefined);
    await s.UpdateInboxRules([new ews.DeleteRuleOperation(made.Id)], true);
    assert.equal(await mine(), undefined);
  });

  await check('a rule without a priority is refused', async () => {
    const rule = new ews.Rule();
    rule.DisplayName = unique('rule');
    rule.Priority = 0;
    rule.IsEnabled = true;
    rule.Actions.MarkAsRead = true;
    await refused(s.UpdateInboxRules([new ews.CreateRuleOperation(rule)], true));
  });

  if (settings.archive) {
    await check('an item goes to the archive', async () => {
      const m = new ews.EmailMessage(s);
      m.Subject = unique('for the archive');
      await m.Save(folder.Id);
      const answers = await s.ArchiveItems([m.Id], folder.Id);
      assert.equal(ews.ServiceError[answers.Responses[0].ErrorCode], 'NoError');
      await refused(ews.EmailMessage.Bind(own(), m.Id));
    });
  }
};
