'use strict';
const { assert, check, eventually, afterwards } = require('./checks');
const { settings } = require('./settings');
const { ews, own, other, html, unique, find } = require('./server');

const { Appointment, MeetingRequest, MeetingResponseType, WellKnownFolderName } = ews;
const DAY = 24 * 3_600_000;

module.exports = async function meetings() {
  const s = own();
  const colleague = other();
  // An hour that nothing else of this run takes.
  let hours = 0;
  const hour = () => new ews.DateTime(Math.floor(Date.now() / DAY) * DAY + 400 * DAY + hours++ * 2 * 3_600_000);

  const invite = async (fill = () => {}) => {
    const a = new Appointment(s);
    a.Subject = unique('meeting');
    a.Body = html('<p>Please come</p>');
    a.Start = hour();
    a.End = a.Start.AddMinutes(60);
    a.Location = 'Room 7';
    a.RequiredAttendees.Add('Ben', settings.otherUser);
    fill(a);
    await a.Save(ews.SendInvitationsMode.SendToAllAndSaveCopy);
    afterwards(() => a.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone).catch(() => {}));
    const request = await eventually('the invitation', () => find(colleague, WellKnownFolderName.Inbox, a.Subject));
    await request.Load();
    return { a, request };
  };
  const attendeesEvent = async (subject) => {
    const found = await colleague.FindItems(new ews.FolderId(WellKnownFolderName.Calendar), new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject, subject), new ews.ItemView(5));
    if (!found.Items[0]) return undefined;
    return Appointment.Bind(colleague, found.Items[0].Id);
  };
  const myResponse = async (a) => {
    const back = await Appointment.Bind(s, a.Id);
    return back.RequiredAttendees._getItem(0).ResponseType;
  };

  await check('an invitation arrives and lies in the calendar, not yet answered', async () => {
    const { a, request } = await invite();
    assert.ok(request instanceof MeetingRequest, request.constructor.name);
    assert.equal(request.MeetingRequestType, ews.MeetingRequestType.NewMeetingRequest);
    assert.equal(request.Location, 'Room 7');
    assert.equal(request.Start.TotalMilliSeconds, a.Start.TotalMilliSeconds);
    assert.equal(request.From.Address, settings.user);
    const theirs = await eventually('the event', () => attendeesEvent(a.Subject));
    assert.equal(theirs.MyResponseType, MeetingResponseType.NoResponseReceived);
    assert.equal(theirs.Organizer.Address, settings.user);
    assert.equal(theirs.LegacyFreeBusyStatus, ews.LegacyFreeBusyStatus.Tentative);
    const mine = await Appointment.Bind(s, a.Id);
    assert.equal(mine.IsMeeting, true);
    assert.equal(mine.MeetingRequestWasSent, true);
    assert.equal(mine.MyResponseType, MeetingResponseType.Organizer);
    assert.equal(theirs.ICalUid, mine.ICalUid);
  });

  await check('accepting the invitation reaches the organizer', async () => {
    const { a, request } = await invite();
    await request.Accept(true);
    const theirs = await attendeesEvent(a.Subject);
    assert.equal(theirs.MyResponseType, MeetingResponseType.Accept);
    assert.equal(theirs.LegacyFreeBusyStatus, ews.LegacyFreeBusyStatus.Busy);
    await eventually('the answer', async () => (await myResponse(a)) === MeetingResponseType.Accept);
    const answer = await eventually('the message', () => find(s, WellKnownFolderName.Inbox, `Accepted: ${a.Subject}`));
    await answer.Load();
    assert.ok(answer instanceof ews.MeetingResponse, answer.constructor.name);
    assert.equal(answer.ResponseType, MeetingResponseType.Accept);
  });

  await check('tentatively, from the calendar, with a few words', async () => {
    const { a } = await invite();
    const theirs = await eventually('the event', () => attendeesEvent(a.Subject));
    const message = theirs.CreateAcceptMessage(true);
    message.Body = html('Perhaps a little late');
    await message.SendAndSaveCopy();
    await eventually('the answer', async () => (await myResponse(a)) === MeetingResponseType.Tentative);
    const answer = await eventually('the message', () => find(s, WellKnownFolderName.Inbox, `Tentative: ${a.Subject}`));
    await answer.Load();
    assert.match(answer.Body.Text, /a little late/);
  });

  await check('declining takes it out of the calendar', async () => {
    const { a, request } = await invite();
    await request.Decline(true);
    await eventually('the answer', async () => (await myResponse(a)) === MeetingResponseType.Decline);
    assert.equal(await attendeesEvent(a.Subject), undefined);
  });

  await check('accepting without telling the organizer', async () => {
    const { a, request } = await invite();
    await request.Accept(false);
    assert.equal((await attendeesEvent(a.Subject)).MyResponseType, MeetingResponseType.Accept);
    assert.equal(await myResponse(a), MeetingResponseType.Unknown);
  });

  await check('a change reaches the attendee', async () => {
    const { a } = await invite();
    const mine = await Appointment.Bind(s, a.Id);
    mine.Location = 'Another room';
    await mine.Update(ews.ConflictResolutionMode.AlwaysOverwrite, ews.SendInvitationsOrCancellationsMode.SendToAllAndSaveCopy);
    await eventually('the change', async () => (await attendeesEvent(a.Subject)).Location === 'Another room');
  });

  await check('a cancellation reaches the attendee', async () => {
    const { a } = await invite();
    await eventually('the event', () => attendeesEvent(a.Subject));
    await a.CancelMeeting('It is not needed any more');
    const message = await eventually('the cancellation', () => find(colleague, WellKnownFolderName.Inbox, `Canceled: ${a.Subject}`));
    await message.Load();
    assert.ok(message instanceof ews.MeetingCancellation, message.constructor.name);
    assert.match(message.Body.Text, /not needed/);
  });

  await check('one occurrence of a series is cancelled', async () => {
    const { a } = await invite((a) => {
      a.Recurrence = new ews.Recurrence.DailyPattern(a.Start, 1);
      a.Recurrence.NumberOfOccurrences = 4;
    });
    assert.equal((await eventually('the series', () => attendeesEvent(a.Subject))).IsRecurring, true);
    const second = await Appointment.BindToOccurrence(s, a.Id, 2);
    await second.Delete(ews.DeleteMode.MoveToDeletedItems, ews.SendCancellationsMode.SendToAllAndSaveCopy);
    const message = await eventually('the cancellation', () => find(colleague, WellKnownFolderName.Inbox, `Canceled: ${a.Subject}`));
    await message.Load();
    assert.ok(message instanceof ews.MeetingCancellation, message.constructor.name);
    // Exchange leaves it in the attendee's calendar, marked, until somebody removes it.
    const view = new ews.CalendarView(a.Start.AddDays(-1), a.Start.AddDays(6));
    const left = (await colleague.FindAppointments(WellKnownFolderName.Calendar, view)).Items.filter((o) => o.Subject.endsWith(a.Subject) && !o.IsCancelled);
    assert.deepEqual(left.map((o) => Math.round((o.Start.TotalMilliSeconds - a.Start.TotalMilliSeconds) / DAY)), [0, 2, 3]);
  });

  if (settings.room) {
    await check('a room accepts by itself', async () => {
      const { a } = await invite((a) => a.Resources.Add(settings.room));
      await eventually('the answer of the room', async () => {
        const back = await Appointment.Bind(s, a.Id);
        return back.Resources._getItem(0).ResponseType === MeetingResponseType.Accept;
      });
    });
  }
};
