'use strict';
const { assert, check, eventually, refused } = require('./checks');
const { ews, code, own, unique, place } = require('./server');

const { EventType } = ews;

module.exports = async function notifications() {
  const { s, folder } = await place();
  const draft = async () => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('noticed');
    await m.Save(folder.Id);
    return m;
  };

  await check('pull: created, changed, moved and deleted', async () => {
    const subscription = await s.SubscribeToPullNotifications([folder.Id], 10, null, EventType.Created, EventType.Modified, EventType.Moved, EventType.Deleted);
    const next = async () => (await subscription.GetEvents()).ItemEvents;
    assert.deepEqual(await next(), []);
    const m = await draft();
    const created = (await next()).filter((e) => e.EventType === EventType.Created);
    assert.deepEqual(created.map((e) => e.ItemId.UniqueId), [m.Id.UniqueId]);
    assert.equal(created[0].ParentFolderId.UniqueId, folder.Id.UniqueId);
    m.Subject = unique('changed');
    await m.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    assert.ok((await next()).some((e) => e.EventType === EventType.Modified && e.ItemId.UniqueId === m.Id.UniqueId));
    const moved = await m.Move(ews.WellKnownFolderName.Drafts);
    const movedEvent = (await next()).find((e) => e.EventType === EventType.Moved);
    assert.equal(movedEvent.OldItemId.UniqueId, m.Id.UniqueId);
    assert.equal(movedEvent.ItemId.UniqueId, moved.Id.UniqueId);
    assert.equal(movedEvent.OldParentFolderId.UniqueId, folder.Id.UniqueId);
    const other = await draft();
    await next();
    await other.Delete(ews.DeleteMode.HardDelete);
    assert.ok((await next()).some((e) => e.EventType === EventType.Deleted && e.ItemId.UniqueId === other.Id.UniqueId));
    await subscription.Unsubscribe();
    assert.equal(code(await refused(subscription.GetEvents())), 'ErrorSubscriptionNotFound');
  });

  await check('pull: nothing is told of other folders', async () => {
    const subscription = await s.SubscribeToPullNotifications([folder.Id], 10, null, EventType.Created);
    const m = new ews.EmailMessage(s);
    m.Subject = unique('elsewhere');
    await m.Save(ews.WellKnownFolderName.Drafts);
    assert.deepEqual((await subscription.GetEvents()).ItemEvents, []);
    await subscription.Unsubscribe();
  });

  await check('pull: on all folders', async () => {
    const subscription = await s.SubscribeToPullNotificationsOnAllFolders(10, null, EventType.Created);
    const m = await draft();
    assert.ok((await subscription.GetEvents()).ItemEvents.some((e) => e.ItemId.UniqueId === m.Id.UniqueId));
    await subscription.Unsubscribe();
  });

  /** Opens a stream on a subscription; work runs while it is open. */
  const stream = async (lifetime, work) => {
    const streaming = own();
    const subscription = await streaming.SubscribeToStreamingNotifications([folder.Id], EventType.NewMail, EventType.Created, EventType.Deleted, EventType.Modified);
    const connection = new ews.StreamingSubscriptionConnection(streaming, lifetime);
    const events = [];
    const ends = [];
    connection.AddSubscription(subscription);
    connection.OnNotificationEvent.push((_, args) => events.push(...args.Events.map((e) => ({ id: args.Subscription.Id, e }))));
    connection.OnSubscriptionError.push((_, args) => ends.push(args));
    connection.OnDisconnect.push(() => ends.push('end'));
    connection.Open().catch((error) => ends.push(error));
    try {
      return await work({ connection, subscription, events, ends });
    } finally {
      if (connection.IsOpen) connection.Close();
    }
  };

  await check('streaming: events arrive while the connection is open', async () => {
    await stream(5, async ({ subscription, events }) => {
      // Events since the subscription count, so that it need not stand yet.
      const m = await draft();
      const seen = await eventually('the event', () => events.find(({ e }) => e.EventType === EventType.Created && e.ItemId.UniqueId === m.Id.UniqueId));
      assert.equal(seen.id, subscription.Id);
      await m.Delete(ews.DeleteMode.HardDelete);
      await eventually('the deletion', () => events.find(({ e }) => e.EventType === EventType.Deleted && e.ItemId.UniqueId === m.Id.UniqueId));
    });
  });

  await check('streaming: many events in a row, each of them', async () => {
    await stream(5, async ({ events }) => {
      const ids = [];
      for (let i = 0; i < 10; i++) ids.push((await draft()).Id.UniqueId);
      await eventually('all events', () => ids.every((id) => events.some(({ e }) => e.EventType === EventType.Created && e.ItemId.UniqueId === id)));
    });
  });

  await check('streaming: the connection ends by itself after its time', async () => {
    await stream(1, async ({ ends }) => {
      await eventually('the end', () => ends.length > 0, 90);
    });
  }, 120); // a minute is the least that can be asked for

  await check('streaming: a subscription that is gone is told of', async () => {
    const streaming = own();
    const subscription = await streaming.SubscribeToStreamingNotifications([folder.Id], EventType.Created);
    const again = own();
    const connection = new ews.StreamingSubscriptionConnection(again, 1);
    connection.AddSubscription(subscription);
    await subscription.Unsubscribe();
    const errors = [];
    connection.OnSubscriptionError.push((_, args) => errors.push(args.Exception));
    connection.Open().catch((error) => errors.push(error));
    const error = await eventually('the error', () => errors[0]);
    assert.match(`${code(error)} ${error.message} ${error.Message}`, /ErrorSubscriptionNotFound|ErrorInvalidSubscription|subscription/i);
  });
};
