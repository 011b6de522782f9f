'use strict';
const { assert, check, refused } = require('./checks');
const { ews, code, unique, place } = require('./server');

const { ChangeType } = ews;

module.exports = async function sync() {
  const { s, folder } = await place();
  const ids = new ews.PropertySet(ews.BasePropertySet.IdOnly);

  const draft = async () => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('synced');
    await m.Save(folder.Id);
    return m;
  };
  /** All changes since a state, page by page, with the state after them. */
  const changes = async (state, page = 512) => {
    const list = [];
    for (;;) {
      const answer = await s.SyncFolderItems(folder.Id, ids, null, page, ews.SyncFolderItemsScope.NormalItems, state);
      list.push(...answer.GetEnumerator());
      assert.ok(answer.GetEnumerator().length <= page);
      state = answer.SyncState;
      if (!answer.MoreChangesAvailable) return { list, state };
    }
  };
  const told = (list) => list.map((c) => [ChangeType[c.ChangeType], c.ItemId.UniqueId]);

  await check('an empty folder has no changes, but a state', async () => {
    const { list, state } = await changes(null);
    assert.deepEqual(list, []);
    assert.ok(state);
  });

  await check('created, changed, read, deleted: each is told once', async () => {
    const before = (await changes(null)).state;
    const [a, b] = [await draft(), await draft()];
    let next = await changes(before);
    assert.deepEqual(told(next.list).sort(), [['Create', a.Id.UniqueId], ['Create', b.Id.UniqueId]].sort());

    a.Subject = unique('changed');
    await a.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    next = await changes(next.state);
    assert.deepEqual(told(next.list), [['Update', a.Id.UniqueId]]);

    b.IsRead = false;
    await b.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    next = await changes(next.state);
    assert.deepEqual(told(next.list), [['ReadFlagChange', b.Id.UniqueId]]);
    assert.equal(next.list[0].IsRead, false);

    await b.Delete(ews.DeleteMode.HardDelete);
    next = await changes(next.state);
    assert.deepEqual(told(next.list), [['Delete', b.Id.UniqueId]]);
    assert.deepEqual((await changes(next.state)).list, []);
  });

  await check('moving away is a deletion, coming back a creation with another id', async () => {
    const a = await draft();
    const { state } = await changes(null);
    const moved = await a.Move(ews.WellKnownFolderName.Drafts);
    let next = await changes(state);
    assert.deepEqual(told(next.list), [['Delete', a.Id.UniqueId]]);
    const back = await moved.Move(folder.Id);
    next = await changes(next.state);
    assert.deepEqual(told(next.list), [['Create', back.Id.UniqueId]]);
  });

  await check('page by page, nothing is left out or told twice', async () => {
    const made = [];
    for (let i = 0; i < 7; i++) made.push((await draft()).Id.UniqueId);
    const whole = told((await changes(null)).list).map(([, id]) => id);
    const paged = told((await changes(null, 3)).list).map(([, id]) => id);
    assert.equal(new Set(paged).size, paged.length);
    assert.deepEqual(paged.sort(), whole.sort());
    for (const id of made) assert.ok(whole.includes(id));
  });

  await check('an item to ignore is not told of', async () => {
    const a = await draft();
    const answer = await s.SyncFolderItems(folder.Id, ids, [a.Id], 512, ews.SyncFolderItemsScope.NormalItems, null);
    assert.ok(!answer.GetEnumerator().some((c) => c.ItemId.UniqueId === a.Id.UniqueId));
  });

  await check('a state that is none is ErrorInvalidSyncStateData', async () => {
    const error = await refused(s.SyncFolderItems(folder.Id, ids, null, 10, ews.SyncFolderItemsScope.NormalItems, 'bm90IGEgc3RhdGU='));
    assert.equal(code(error), 'ErrorInvalidSyncStateData');
  });

  await check('the hierarchy: created, renamed, moved and deleted folders', async () => {
    const all = async (state) => {
      const answer = await s.SyncFolderHierarchy(folder.Id, new ews.PropertySet(ews.BasePropertySet.FirstClassProperties), state);
      return { list: answer.GetEnumerator(), state: answer.SyncState };
    };
    const kinds = (list) => list.map((c) => [ChangeType[c.ChangeType], c.FolderId.UniqueId]);
    let next = await all(null);
    assert.deepEqual(next.list, []);
    const child = new ews.Folder(s);
    child.DisplayName = unique('hierarchy');
    await child.Save(folder.Id);
    next = await all(next.state);
    assert.deepEqual(kinds(next.list), [['Create', child.Id.UniqueId]]);
    assert.equal(next.list[0].Folder.DisplayName, child.DisplayName);
    child.DisplayName = unique('renamed');
    await child.Update();
    next = await all(next.state);
    assert.deepEqual(kinds(next.list), [['Update', child.Id.UniqueId]]);
    await child.Delete(ews.DeleteMode.HardDelete);
    next = await all(next.state);
    assert.deepEqual(kinds(next.list), [['Delete', child.Id.UniqueId]]);
  });

  await check('the hierarchy of the whole mailbox holds the inbox and the calendar', async () => {
    const answer = await s.SyncFolderHierarchy(new ews.PropertySet(ews.BasePropertySet.FirstClassProperties), null);
    const list = answer.GetEnumerator().map((c) => c.Folder);
    assert.ok(list.some((f) => f instanceof ews.CalendarFolder));
    const inbox = await ews.Folder.Bind(s, ews.WellKnownFolderName.Inbox);
    assert.ok(list.some((f) => f.Id.UniqueId === inbox.Id.UniqueId));
  });
};
