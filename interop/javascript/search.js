'use strict';
const { assert, check } = require('./checks');
const { ews, own, html, unique, place } = require('./server');

const { SearchFilter, ItemSchema, EmailMessageSchema } = ews;

module.exports = async function search() {
  const { s, folder } = await place();
  const stamp = unique('search');

  const list = Array.from({ length: 12 }, (_, i) => {
    const m = new ews.EmailMessage(s);
    m.Subject = `${stamp} ${String(i).padStart(2, '0')} ${i % 2 ? 'odd' : 'even'}`;
    m.Body = html(`<p>body of number ${i} word${i}</p>`);
    m.Importance = i % 3 === 0 ? ews.Importance.High : ews.Importance.Normal;
    if (i % 4 === 0) m.Categories.Add('every fourth');
    return m;
  });
  await check('twelve messages to search in', async () => {
    const made = await s.CreateItems(list, folder.Id, ews.MessageDisposition.SaveOnly, null);
    assert.equal(made.OverallResult, ews.ServiceResult.Success);
  });

  /** The numbers of the messages that a filter finds, sorted. */
  const numbers = async (filter, view = new ews.ItemView(50)) => {
    const found = await s.FindItems(folder.Id, filter, view);
    return found.Items.map((m) => Number(m.Subject.slice(stamp.length + 1, stamp.length + 3))).sort((a, b) => a - b);
  };
  const even = [0, 2, 4, 6, 8, 10];

  await check('contains a substring, whatever its case', async () => {
    const filter = new SearchFilter.ContainsSubstring(ItemSchema.Subject, 'EVEN', ews.ContainmentMode.Substring, ews.ComparisonMode.IgnoreCase);
    assert.deepEqual(await numbers(filter), even);
  });
  await check('contains a substring, its case kept', async () => {
    const filter = new SearchFilter.ContainsSubstring(ItemSchema.Subject, 'EVEN', ews.ContainmentMode.Substring, ews.ComparisonMode.Exact);
    assert.deepEqual(await numbers(filter), []);
  });
  await check('begins with', async () => {
    const filter = new SearchFilter.ContainsSubstring(ItemSchema.Subject, `${stamp} 07`, ews.ContainmentMode.Prefixed, ews.ComparisonMode.IgnoreCase);
    assert.deepEqual(await numbers(filter), [7]);
  });
  await check('equal and not equal', async () => {
    assert.deepEqual(await numbers(new SearchFilter.IsEqualTo(ItemSchema.Importance, ews.Importance[ews.Importance.High])), [0, 3, 6, 9]);
    assert.deepEqual(await numbers(new SearchFilter.IsNotEqualTo(ItemSchema.Importance, ews.Importance[ews.Importance.High])), [1, 2, 4, 5, 7, 8, 10, 11]);
  });
  await check('greater and less', async () => {
    const at = (n) => `${stamp} ${String(n).padStart(2, '0')}`;
    const between = new SearchFilter.SearchFilterCollection(ews.LogicalOperator.And, [
      new SearchFilter.IsGreaterThanOrEqualTo(ItemSchema.Subject, at(3)),
      new SearchFilter.IsLessThan(ItemSchema.Subject, at(6)),
    ]);
    assert.deepEqual(await numbers(between), [3, 4, 5]);
  });
  await check('by time', async () => {
    const hour = 3_600_000;
    assert.equal((await numbers(new SearchFilter.IsGreaterThan(ItemSchema.DateTimeCreated, new ews.DateTime(Date.now() - hour)))).length, 12);
    assert.equal((await numbers(new SearchFilter.IsGreaterThan(ItemSchema.DateTimeCreated, new ews.DateTime(Date.now() + hour)))).length, 0);
  });
  await check('and, or, not', async () => {
    const has = (word) => new SearchFilter.ContainsSubstring(ItemSchema.Subject, word);
    const high = new SearchFilter.IsEqualTo(ItemSchema.Importance, ews.Importance[ews.Importance.High]);
    assert.deepEqual(await numbers(new SearchFilter.SearchFilterCollection(ews.LogicalOperator.And, [has('even'), high])), [0, 6]);
    assert.deepEqual(await numbers(new SearchFilter.SearchFilterCollection(ews.LogicalOperator.Or, [has(' 01 '), has(' 02 ')])), [1, 2]);
    assert.deepEqual(await numbers(new SearchFilter.Not(has('odd'))), even);
  });
  await check('a category', async () => {
    assert.deepEqual(await numbers(new SearchFilter.IsEqualTo(ItemSchema.Categories, 'every fourth')), [0, 4, 8]);
  });
  await check('a property that is there', async () => {
    assert.deepEqual(await numbers(new SearchFilter.Exists(ItemSchema.Categories)), [0, 4, 8]);
  });
  await check('bits of a property', async () => {
    // PR_MESSAGE_FLAGS; 8 is mfUnsent, which every draft has.
    const flags = new ews.ExtendedPropertyDefinition(0x0e07, ews.MapiPropertyType.Integer);
    assert.deepEqual(await numbers(new SearchFilter.ExcludesBitmask(flags, 8)), []);
    assert.equal((await numbers(new SearchFilter.ExcludesBitmask(flags, 0x40))).length, 12);
  });
  await check('a word of the body, by query string', async () => {
    const found = await s.FindItems(folder.Id, 'body:word7', new ews.ItemView(10));
    assert.deepEqual(found.Items.map((m) => m.Subject), [list[7].Subject]);
  });
  await check('sorted both ways', async () => {
    const view = new ews.ItemView(50);
    view.OrderBy.Add(ItemSchema.Subject, ews.SortDirection.Descending);
    const down = (await s.FindItems(folder.Id, view)).Items.map((m) => m.Subject);
    assert.deepEqual(down, list.map((m) => m.Subject).sort().reverse());
    view.OrderBy.Clear();
    view.OrderBy.Add(ItemSchema.Importance, ews.SortDirection.Descending);
    view.OrderBy.Add(ItemSchema.Subject, ews.SortDirection.Ascending);
    const first = (await s.FindItems(folder.Id, view)).Items.slice(0, 5).map((m) => m.Subject);
    assert.deepEqual(first, [0, 3, 6, 9, 1].map((i) => list[i].Subject));
  });
  await check('page by page, every item once', async () => {
    const seen = [];
    for (let offset = 0; ; ) {
      const view = new ews.ItemView(5, offset);
      view.OrderBy.Add(ItemSchema.Subject, ews.SortDirection.Ascending);
      const found = await s.FindItems(folder.Id, view);
      seen.push(...found.Items.map((m) => m.Subject));
      assert.equal(found.TotalCount, 12);
      if (!found.MoreAvailable) break;
      offset = found.NextPageOffset;
    }
    assert.deepEqual(seen, list.map((m) => m.Subject));
  });
  await check('the last page, counted from the end', async () => {
    const view = new ews.ItemView(3, 0, ews.OffsetBasePoint.End);
    view.OrderBy.Add(ItemSchema.Subject, ews.SortDirection.Ascending);
    const found = await s.FindItems(folder.Id, view);
    assert.deepEqual(found.Items.map((m) => m.Subject), list.slice(-3).map((m) => m.Subject));
  });
  await check('ids alone, and chosen properties', async () => {
    const view = new ews.ItemView(1);
    view.PropertySet = new ews.PropertySet(ews.BasePropertySet.IdOnly, ItemSchema.Subject, EmailMessageSchema.IsRead);
    const m = (await s.FindItems(folder.Id, view)).Items[0];
    assert.ok(m.Id.UniqueId && m.Subject);
    assert.equal(typeof m.IsRead, 'boolean');
    assert.throws(() => m.Importance, /must load|not loaded|load or assign/i);
  });
  await check('grouped', async () => {
    const grouping = new ews.Grouping(ItemSchema.Importance, ews.SortDirection.Ascending, ItemSchema.DateTimeReceived, ews.AggregateType.Maximum);
    const found = await s.FindItems(folder.Id, new ews.ItemView(50), grouping);
    assert.deepEqual(found.ItemGroups.map((g) => g.Items.length).sort((a, b) => a - b), [4, 8]);
  });
  await check('several folders in one search', async () => {
    const drafts = await ews.Folder.Bind(own(), ews.WellKnownFolderName.Drafts);
    const answers = await s.FindItems([folder.Id, drafts.Id], new SearchFilter.ContainsSubstring(ItemSchema.Subject, stamp), new ews.ItemView(50));
    const items = (answers.Responses || [{ Results: answers }]).flatMap((r) => r.Results.Items);
    assert.equal(items.length, 12);
  });
};
