'use strict';
const { assert, check } = require('./checks');
const { ews, html, unique, place } = require('./server');

module.exports = async function tasks() {
  const { s, folder } = await place('tasks', ews.WellKnownFolderName.Tasks);
  const day = (n) => new ews.DateTime(Date.UTC(2027, 2, n, 12));
  const date = (t) => new Date(t.TotalMilliSeconds).toISOString().slice(0, 10);

  const task = async (fill = () => {}) => {
    const t = new ews.Task(s);
    t.Subject = unique('task');
    fill(t);
    await t.Save(folder.Id);
    return t;
  };

  await check('a task is created and read back', async () => {
    const t = await task((t) => {
      t.Body = html('<p>Call them</p>');
      t.StartDate = day(1);
      t.DueDate = day(5);
      t.Importance = ews.Importance.High;
      t.Status = ews.TaskStatus.InProgress;
      t.PercentComplete = 25;
      t.TotalWork = 90;
    });
    const back = await ews.Task.Bind(s, t.Id);
    assert.equal(back.Subject, t.Subject);
    assert.match(back.Body.Text, /Call them/);
    assert.equal(date(back.StartDate), '2027-03-01');
    assert.equal(date(back.DueDate), '2027-03-05');
    assert.equal(back.Status, ews.TaskStatus.InProgress);
    assert.equal(back.PercentComplete, 25);
    assert.equal(back.TotalWork, 90);
    assert.equal(back.IsComplete, false);
  });

  await check('a task is completed', async () => {
    const t = await task();
    t.Status = ews.TaskStatus.Completed;
    await t.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    const back = await ews.Task.Bind(s, t.Id);
    assert.equal(back.IsComplete, true);
    assert.equal(back.PercentComplete, 100);
    assert.ok(back.CompleteDate);
  });

  await check('tasks are found by their status and their end', async () => {
    const t = await task((t) => {
      t.DueDate = day(20);
      t.Status = ews.TaskStatus.WaitingOnOthers;
    });
    const filter = new ews.SearchFilter.SearchFilterCollection(ews.LogicalOperator.And, [
      new ews.SearchFilter.IsEqualTo(ews.TaskSchema.Status, ews.TaskStatus[ews.TaskStatus.WaitingOnOthers]),
      new ews.SearchFilter.IsGreaterThan(ews.TaskSchema.DueDate, day(15)),
    ]);
    const found = await s.FindItems(folder.Id, filter, new ews.ItemView(10));
    assert.deepEqual(found.Items.map((i) => i.Id.UniqueId), [t.Id.UniqueId]);
  });

  await check('a task that recurs', async () => {
    const t = await task((t) => {
      t.StartDate = day(1);
      t.DueDate = day(1);
      t.Recurrence = new ews.Recurrence.WeeklyPattern(day(1), 2, [ews.DayOfTheWeek.Monday]);
      t.Recurrence.NumberOfOccurrences = 5;
    });
    const back = await ews.Task.Bind(s, t.Id);
    assert.equal(back.IsRecurring, true);
    assert.ok(back.Recurrence instanceof ews.Recurrence.WeeklyPattern);
    assert.equal(Number(back.Recurrence.Interval), 2);
  });

  await check('a task is deleted', async () => {
    const t = await task();
    await t.Delete(ews.DeleteMode.HardDelete);
    const found = await s.FindItems(folder.Id, new ews.SearchFilter.IsEqualTo(ews.ItemSchema.Subject, t.Subject), new ews.ItemView(5));
    assert.equal(found.Items.length, 0);
  });
};
