/** Where a text stops being JSON (RFC 8259), and what stands there in place of what: browsers each say that in words of their own. */

/**
 * @typedef {'colon' | 'comma' | 'ended' | 'escape' | 'more' | 'name' | 'next' | 'open' | 'quotes' | 'value'} SlipKind
 * @typedef {{ kind: SlipKind, at: number }} Slip
 */

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
// Control characters stand in no string.
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Deeper than the service takes any. */
const MAX_DEPTH = 1000;

/** The first fault of a text; none if it is JSON. @param {string} text @returns {Slip | undefined} */
export function slipIn(text) {
  const reader = new Reader(text);
  try {
    reader.value(0);
    reader.end();
    return undefined;
  } catch (error) {
    if (error instanceof Found) return error.slip;
    throw error;
  }
}

class Found extends Error {
  /** @param {Slip} slip */
  constructor(slip) {
    super(slip.kind);
    this.slip = slip;
  }
}

class Reader {
  #text;
  #at = 0;
  /** Where the last thing that is no space has ended: what is missing is missing there. */
  #after = 0;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  /** @param {number} depth */
  value(depth) {
    const next = this.#next();
    if (next === '{' && depth < MAX_DEPTH) return this.#members('}', () => this.#member(depth));
    if (next === '[' && depth < MAX_DEPTH) return this.#members(']', () => this.value(depth + 1));
    if (next === '"') return this.#string();
    if (this.#take(NUMBER) || this.#take(WORD)) return undefined;
    return this.#slip(/^['‘’“”„]/.test(next) ? 'quotes' : 'value');
  }

  /** Nothing comes after it. */
  end() {
    this.#take(SPACE);
    if (this.#at < this.#text.length) this.#slip('more');
  }

  /** What stands in brackets, up to the closing one. @param {string} closing @param {() => void} one */
  #members(closing, one) {
    this.#step();
    if (this.#next() === closing) return this.#step();
    for (;;) {
      one();
      const next = this.#next();
      if (next === closing) return this.#step();
      if (next !== ',') this.#slip('next', this.#after);
      const comma = this.#at;
      this.#step();
      if (this.#next() === closing) this.#slip('comma', comma);
    }
  }

  /** @param {number} depth */
  #member(depth) {
    if (this.#next() !== '"') this.#slip('name');
    this.#string();
    if (this.#next() !== ':') this.#slip('colon', this.#after);
    this.#step();
    this.value(depth + 1);
  }

  #string() {
    const start = this.#at;
    this.#step();
    for (;;) {
      this.#take(PLAIN);
      const next = this.#text[this.#at];
      if (next === '"') return this.#step();
      if (next !== '\\') this.#slip('open', start);
      if (!this.#take(ESCAPE)) this.#slip('escape');
    }
  }

  /** The character that comes next, past spaces; there must be one. */
  #next() {
    this.#after = this.#at;
    this.#take(SPACE);
    const next = this.#text[this.#at];
    return next === undefined ? this.#slip('ended', this.#after) : next;
  }

  #step() {
    this.#at += 1;
  }

  /** @param {RegExp} form */
  #take(form) {
    form.lastIndex = this.#at;
    const found = form.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found.length > 0;
  }

  /** @param {SlipKind} kind @param {number} [at] @returns {never} */
  #slip(kind, at = this.#at) {
    throw new Found({ kind, at });
  }
}
