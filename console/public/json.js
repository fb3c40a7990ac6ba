/** Objects that people write: read from a text, and told apart. */

import { slipIn } from './json-slip.js';
import { texts } from './texts.js';

/** @typedef {Record<string, unknown>} JsonObject */

/** The object as text, for an editor. @param {JsonObject | undefined} object */
export const written = (object) => JSON.stringify(object ?? {}, null, 2);

/**
 * The object in a text, or what is wrong with the text, and where.
 * @param {string} text
 * @returns {{ object: JsonObject } | { fault: string, at: Place }}
 */
export function readObject(text) {
  const slip = slipIn(text.trim() ? text : '{}');
  if (slip) {
    const at = placeOf(text, slip.at);
    const why = texts.json.slips[slip.kind];
    return { fault: texts.json.at(at.line, at.column, why), at };
  }
  const value = JSON.parse(text.trim() || '{}');
  if (isObject(value)) return { object: value };
  return { fault: texts.lines.notObject, at: placeOf(text, text.search(/\S/)) };
}

/** @typedef {{ offset: number, line: number, column: number }} Place lines and columns are counted from one */

/** @param {string} text @param {number} offset @returns {Place} */
function placeOf(text, offset) {
  const lines = text.slice(0, offset).split('\n');
  return { offset, line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}

/**
 * The merge patch (RFC 7396) that makes `to` of `from`.
 * @param {JsonObject} from
 * @param {JsonObject} to
 * @returns {JsonObject}
 */
export function mergePatch(from, to) {
  const gone = Object.keys(from).filter((name) => !Object.hasOwn(to, name));
  /** @type {[string, unknown][]} */
  const patch = gone.map((name) => [name, null]);
  for (const [name, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, name) ? from[name] : undefined;
    if (isObject(value) && isObject(before)) {
      const inner = mergePatch(before, value);
      if (Object.keys(inner).length > 0) patch.push([name, inner]);
    } else if (JSON.stringify(value) !== JSON.stringify(before)) {
      patch.push([name, value]);
    }
  }
  return Object.fromEntries(patch);
}

/** @param {unknown} value @returns {value is JsonObject} */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
