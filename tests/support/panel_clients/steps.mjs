// What the drivers of the Node clients have in common. The packages are found in the folder that NODE_PATH names.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

export const require = createRequire(import.meta.url);

/** What the driver is called with. */
export const [url, key, readKey] = process.argv.slice(2);

/** Prints a line. */
export function say(step, facts) {
  console.log(JSON.stringify({ step, ...facts }));
}

/** The attributes, with a word for what is by chance; refused creations leave gaps between ids. */
export function shown(attributes) {
  assert.ok(Number.isInteger(attributes.id) && attributes.id > 0);
  assert.match(attributes.uuid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  return { ...attributes, id: "a number", uuid: "a UUID" };
}

/** Carries out a step that must be refused, and prints what `facts` finds in the error. */
export async function refusal(step, call, facts) {
  let reply;
  try {
    reply = await call();
  } catch (error) {
    return say(step, facts(error));
  }
  assert.fail(`${step} was not refused: ${JSON.stringify(reply)}`);
}
