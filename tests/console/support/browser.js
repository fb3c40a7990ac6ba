// What modules of the console look for in a browser, for those that are looked at without one.

/** Something that is stored, as in a browser. */
class Stored {
  /** @type {Map<string, string>} */
  #items = new Map();

  /** @param {string} key */
  getItem = (key) => this.#items.get(key) ?? null;
  /** @param {string} key @param {string} value */
  setItem = (key, value) => void this.#items.set(key, value);
  /** @param {string} key */
  removeItem = (key) => void this.#items.delete(key);
  clear = () => this.#items.clear();
}

export const windowEvents = new EventTarget();
Object.assign(globalThis, {
  localStorage: new Stored(),
  sessionStorage: new Stored(),
  addEventListener: windowEvents.addEventListener.bind(windowEvents),
});

/** Whether the browser asks before it closes the window, or loads the page anew. */
export function asksBeforeUnload() {
  const event = new Event("beforeunload", { cancelable: true });
  windowEvents.dispatchEvent(event);
  return event.defaultPrevented;
}

/** An access token of somebody, as far as this side of it looks into it. @param {string} person */
export function tokenOf(person) {
  const claims = Buffer.from(
    JSON.stringify({ iss: "guestlist", sub: person }),
  ).toString("base64url");
  return `e30.${claims}.x`;
}
