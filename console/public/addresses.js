/** Email addresses in whatever text people paste: lists, columns of a sheet, `Ada Lovelace <ada@example.com>`. */

/** @typedef {{ email: string, first?: string, last?: string }} Address */

/**
 * An address in `<…>`, with or without a name in quotes before it; what ends a name; or a word. None of them can
 * be read in two ways, so that a long text costs no more than its length.
 */
const TOKEN = /(?:"([^"\n]*)"\s*)?<\s*([^\s<>]+)\s*>|[;\t\n]|[^\s<>,;"()[\]]+/g;

/**
 * The addresses in a text, each once, in their order. Whether one is an address after all, the service says.
 * @param {string} text
 * @returns {Address[]}
 */
export function addressesIn(text) {
  /** @type {Map<string, Address>} */
  const found = new Map();
  const add = (/** @type {Address} */ address) => {
    const key = address.email.toLowerCase();
    if (!found.has(key)) found.set(key, address);
  };
  let nameFrom = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [token, quoted, angled] = match;
    const isAddress = (angled ?? token).includes('@');
    if (!isAddress && !/^[;\t\n]/.test(token)) continue;
    const before = text.slice(nameFrom, match.index);
    if (isAddress && angled) add({ email: angled, ...namesIn(quoted ?? nameAtEnd(before)) });
    else if (isAddress) add({ email: unquoted(token), ...nameInCells(text, match.index) });
    nameFrom = match.index + token.length;
  }
  return [...found.values()];
}

/** What a cell with a name in it consists of, and no other cell. */
const NAME = /^[\p{L}\p{M}'’.\- ]+$/u;
/** Further back there is no name that belongs to an address. */
const MAX_NAME = 200;

/**
 * The name in the cells of a sheet before the one with the address: in one cell, or in two, the first name first.
 * @param {string} text @param {number} at where the address begins
 */
function nameInCells(text, at) {
  const before = text.slice(Math.max(0, at - MAX_NAME), at);
  if (!before.endsWith('\t')) return {};
  const line = before.slice(before.lastIndexOf('\n') + 1, -1);
  const cells = line.split('\t').map((cell) => unquoted(cell.trim()));
  const [near = '', far = ''] = cells.reverse();
  if (line.includes('@') || !NAME.test(near)) return {};
  const isPair = NAME.test(far) && !/\s/.test(near);
  return isPair ? named(far, near) : namesIn(near);
}

/** As it can be read again. @param {{ email: string, first?: string | null, last?: string | null }} address */
export function writtenAddress({ email, first, last }) {
  const name = [first, last].filter(Boolean).join(' ');
  if (!name) return email;
  const read = namesIn(name);
  const isPlain = read.first === first && read.last === last && !/[<>;\t]/.test(name);
  return isPlain ? `${name} <${email}>` : `"${last ?? ''}, ${first ?? ''}" <${email}>`;
}

/**
 * The name at the end of what stands between two addresses: `Lovelace, Ada` is one, of more parts than two
 * only the last is, and a comma at the end parts it from the address.
 * @param {string} text
 */
function nameAtEnd(text) {
  const parts = text.replaceAll('"', '').trim().replace(/^,/, '').split(',');
  return parts.length === 2 && parts[1] ? parts.join(',') : parts[parts.length - 1];
}

/** The last word is taken for the last name, unless a comma says otherwise. @param {string} text */
function namesIn(text) {
  const name = unquoted(text.trim());
  // Some programs put the address in the name's place, too.
  if (name.includes('@')) return {};
  const comma = name.indexOf(',');
  if (comma >= 0) return named(name.slice(comma + 1).trim(), name.slice(0, comma).trim());
  const words = name.split(/\s+/);
  const last = words.length > 1 ? words.pop() : undefined;
  return named(words.join(' '), last);
}

/** @param {string} first @param {string} [last] */
const named = (first, last) => ({ ...(first && { first }), ...(last && { last }) });

/** Without apostrophes around all of it; those in it belong to it, as in O'Neil. @param {string} text */
const unquoted = (text) => text.replace(/^'(.*)'$/s, '$1');
