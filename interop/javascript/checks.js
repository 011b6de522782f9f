'use strict';
// The frame of the checks: each is judged by itself, so that one that fails
// does not keep the others from being made.

const assert = require('node:assert/strict');

let made = 0;
const failures = [];
let area = '';
const cleanups = [];

/** Names the area of the checks that follow. */
function describe(name) {
  area = name;
}

/**
 * Makes one check. A check fails by throwing, or by taking longer than it
 * may: a minute, where it does not say otherwise.
 * @returns what the check returns, or undefined where it failed.
 */
async function check(name, body, seconds = 60) {
  const full = `${area}: ${name}`;
  made++;
  let timer;
  try {
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${seconds} s`)), seconds * 1000);
    });
    const result = await Promise.race([Promise.resolve().then(body), late]);
    console.log(`ok      ${full}`);
    return result;
  } catch (error) {
    failures.push(full);
    console.log(`FAILED  ${full}\n        ${told(error)}`);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** What is worth telling of an error; the library throws things that are none. */
function told(error) {
  if (error instanceof Error && error.stack) return error.stack.split('\n').slice(0, 8).join('\n        ');
  const fields = ['Message', 'message', 'ErrorCode', 'status', 'statusText', 'responseText', 'response'];
  const parts = fields.filter((f) => error && error[f] !== undefined && error[f] !== null).map((f) => `${f}=${String(error[f]).slice(0, 500)}`);
  return parts.length ? parts.join(' ') : String(error);
}

/** Expects a promise to be refused, and returns with what. */
async function refused(promise) {
  let result;
  try {
    result = await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `was not refused, but gave ${String(result)}` });
}

/** Asks again until the answer is neither undefined, null nor false: deliveries take a while. */
async function eventually(what, ask, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new assert.AssertionError({ message: `${what} did not come within ${seconds} s` });
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Has something undone at the end, whatever happens before. */
function afterwards(undo) {
  cleanups.push(undo);
}

/** Tidies up and tells how it went. The last line is for the one who started this. */
async function finish() {
  for (const undo of cleanups.reverse()) {
    try {
      await undo();
    } catch (error) {
      console.log(`        tidying up: ${told(error)}`);
    }
  }
  for (const name of failures) console.log(`failed: ${name}`);
  console.log(`${made} checks, ${failures.length} failed`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

module.exports = { assert, describe, check, refused, eventually, afterwards, finish };
