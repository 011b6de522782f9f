'use strict';
const { assert, check } = require('./checks');
const { ews, xml, unique, place } = require('./server');

const { ExtendedPropertyDefinition, DefaultExtendedPropertySet, MapiPropertyType } = ews;

module.exports = async function properties() {
  const { s, folder } = await place();
  const guid = new ews.Guid('7c3b1a58-6f1e-4d0a-9d1c-0f6e5a2b9c11');

  const kinds = {
    'a string by name': [new ExtendedPropertyDefinition(DefaultExtendedPropertySet.PublicStrings, 'exconn-text', MapiPropertyType.String), 'Grüße & <more>'],
    'an integer by a set of our own': [new ExtendedPropertyDefinition(guid, 'exconn-number', MapiPropertyType.Integer), 4711],
    'a truth value by an id in a set': [new ExtendedPropertyDefinition(guid, 0x8123, MapiPropertyType.Boolean), true],
    'a double': [new ExtendedPropertyDefinition(guid, 'exconn-double', MapiPropertyType.Double), 2.5],
    'a time': [new ExtendedPropertyDefinition(guid, 'exconn-time', MapiPropertyType.SystemTime), new ews.DateTime(Date.UTC(2027, 1, 3, 4, 5, 6))],
    'a string by tag': [new ExtendedPropertyDefinition(0x3a45, MapiPropertyType.String), 'Dr.'],
    'an array of strings': [new ExtendedPropertyDefinition(guid, 'exconn-list', MapiPropertyType.StringArray), ['one', 'two', 'three']],
    'an array of integers': [new ExtendedPropertyDefinition(guid, 'exconn-numbers', MapiPropertyType.IntegerArray), [1, 2, 3]],
    'binary': [new ExtendedPropertyDefinition(guid, 'exconn-binary', MapiPropertyType.Binary), Array.from(Buffer.from('binary \0 content'))],
  };
  const plain = (v) => (v instanceof ews.DateTime ? v.TotalMilliSeconds : v instanceof Uint8Array || Array.isArray(v) ? Array.from(v, String) : v);

  const draft = async (definition, value) => {
    const m = new ews.EmailMessage(s);
    m.Subject = unique('property');
    m.SetExtendedProperty(definition, typeof value === 'string' ? xml(value) : value);
    await m.Save(folder.Id);
    return m;
  };
  const read = async (m, definition) => {
    const back = await ews.EmailMessage.Bind(s, m.Id, new ews.PropertySet(ews.BasePropertySet.IdOnly, definition));
    const out = { outValue: undefined };
    return back.ExtendedProperties.TryGetValue(definition, out) ? out.outValue : undefined;
  };

  for (const [name, [definition, value]] of Object.entries(kinds)) {
    await check(`${name} comes back`, async () => {
      assert.deepEqual(plain(await read(await draft(definition, value), definition)), plain(value));
    });
  }

  const [text] = kinds['a string by name'];
  await check('an extended property is changed and deleted', async () => {
    const m = await draft(text, 'before');
    m.SetExtendedProperty(text, 'after');
    await m.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    assert.equal(await read(m, text), 'after');
    m.RemoveExtendedProperty(text);
    await m.Update(ews.ConflictResolutionMode.AlwaysOverwrite);
    assert.equal(await read(m, text), undefined);
  });

  await check('items are found by an extended property', async () => {
    const value = unique('findable');
    const m = await draft(text, value);
    const found = await s.FindItems(folder.Id, new ews.SearchFilter.IsEqualTo(text, value), new ews.ItemView(5));
    assert.deepEqual(found.Items.map((i) => i.Id.UniqueId), [m.Id.UniqueId]);
  });
};
