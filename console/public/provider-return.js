/**
 * What a provider has sent back with the browser. It is taken out of the URL before anything else is done, so that
 * neither the history nor what reads the URL later has it.
 */

/**
 * @typedef {object} Returned
 * @property {string} provider
 * @property {string} [state] some leave it out where they tell of an error
 * @property {{ code: string, iss?: string } | { error: string, iss?: string }} answer
 */

/** @type {Returned | undefined} */
let returned;

/** What was brought back and is not settled yet. */
export const whatReturned = () => returned;

/** Forgets it: it is good for one try. */
export function settleReturned() {
  returned = undefined;
}

/** Takes it, and shows the page that goes on with it. @returns {string} the hash as it came */
export function takeReturned() {
  const { hash } = location;
  const brought = new URLSearchParams(hash.slice(1));
  const [provider, code, error] = ['provider', 'code', 'error'].map((name) => brought.get(name));
  if (!provider || !(code || error)) return hash;
  history.replaceState(null, '', '#/provider');
  const [state, iss] = [brought.get('state') ?? undefined, brought.get('iss')];
  const issuer = iss === null ? {} : { iss };
  const answer = code ? { code } : { error: error || 'no_code' };
  returned = { provider, state, answer: { ...answer, ...issuer } };
  return hash;
}
