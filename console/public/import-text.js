/**
 * Users in a text that people bring along: NDJSON as the export writes it, a JSON array, a sheet as CSV (with
 * commas, semicolons or tabs), or plain addresses.
 */

import { addressesIn } from './addresses.js';
import { texts } from './texts.js';

/** @typedef {import('./contract').Body<'user/create'>} Body */
/** @typedef {'email' | 'first' | 'last' | 'role' | 'username' | 'externalId' | 'language' | 'preferences'} Field */
/** @typedef {Pick<Body, Field | 'state' | 'sendInvite'>} NewUser */
/** @typedef {{ number: number, user: NewUser } | { number: number, text: string, fault: string }} ImportLine */
/**
 * @typedef {object} Import
 * @property {ImportLine[]} lines
 * @property {string[]} ignored the columns that no user has
 * @property {string} [fault] why the text cannot be read at all
 */

/** What of a record a new user can have; whatever else is there (ids, times) is left out. @type {Field[]} */
const FIELDS = [
  'email',
  'first',
  'last',
  'role',
  'username',
  'externalId',
  'language',
  'preferences',
];
/** What people call columns, without what is no letter of these. @type {Record<string, string>} */
const COLUMNS = {
  email: 'email',
  mail: 'email',
  emailaddress: 'email',
  emailadresse: 'email',
  first: 'first',
  firstname: 'first',
  givenname: 'first',
  vorname: 'first',
  last: 'last',
  lastname: 'last',
  surname: 'last',
  familyname: 'last',
  nachname: 'last',
  role: 'role',
  rolle: 'role',
  username: 'username',
  benutzername: 'username',
  externalid: 'externalId',
  language: 'language',
  sprache: 'language',
  preferences: 'preferences',
};

/**
 * The users in a text, or what is wrong with each line; empty lines are passed over.
 * @param {string} text
 * @returns {Import}
 */
export function readImport(text) {
  const clean = text.replace(/^\uFEFF/, '');
  const start = clean.trimStart()[0];
  if (start === '[') return fromArray(clean);
  if (start === '{') return { lines: eachLine(clean).map(fromLine), ignored: [] };
  return fromSheet(clean);
}

/** @param {string} text @returns {Import} */
function fromArray(text) {
  try {
    const elements = /** @type {unknown[]} */ (JSON.parse(text));
    return { lines: elements.map(fromElement), ignored: [] };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return {
      lines: [],
      ignored: [],
      fault: texts.lines.notArray(message),
    };
  }
}

/** @param {string} text @returns {Import} */
function fromSheet(text) {
  const [head, ...rest] = rowsIn(text);
  if (!head) return { lines: [], ignored: [] };
  const header = headerIn(head.cells);
  if (!header) return { lines: [head, ...rest].map(fromPlain), ignored: [] };
  const ignored = head.cells.filter((name, index) => name && !header[index]);
  return { lines: rest.map((row) => fromCells(row, header)), ignored };
}

/** @param {string} text */
const eachLine = (text) =>
  text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, text: line.trim() }))
    .filter(({ text }) => text);

/** Among JSON there may be lines of what was left of a sheet. @param {{ number: number, text: string }} line */
function fromLine({ number, text }) {
  const looksLikeJson = /^[{}[\]"]/.test(text);
  if (looksLikeJson) return fromJson({ number, text });
  return fromPlain({ number, text, cells: rowsIn(text)[0]?.cells ?? [] });
}

/** @param {{ number: number, text: string }} line @returns {ImportLine} */
function fromJson({ number, text }) {
  try {
    return fromRecord(JSON.parse(text), { number, text });
  } catch {
    return { number, text, fault: texts.lines.notJson };
  }
}

/** @param {unknown} element @param {number} index */
function fromElement(element, index) {
  return fromRecord(element, { number: index + 1, text: JSON.stringify(element) });
}

/** @param {any} record @param {{ number: number, text: string }} line @returns {ImportLine} */
function fromRecord(record, { number, text }) {
  if (typeof record?.email !== 'string') return { number, text, fault: texts.lines.noEmailField };
  return { number, user: userOf(record) };
}

/**
 * What the fields have in them, the service looks at.
 * @param {Record<string, unknown>} record
 * @returns {NewUser}
 */
function userOf(record) {
  const given = FIELDS.filter((name) => record[name] !== undefined && record[name] !== '');
  /** @type {any} */
  const user = Object.fromEntries(given.map((name) => [name, record[name]]));
  // A suspended user stays suspended. All others join by an invitation or another email.
  return record.state === 'suspended' ? { ...user, state: 'suspended' } : user;
}

/** @typedef {{ number: number, cells: string[], text: string }} Row */

/** The fields of the columns, if the first line names them. @param {string[]} cells */
function headerIn(cells) {
  const fields = cells.map((cell) => COLUMNS[cell.toLowerCase().replace(/[^a-z]/g, '')]);
  return fields.includes('email') ? fields : undefined;
}

/** @param {Row} row @param {(string | undefined)[]} header @returns {ImportLine} */
function fromCells({ number, cells, text }, header) {
  const named = header.map((field, index) => /** @type {const} */ ([field, cells[index]]));
  const record = Object.fromEntries(named.filter(([field, value]) => field && value));
  if (!record.email) return { number, text, fault: texts.lines.noEmail };
  const { preferences } = record;
  return { number, user: userOf({ ...record, preferences: preferences && jsonIn(preferences) }) };
}

/** JSON in a cell. What is none, the service refuses. @param {string} cell */
function jsonIn(cell) {
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}

/** Without a header: an address with or without a name, or an address and the names beside it. @param {Row} row @returns {ImportLine} */
function fromPlain({ number, cells, text }) {
  const [address, second] = addressesIn(text);
  if (!address) return { number, text, fault: texts.lines.noEmail };
  if (second) return { number, text, fault: texts.lines.manyEmails };
  const [first, last] = cells.filter((cell) => cell && !cell.includes('@'));
  return { number, user: userOf({ first, last, ...address }) };
}

/**
 * The rows of a sheet (RFC 4180): cells in quotes may have separators and line breaks in them.
 * @param {string} text
 * @returns {Row[]}
 */
function rowsIn(text) {
  const separator = separatorIn(text);
  /** @type {Row[]} */
  const rows = [];
  let line = 1;
  let row = { number: 1, cells: /** @type {string[]} */ ([]), text: '' };
  for (const { cell, end } of cellsIn(text, separator)) {
    row.cells.push(cell.trim());
    row.text += row.cells.length > 1 ? `${separator}${cell}` : cell;
    line += cell.split('\n').length - 1;
    if (end !== separator) {
      if (row.cells.some(Boolean)) rows.push(row);
      line += 1;
      row = { number: line, cells: [], text: '' };
    }
  }
  return rows;
}

/** Whatever the first line has most of. @param {string} text */
function separatorIn(text) {
  const [first] = text.split('\n', 1);
  const count = (/** @type {string} */ mark) => first.split(mark).length;
  return ['\t', ';'].find((mark) => count(mark) > count(',')) ?? ',';
}

/** @param {string} text @param {string} separator */
function* cellsIn(text, separator) {
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"[ ]*|([^${separator}\n]*))(${separator}|\r?\n|$)`,
    'gy',
  );
  for (const [, quoted, plain, end] of text.matchAll(cell)) {
    yield { cell: quoted?.replaceAll('""', '"') ?? plain.replace(/\r$/, ''), end };
    if (!end) break;
  }
}
