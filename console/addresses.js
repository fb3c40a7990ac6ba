/** E-mail addresses in whatever text people paste: lists, columns of a sheet, `Ada Lovelace <ada@example.com>`. */

/** @typedef {{ email: string, first?: string, last?: string }} Address */

const NAMED = /(?:"([^"]*)"\s*|([^<>,;\n\t"]*))<\s*([^\s<>]+@[^\s<>]+)\s*>/g;
/** Whether it is one after all, the service says. */
const BARE = /[^\s<>,;"'()[\]]*@[^\s<>,;"'()[\]]*/g;

/**
 * The addresses in a text, each once, in their order.
 * @param {string} text
 * @returns {Address[]}
 */
export function addressesIn(text) {
  /** @type {Map<number, Address>} */
  const found = new Map();
  const rest = text.replace(NAMED, (all, quoted, plain, email, at) => {
    found.set(at, { email, ...namesIn(quoted ?? plain) });
    return ' '.repeat(all.length);
  });
  for (const match of rest.matchAll(BARE)) found.set(match.index, { email: match[0] });
  const inOrder = [...found].sort(([one], [other]) => one - other).map(([, address]) => address);
  const unique = new Map(inOrder.map((one) => [one.email.toLowerCase(), one]));
  return [...unique.values()];
}

/** As it can be read again. @param {Address} address */
export function writtenAddress({ email, first, last }) {
  const name = [first, last].filter(Boolean).join(' ');
  return name ? `${name} <${email}>` : email;
}

/** The last word is taken for the last name, unless a comma says otherwise. @param {string} text */
function namesIn(text) {
  const words = text.trim().split(/\s+/).filter(Boolean);
  if (words.length === 0) return {};
  if (words.length === 1) return { first: words[0] };
  return { first: words.slice(0, -1).join(' '), last: words[words.length - 1] };
}
