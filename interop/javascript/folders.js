'use strict';
const { assert, check, refused } = require('./checks');
const { ews, own, unique, place, code } = require('./server');

const names = ews.WellKnownFolderName;

module.exports = async function folders() {
  await check('well-known folders have their classes', async () => {
    const s = own();
    for (const [name, type, cls] of [
      [names.Inbox, ews.Folder, 'IPF.Note'], [names.Calendar, ews.CalendarFolder, 'IPF.Appointment'],
      [names.Contacts, ews.ContactsFolder, 'IPF.Contact'], [names.Tasks, ews.TasksFolder, 'IPF.Task'],
    ]) {
      const folder = await ews.Folder.Bind(s, name);
      assert.ok(folder instanceof type, `${cls} came as ${folder.constructor.name}`);
      assert.equal(folder.FolderClass, cls);
    }
  });

  const { s, folder } = (await check('a folder is created and read back', async () => {
    const made = await place();
    const back = await ews.Folder.Bind(made.s, made.folder.Id);
    assert.equal(back.DisplayName, made.folder.DisplayName);
    assert.equal(back.TotalCount, 0);
    assert.equal(back.UnreadCount, 0);
    return made;
  })) || (await place());

  await check('a folder is renamed', async () => {
    const f = await ews.Folder.Bind(s, folder.Id);
    f.DisplayName = unique('renamed');
    await f.Update();
    const back = await ews.Folder.Bind(s, folder.Id);
    assert.equal(back.DisplayName, f.DisplayName);
  });

  const child = async (name = unique('child')) => {
    const f = new ews.Folder(s);
    f.DisplayName = name;
    await f.Save(folder.Id);
    return f;
  };

  await check('two folders of one name do not fit beneath one parent', async () => {
    const first = await child();
    const error = await refused(child(first.DisplayName));
    assert.equal(code(error), 'ErrorFolderExists');
  });

  await check('FindFolders finds the children, deep ones too', async () => {
    const a = await child();
    const b = new ews.Folder(s);
    b.DisplayName = unique('grandchild');
    await b.Save(a.Id);
    const shallow = await s.FindFolders(folder.Id, new ews.FolderView(100));
    assert.ok(shallow.Folders.some((f) => f.Id.UniqueId === a.Id.UniqueId));
    assert.ok(!shallow.Folders.some((f) => f.Id.UniqueId === b.Id.UniqueId));
    const view = new ews.FolderView(100);
    view.Traversal = ews.FolderTraversal.Deep;
    const deep = await s.FindFolders(folder.Id, view);
    assert.ok(deep.Folders.some((f) => f.Id.UniqueId === b.Id.UniqueId));
    const parent = await ews.Folder.Bind(s, a.Id);
    assert.equal(parent.ChildFolderCount, 1);
  });

  await check('FindFolders by a filter', async () => {
    const a = await child();
    const found = await s.FindFolders(folder.Id, new ews.SearchFilter.IsEqualTo(ews.FolderSchema.DisplayName, a.DisplayName), new ews.FolderView(10));
    assert.deepEqual(found.Folders.map((f) => f.DisplayName), [a.DisplayName]);
  });

  await check('FindFolders page by page', async () => {
    for (let i = 0; i < 3; i++) await child();
    const seen = new Set();
    for (let offset = 0; ; ) {
      const found = await s.FindFolders(folder.Id, new ews.FolderView(2, offset));
      for (const f of found.Folders) seen.add(f.Id.UniqueId);
      if (!found.MoreAvailable) {
        assert.equal(seen.size, found.TotalCount);
        break;
      }
      offset += found.Folders.length;
    }
  });

  await check('a folder is moved and copied', async () => {
    const [a, b] = [await child(), await child()];
    const moved = await a.Move(b.Id);
    const back = await ews.Folder.Bind(s, moved.Id);
    assert.equal(back.ParentFolderId.UniqueId, b.Id.UniqueId);
    const copy = await b.Copy(folder.Id).catch((e) => e);
    assert.equal(code(copy), 'ErrorFolderExists');
    const c = await child();
    const copied = await b.Copy(c.Id);
    const inside = await s.FindFolders(copied.Id, new ews.FolderView(10));
    assert.deepEqual(inside.Folders.map((f) => f.DisplayName), [a.DisplayName]);
  });

  await check('a folder is emptied', async () => {
    const a = await child();
    for (let i = 0; i < 3; i++) {
      const m = new ews.EmailMessage(s);
      m.Subject = unique('to be emptied');
      await m.Save(a.Id);
    }
    assert.equal((await ews.Folder.Bind(s, a.Id)).TotalCount, 3);
    await a.Empty(ews.DeleteMode.HardDelete, false);
    assert.equal((await ews.Folder.Bind(s, a.Id)).TotalCount, 0);
  });

  await check('a deleted folder is gone', async () => {
    const a = await child();
    await a.Delete(ews.DeleteMode.HardDelete);
    const error = await refused(ews.Folder.Bind(s, a.Id));
    assert.match(code(error), /^Error(Item|Folder)NotFound$/);
  });

  await check('the inbox cannot be deleted', async () => {
    const inbox = await ews.Folder.Bind(s, names.Inbox);
    const error = await refused(inbox.Delete(ews.DeleteMode.HardDelete));
    assert.equal(code(error), 'ErrorDeleteDistinguishedFolder');
  });

  await check('an extended property of a folder', async () => {
    const property = new ews.ExtendedPropertyDefinition(ews.DefaultExtendedPropertySet.PublicStrings, 'exconn-folder', ews.MapiPropertyType.String);
    const a = await child();
    a.SetExtendedProperty(property, 'of the folder');
    await a.Update();
    const back = await ews.Folder.Bind(s, a.Id, new ews.PropertySet(ews.BasePropertySet.IdOnly, property));
    const value = { outValue: null };
    assert.ok(back.ExtendedProperties.TryGetValue(property, value));
    assert.equal(value.outValue, 'of the folder');
  });
};
