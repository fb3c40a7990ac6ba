/** What people write as JSON into a field of a form. */

import { ApiError } from './api.js';
import { readObject } from './json.js';

/**
 * The object; what is none is told beside the field, as if the service had found it.
 * @param {string} field
 * @param {string} text
 */
export function objectIn(field, text) {
  const read = readObject(text);
  if ('object' in read) return read.object;
  throw faultAt(field, read.fault);
}

/** What is wrong with a field, told as it is. @param {string} field @param {string} detail */
export const faultAt = (field, detail) =>
  new ApiError(422, { detail, errors: [{ field, code: 'here', detail }] });
