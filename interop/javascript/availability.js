'use strict';
const { assert, check, afterwards, eventually } = require('./checks');
const { settings } = require('./settings');
const { ews, own, other, html, xml, unique, find } = require('./server');

const DAY = 24 * 3_600_000;

module.exports = async function availability() {
  const s = own();
  // A Saturday far ahead, so that nothing else is there.
  const base = Math.floor(Date.now() / DAY) * DAY + 450 * DAY;
  const saturday = base + ((6 - new Date(base).getUTCDay() + 7) % 7) * DAY;
  const at = (hour, minute = 0) => new ews.DateTime(saturday + hour * 3_600_000 + minute * 60_000);

  const busy = new ews.Appointment(other());
  busy.Subject = unique('busy');
  busy.Start = at(13);
  busy.End = at(14, 30);
  await check('somebody is busy', async () => {
    await busy.Save(ews.SendInvitationsMode.SendToNone);
    afterwards(() => busy.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone));
  });

  const window = new ews.TimeWindow(new ews.DateTime(saturday), new ews.DateTime(saturday + DAY));
  const ask = (data, options) => s.GetUserAvailability([new ews.AttendeeInfo(settings.otherUser)], window, data, options);

  await check('free/busy tells when', async () => {
    const options = new ews.AvailabilityOptions();
    options.RequestedFreeBusyView = ews.FreeBusyViewType.FreeBusyMerged;
    options.MergedFreeBusyInterval = 30;
    const answer = await ask(ews.AvailabilityData.FreeBusy, options);
    const a = answer.AttendeesAvailability.Responses[0];
    assert.equal(a.ErrorCode, ews.ServiceError.NoError);
    const event = a.CalendarEvents.find((e) => e.StartTime.TotalMilliSeconds === at(13).TotalMilliSeconds);
    assert.ok(event, `busy times: ${a.CalendarEvents.map((e) => e.StartTime.ToISOString())}`);
    assert.equal(event.EndTime.TotalMilliSeconds, at(14, 30).TotalMilliSeconds);
    assert.equal(event.FreeBusyStatus, ews.LegacyFreeBusyStatus.Busy);
    assert.equal(a.MergedFreeBusyStatus.length, 48);
    assert.equal(a.MergedFreeBusyStatus.filter((x) => x === ews.LegacyFreeBusyStatus.Busy).length, 3);
  });

  await check('the working hours', async () => {
    const answer = await ask(ews.AvailabilityData.FreeBusy, new ews.AvailabilityOptions());
    const hours = answer.AttendeesAvailability.Responses[0].WorkingHours;
    assert.ok(hours.DaysOfTheWeek.length >= 5);
    assert.ok(hours.EndTime.TotalHours > hours.StartTime.TotalHours);
  });

  await check('suggestions stay clear of the busy time', async () => {
    const options = new ews.AvailabilityOptions();
    options.MeetingDuration = 60;
    options.MaximumSuggestionsPerDay = 5;
    options.MaximumNonWorkHoursSuggestionsPerDay = 5;
    const answer = await ask(ews.AvailabilityData.FreeBusyAndSuggestions, options);
    const times = answer.Suggestions.flatMap((day) => day.TimeSuggestions).map((t) => t.MeetingTime.TotalMilliSeconds);
    assert.ok(times.length > 0, 'no suggestion');
    for (const t of times) assert.ok(t + 3_600_000 <= at(13).TotalMilliSeconds || t >= at(14, 30).TotalMilliSeconds, new Date(t).toISOString());
  });

  await check('an address that nobody has gets an error of its own', async () => {
    const answer = await s.GetUserAvailability([new ews.AttendeeInfo(settings.otherUser), new ews.AttendeeInfo(`nobody@${settings.user.split('@')[1]}`)], window, ews.AvailabilityData.FreeBusy);
    const [known, unknown] = answer.AttendeesAvailability.Responses;
    assert.equal(known.ErrorCode, ews.ServiceError.NoError);
    assert.equal(ews.ServiceError[unknown.ErrorCode], 'ErrorMailRecipientNotFound');
  });

  const reply = `Away until Monday – ${settings.stamp}`;
  await check('an absence is set, read and takes effect', async () => {
    const oof = new ews.OofSettings();
    oof.State = ews.OofState.Enabled;
    oof.ExternalAudience = ews.OofExternalAudience.Known;
    oof.InternalReply = new ews.OofReply(xml(reply));
    oof.ExternalReply = new ews.OofReply('Away');
    const theirs = other();
    await theirs.SetUserOofSettings(settings.otherUser, oof);
    afterwards(async () => {
      oof.State = ews.OofState.Disabled;
      await theirs.SetUserOofSettings(settings.otherUser, oof);
    });
    const back = await theirs.GetUserOofSettings(settings.otherUser);
    assert.equal(back.State, ews.OofState.Enabled);
    assert.equal(back.ExternalAudience, ews.OofExternalAudience.Known);
    assert.ok(back.InternalReply.Message.includes(reply));
    const m = new ews.EmailMessage(s);
    m.Subject = unique('to somebody away');
    m.Body = html('hello');
    m.ToRecipients.Add(settings.otherUser);
    await m.SendAndSaveCopy();
    const answer = await eventually('the automatic reply', () => find(s, ews.WellKnownFolderName.Inbox, `Automatic reply: ${m.Subject}`));
    await answer.Load();
    assert.ok(answer.Body.Text.includes(reply));
  });

  await check('an absence with a beginning and an end', async () => {
    const oof = new ews.OofSettings();
    oof.State = ews.OofState.Scheduled;
    oof.ExternalAudience = ews.OofExternalAudience.All;
    oof.Duration = new ews.TimeWindow(at(8), at(18));
    oof.InternalReply = new ews.OofReply('inside');
    oof.ExternalReply = new ews.OofReply('outside');
    await s.SetUserOofSettings(settings.user, oof);
    const back = await s.GetUserOofSettings(settings.user);
    assert.equal(back.State, ews.OofState.Scheduled);
    assert.equal(back.Duration.StartTime.TotalMilliSeconds, at(8).TotalMilliSeconds);
    assert.equal(back.Duration.EndTime.TotalMilliSeconds, at(18).TotalMilliSeconds);
    oof.State = ews.OofState.Disabled;
    await s.SetUserOofSettings(settings.user, oof);
    assert.equal((await s.GetUserOofSettings(settings.user)).State, ews.OofState.Disabled);
  });

  if (settings.roomList) {
    await check('room lists and their rooms', async () => {
      const lists = await s.GetRoomLists();
      assert.ok(lists.GetEnumerator().some((l) => l.Address === settings.roomList));
      const rooms = await s.GetRooms(new ews.EmailAddress(settings.roomList));
      assert.ok(rooms.some((r) => r.Address === settings.room));
    });
  }
};
