'use strict';
// What the environment tells about the server; world.go, beside this folder,
// says what each variable means.

const prefix = 'EXCONN_INTEROP_';

function variable(name) {
  return process.env[prefix + name] || '';
}

const settings = {
  url: variable('URL'),
  user: variable('USER'),
  password: variable('PASSWORD'),
  otherUser: variable('OTHER_USER'),
  otherPassword: variable('OTHER_PASSWORD'),
  domain: variable('DOMAIN'),
  serviceUser: variable('SERVICE_USER'),
  servicePassword: variable('SERVICE_PASSWORD'),
  deniedUser: variable('DENIED_USER'),
  token: variable('TOKEN'),
  group: variable('GROUP'),
  groupMember: variable('GROUP_MEMBER'),
  roomList: variable('ROOM_LIST'),
  room: variable('ROOM'),
  archive: variable('ARCHIVE') === 'yes',
  onlineUrl: variable('ONLINE_URL'),
  onlineUser: variable('ONLINE_USER'),
  onlineShared: variable('ONLINE_SHARED'),
  onlineToken: variable('ONLINE_TOKEN'),
  appToken: variable('APP_TOKEN'),
  // One area of checks alone, for whoever looks into a failure.
  only: process.argv[2] || '',
  // Marks all that this run makes, so that runs do not meet.
  stamp: `exconn-${Date.now().toString(36)}`,
};

for (const [name, value] of Object.entries({ URL: settings.url, USER: settings.user, PASSWORD: settings.password, OTHER_USER: settings.otherUser, OTHER_PASSWORD: settings.otherPassword })) {
  if (!value) {
    console.error(`${prefix}${name} is not set: start this by "go run ./interop ews-javascript-api", or set the variables for a server of your own`);
    process.exit(2);
  }
}

module.exports = { settings };
