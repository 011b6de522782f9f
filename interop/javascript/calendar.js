'use strict';
const { assert, check, refused } = require('./checks');
const { ews, code, html, unique, place } = require('./server');

const { Appointment, AppointmentType, ConflictResolutionMode, Recurrence, DayOfTheWeek, DateTime } = ews;
const NONE = ews.SendInvitationsMode.SendToNone;
const QUIET = ews.SendInvitationsOrCancellationsMode.SendToNone;

const utc = (...parts) => new DateTime(Date.UTC(...parts));
const iso = (t) => new Date(t.TotalMilliSeconds).toISOString();
const zone = (name) => ews.TimeZoneInfo.FindSystemTimeZoneById(name);

module.exports = async function calendar() {
  const { s, folder } = await place('calendar', ews.WellKnownFolderName.Calendar);

  const event = async (start, minutes, fill = () => {}) => {
    const a = new Appointment(s);
    a.Subject = unique('event');
    a.Start = start;
    a.End = start.AddMinutes(minutes);
    fill(a);
    await a.Save(folder.Id, NONE);
    return a;
  };
  const view = async (from, to, subject) => {
    const found = await s.FindAppointments(folder.Id, new ews.CalendarView(from, to));
    return found.Items.filter((a) => a.Subject === subject);
  };

  await check('an event is created and read back', async () => {
    const a = await event(utc(2027, 0, 12, 9, 0), 45, (a) => {
      a.Location = 'Room 5';
      a.Body = html('<p>Agenda</p>');
      a.LegacyFreeBusyStatus = ews.LegacyFreeBusyStatus.OOF;
      a.ReminderMinutesBeforeStart = 30;
      a.Categories.Add('Customer');
    });
    const back = await Appointment.Bind(s, a.Id);
    assert.equal(iso(back.Start), '2027-01-12T09:00:00.000Z');
    assert.equal(iso(back.End), '2027-01-12T09:45:00.000Z');
    assert.equal(back.Location, 'Room 5');
    assert.match(back.Body.Text, /Agenda/);
    assert.equal(back.LegacyFreeBusyStatus, ews.LegacyFreeBusyStatus.OOF);
    assert.equal(back.ReminderMinutesBeforeStart, 30);
    assert.equal(back.IsReminderSet, true);
    assert.equal(back.IsAllDayEvent, false);
    assert.equal(back.AppointmentType, AppointmentType.Single);
    assert.equal(back.Duration.TotalMinutes, 45);
    assert.deepEqual(back.Categories.GetEnumerator(), ['Customer']);
    assert.ok(back.ICalUid);
  });

  await check('an event is changed', async () => {
    const a = await event(utc(2027, 0, 13, 9, 0), 30);
    a.Start = utc(2027, 0, 13, 15, 0);
    a.End = utc(2027, 0, 13, 16, 0);
    a.Location = 'Elsewhere';
    await a.Update(ConflictResolutionMode.AlwaysOverwrite, QUIET);
    const back = await Appointment.Bind(s, a.Id);
    assert.equal(iso(back.Start), '2027-01-13T15:00:00.000Z');
    assert.equal(back.Location, 'Elsewhere');
  });

  await check('an event that ends before it begins is refused', async () => {
    const error = await refused(event(utc(2027, 0, 13, 9, 0), -30));
    assert.equal(code(error), 'ErrorCalendarEndDateIsEarlierThanStartDate');
  });

  await check('an event in a time zone of its own', async () => {
    const a = await event(utc(2027, 6, 14, 16, 0), 60, (a) => {
      a.StartTimeZone = zone('Eastern Standard Time');
      a.EndTimeZone = zone('Eastern Standard Time');
    });
    const back = await Appointment.Bind(s, a.Id, new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, ews.AppointmentSchema.StartTimeZone));
    assert.match(back.StartTimeZone.Id, /Eastern Standard Time/);
    // What is given without an offset is meant in the event's zone: noon there.
    assert.equal(back.Duration.TotalMinutes, 60);
  });

  await check('an event of all day lasts from midnight to midnight', async () => {
    const a = await event(utc(2027, 1, 1, 23, 0), 48 * 60, (a) => {
      a.IsAllDayEvent = true;
    });
    const back = await Appointment.Bind(s, a.Id);
    assert.equal(back.IsAllDayEvent, true);
    // W. Europe Standard Time, an hour ahead in winter.
    assert.equal(iso(back.Start), '2027-02-01T23:00:00.000Z');
    assert.equal(back.Duration.TotalDays, 2);
  });

  const weekly = (fill = () => {}) => event(utc(2027, 2, 1, 8, 0), 60, (a) => {
    a.Recurrence = new Recurrence.WeeklyPattern(utc(2027, 2, 1), 1, [DayOfTheWeek.Monday, DayOfTheWeek.Wednesday]);
    a.Recurrence.NumberOfOccurrences = 10;
    a.StartTimeZone = zone('W. Europe Standard Time');
    fill(a);
  });
  const march = [utc(2027, 2, 1), utc(2027, 3, 30)];

  await check('a weekly recurrence is expanded, across the change to summer time', async () => {
    const a = await weekly();
    const list = await view(...march, a.Subject);
    assert.deepEqual(list.map((o) => iso(o.Start)), [
      '2027-03-01', '2027-03-03', '2027-03-08', '2027-03-10', '2027-03-15', '2027-03-17', '2027-03-22', '2027-03-24',
    ].map((d) => `${d}T08:00:00.000Z`).concat(['2027-03-29', '2027-03-31'].map((d) => `${d}T07:00:00.000Z`)));
    for (const o of list) assert.equal(o.AppointmentType, AppointmentType.Occurrence);
  });

  await check('its master tells the pattern, the range and both ends', async () => {
    const a = await weekly();
    const back = await Appointment.Bind(s, a.Id);
    assert.equal(back.AppointmentType, AppointmentType.RecurringMaster);
    assert.ok(back.Recurrence instanceof Recurrence.WeeklyPattern);
    assert.equal(Number(back.Recurrence.Interval), 1);
    assert.deepEqual(back.Recurrence.DaysOfTheWeek.GetEnumerator(), [DayOfTheWeek.Monday, DayOfTheWeek.Wednesday]);
    assert.equal(Number(back.Recurrence.NumberOfOccurrences), 10);
    assert.equal(iso(back.FirstOccurrence.Start), '2027-03-01T08:00:00.000Z');
    assert.equal(iso(back.LastOccurrence.Start), '2027-03-31T07:00:00.000Z');
  });

  const patterns = {
    daily: [new Recurrence.DailyPattern(utc(2027, 4, 3), 3), ['2027-05-03', '2027-05-06', '2027-05-09']],
    'monthly by its day': [new Recurrence.MonthlyPattern(utc(2027, 4, 3), 1, 3), ['2027-05-03', '2027-06-03', '2027-07-03']],
    'monthly, the last Friday': [new Recurrence.RelativeMonthlyPattern(utc(2027, 4, 3), 1, DayOfTheWeek.Friday, ews.DayOfTheWeekIndex.Last), ['2027-05-28', '2027-06-25', '2027-07-30']],
    'yearly by its date': [new Recurrence.YearlyPattern(utc(2027, 4, 3), ews.Month.May, 3), ['2027-05-03', '2028-05-03', '2029-05-03']],
    'yearly, the second weekday of September': [new Recurrence.RelativeYearlyPattern(utc(2027, 4, 3), ews.Month.September, DayOfTheWeek.Weekday, ews.DayOfTheWeekIndex.Second), ['2027-09-02', '2028-09-04', '2029-09-04']],
  };
  for (const [name, [pattern, days]] of Object.entries(patterns)) {
    await check(`a recurrence ${name}`, async () => {
      pattern.NumberOfOccurrences = 3;
      const a = await event(utc(2027, 4, 3, 10, 0), 30, (a) => {
        a.Recurrence = pattern;
      });
      const list = [];
      for (const year of [2027, 2028, 2029]) list.push(...(await view(utc(year, 0, 1), utc(year, 11, 31), a.Subject)));
      assert.deepEqual(list.map((o) => iso(o.Start).slice(0, 10)), days);
      const back = await Appointment.Bind(s, a.Id);
      assert.equal(back.Recurrence.constructor, pattern.constructor);
    });
  }

  await check('a recurrence that ends on a date, and one that has no end', async () => {
    const until = await event(utc(2027, 7, 2, 10, 0), 30, (a) => {
      a.Recurrence = new Recurrence.DailyPattern(utc(2027, 7, 2), 1);
      a.Recurrence.EndDate = utc(2027, 7, 5);
    });
    assert.equal((await view(utc(2027, 7, 1), utc(2027, 8, 1), until.Subject)).length, 4);
    const forever = await event(utc(2027, 7, 2, 10, 0), 30, (a) => {
      a.Recurrence = new Recurrence.DailyPattern(utc(2027, 7, 2), 1);
    });
    assert.equal((await Appointment.Bind(s, forever.Id)).Recurrence.HasEnd, false);
    assert.equal((await view(utc(2028, 7, 1), utc(2028, 7, 8), forever.Subject)).length, 7);
  });

  await check('an occurrence is moved and becomes an exception', async () => {
    const a = await weekly();
    const third = await Appointment.BindToOccurrence(s, a.Id, 3);
    assert.equal(iso(third.Start), '2027-03-08T08:00:00.000Z');
    third.Start = utc(2027, 2, 9, 13, 0);
    third.End = utc(2027, 2, 9, 14, 30);
    third.Subject = a.Subject;
    third.Location = 'Moved here';
    await third.Update(ConflictResolutionMode.AlwaysOverwrite, QUIET);
    const list = await view(...march, a.Subject);
    assert.equal(list.length, 10);
    const moved = list.find((o) => iso(o.Start) === '2027-03-09T13:00:00.000Z');
    assert.ok(moved, 'the moved occurrence is not in the view');
    assert.equal(moved.AppointmentType, AppointmentType.Exception);
    assert.equal(moved.Location, 'Moved here');
    const master = await Appointment.Bind(s, a.Id);
    assert.equal(master.ModifiedOccurrences.Count, 1);
    const info = master.ModifiedOccurrences._getItem(0);
    assert.equal(iso(info.OriginalStart), '2027-03-08T08:00:00.000Z');
    assert.equal(iso(info.Start), '2027-03-09T13:00:00.000Z');
  });

  await check('an occurrence is deleted', async () => {
    const a = await weekly();
    const second = await Appointment.BindToOccurrence(s, a.Id, 2);
    await second.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone);
    assert.equal((await view(...march, a.Subject)).length, 9);
    const master = await Appointment.Bind(s, a.Id);
    assert.equal(master.DeletedOccurrences.Count, 1);
    assert.equal(iso(master.DeletedOccurrences._getItem(0).OriginalStart), '2027-03-03T08:00:00.000Z');
    const error = await refused(Appointment.BindToOccurrence(s, a.Id, 2));
    assert.equal(code(error), 'ErrorCalendarOccurrenceIsDeletedFromRecurrence');
  });

  await check('an occurrence that the series does not have', async () => {
    const a = await weekly();
    const error = await refused(Appointment.BindToOccurrence(s, a.Id, 11));
    assert.equal(code(error), 'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange');
  });

  await check('from an occurrence to its master', async () => {
    const a = await weekly();
    const [first] = await view(...march, a.Subject);
    const master = await Appointment.BindToRecurringMaster(s, first.Id);
    assert.equal(master.Id.UniqueId, a.Id.UniqueId);
  });

  await check('the whole series is changed', async () => {
    const a = await weekly();
    const master = await Appointment.Bind(s, a.Id);
    master.Location = 'For all of them';
    await master.Update(ConflictResolutionMode.AlwaysOverwrite, QUIET);
    for (const o of await view(...march, a.Subject)) assert.equal(o.Location, 'For all of them');
  });

  await check('the whole series is deleted', async () => {
    const a = await weekly();
    await a.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone);
    assert.deepEqual(await view(...march, a.Subject), []);
  });

  await check('a view of more than two years is refused', async () => {
    const error = await refused(s.FindAppointments(folder.Id, new ews.CalendarView(utc(2027, 0, 1), utc(2029, 6, 1))));
    assert.equal(code(error), 'ErrorCalendarViewRangeTooBig');
  });
};
