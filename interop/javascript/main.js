'use strict';
// ews-javascript-api, a client that other people wrote, judges an Exchange.
// An argument names the one area of checks to make, such as "calendar".

const { spawnSync } = require('node:child_process');

// Node reads further CAs once, when it starts.
const ca = process.env.EXCONN_INTEROP_CA;
if (ca && process.env.NODE_EXTRA_CA_CERTS !== ca) {
  const again = spawnSync(process.execPath, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
  });
  process.exit(again.status ?? 1);
}

const areas = ['access', 'folders', 'messages', 'delivery', 'attachments', 'search', 'properties', 'sync', 'calendar', 'meetings', 'people', 'tasks', 'availability', 'notifications', 'rights'];

async function main() {
  const { describe, finish } = require('./checks');
  const { settings } = require('./settings');
  for (const area of areas) {
    if (settings.only && settings.only !== area) continue;
    describe(area);
    await require(`./${area}`)();
  }
  await finish();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
