/**
 * What people have typed, such as names, among other words: it turns nothing but itself, though it be written from the
 * right or have characters that turn text (U+202E). In pages, `Name` shows it; texts isolate what is put into them.
 */

/** What begins a text of its own direction, and ends it. */
const [BEGIN, END] = ['\u2068', '\u2069'];
const TURNING = /[\u202A-\u202E\u2066-\u2069]/;
/** The blocks of Unicode that are written from the right, and the marks that stand for one of their letters. */
const FROM_RIGHT =
  /[\u0590-\u08FF\u200F\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/**
 * A text without the characters that could turn what stands around it. Not even an element of its own holds them back:
 * one that ends an isolation ends that of the element. What was isolated in it stays so.
 * @param {string} text
 */
export function contained(text) {
  if (!TURNING.test(text)) return text;
  /** @type {string[]} */
  const kept = [];
  /** @type {number[]} */
  const begun = [];
  for (const character of text) {
    const isEnd = character === END && begun.length > 0;
    if (character === BEGIN) begun.push(kept.length);
    if (isEnd) begun.pop();
    if (isEnd || character === BEGIN || !TURNING.test(character)) kept.push(character);
  }
  return kept.filter((_, at) => !begun.includes(at)).join('');
}

/** A text as it stands in a sentence. One that is written from the left needs nothing for that. @param {string} text */
export function isolated(text) {
  const whole = contained(text);
  return FROM_RIGHT.test(whole) ? `${BEGIN}${whole}${END}` : whole;
}

/**
 * Texts whose functions isolate whatever is put into them.
 * @template T
 * @param {T} texts
 * @returns {T}
 */
export function isolating(texts) {
  if (typeof texts === 'function') {
    return /** @type {T} */ ((/** @type {unknown[]} */ ...given) => texts(...given.map(put)));
  }
  if (typeof texts !== 'object' || texts === null) return texts;
  const each = Object.entries(texts).map(([name, text]) => [name, isolating(text)]);
  return /** @type {T} */ (Object.fromEntries(each));
}

/** @param {unknown} value @returns {unknown} */
function put(value) {
  if (typeof value === 'string') return isolated(value);
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
  return isList ? value.map(isolated) : value;
}
