'use strict';
const { assert, check, refused } = require('./checks');
const { settings } = require('./settings');
const { ews, basic, bearer, ntlm, own, code } = require('./server');

/** Reads the display name of the inbox, which every way in has to allow. */
async function enter(s, folder = new ews.FolderId(ews.WellKnownFolderName.Inbox)) {
  const inbox = await ews.Folder.Bind(s, folder);
  assert.ok(inbox.Id.UniqueId.length > 20);
  return inbox;
}

function impersonate(s, address) {
  s.ImpersonatedUserId = new ews.ImpersonatedUserId(ews.ConnectingIdType.SmtpAddress, address);
  s.HttpHeaders.Add('X-AnchorMailbox', address);
  return s;
}

module.exports = async function access() {
  await check('Basic opens the mailbox and tells the version of the server', async () => {
    const s = own();
    await enter(s);
    assert.ok(s.ServerInfo.MajorVersion >= 15, `major version ${s.ServerInfo.MajorVersion}`);
  });

  await check('a wrong password is refused with 401', async () => {
    const error = await refused(enter(basic(settings.user, 'not the password')));
    assert.match(JSON.stringify([String(error), error.message, error.Message]), /401|nauthorized/);
  });

  const domainUser = `${settings.domain}\\${settings.user.split('@')[0]}`;
  if (settings.domain) {
    await check('Basic with DOMAIN\\user', () => enter(basic(domainUser, settings.password)));
    await check('NTLM with DOMAIN\\user, its handshake begun by a GET', async () => {
      const a = await enter(ntlm(domainUser, settings.password));
      const b = await enter(own());
      assert.equal(a.Id.UniqueId, b.Id.UniqueId);
    });
    await check('NTLM again, for a request that writes', async () => {
      const s = ntlm(domainUser, settings.password);
      const m = new ews.EmailMessage(s);
      m.Subject = `${settings.stamp} ntlm`;
      await m.Save(ews.WellKnownFolderName.Drafts);
      const back = await ews.EmailMessage.Bind(own(), m.Id);
      assert.equal(back.Subject, m.Subject);
      await back.Delete(ews.DeleteMode.HardDelete);
    });
    await check('NTLM with a wrong password is refused', () => refused(enter(ntlm(domainUser, 'not the password'))));
  }
  await check('NTLM with the user principal name', () => enter(ntlm(settings.user, settings.password)));

  if (settings.token) {
    await check('a bearer token opens the same mailbox', async () => {
      const a = await enter(bearer(settings.token));
      const b = await enter(own());
      assert.equal(a.Id.UniqueId, b.Id.UniqueId);
    });
    await check('a bearer token with a broken signature is refused', async () => {
      const parts = settings.token.split('.');
      parts[2] = parts[2].split('').reverse().join('');
      await refused(enter(bearer(parts.join('.'))));
    });
  }

  if (settings.serviceUser) {
    const serviceAccount = () => basic(settings.serviceUser, settings.servicePassword);
    await check('impersonation within the scope reaches the mailbox acted for', async () => {
      const a = await enter(impersonate(serviceAccount(), settings.otherUser));
      const b = await enter(basic(settings.otherUser, settings.otherPassword));
      assert.equal(a.Id.UniqueId, b.Id.UniqueId);
    });
    if (settings.deniedUser) {
      await check('impersonation outside the scope is ErrorImpersonateUserDenied', async () => {
        const error = await refused(enter(impersonate(serviceAccount(), settings.deniedUser)));
        assert.equal(code(error), 'ErrorImpersonateUserDenied');
      });
    }
    await check('impersonation by somebody without the role is denied', async () => {
      const error = await refused(enter(impersonate(own(), settings.otherUser)));
      assert.equal(code(error), 'ErrorImpersonateUserDenied');
    });
    await check('impersonation of an address that nobody has is ErrorNonExistentMailbox', async () => {
      const error = await refused(enter(impersonate(serviceAccount(), `nobody.${Date.now()}@${settings.user.split('@')[1]}`)));
      assert.equal(code(error), 'ErrorNonExistentMailbox');
    });
  }

  await check("a colleague's calendar without rights is refused", async () => {
    const folder = new ews.FolderId(ews.WellKnownFolderName.Tasks, new ews.Mailbox(settings.otherUser));
    const error = await refused(enter(own(), folder));
    assert.match(code(error), /^Error(AccessDenied|ItemNotFound|FolderNotFound)$/);
  });

  if (settings.onlineToken) {
    await check('online: a delegated token opens its own mailbox', () => enter(bearer(settings.onlineToken, settings.onlineUrl)));
    await check('online: and one that is shared with it', () =>
      enter(bearer(settings.onlineToken, settings.onlineUrl), new ews.FolderId(ews.WellKnownFolderName.Inbox, new ews.Mailbox(settings.onlineShared))));
    await check('online: a delegated token may not impersonate', () => refused(enter(impersonate(bearer(settings.onlineToken, settings.onlineUrl), settings.onlineShared))));
  }
  if (settings.appToken) {
    await check('online: an application impersonates', async () => {
      const inbox = await enter(impersonate(bearer(settings.appToken, settings.onlineUrl), settings.onlineUser));
      assert.equal(inbox.DisplayName, 'Inbox');
    });
    await check('online: an application that impersonates nobody is refused', () => refused(enter(bearer(settings.appToken, settings.onlineUrl))));
  }
};
