// Which account a person is in, where that is kept, and whose token it is.

/** Remembers which account a person entered last. */
export interface AccountStore {
  get(person: string): string | undefined;
  set(person: string, account: string | undefined): void;
}

/** In memory, until the page is left. */
export function accountsInMemory(): AccountStore {
  let kept: Entered | undefined;
  return {
    get: (person) => accountOf(kept, person),
    set: (person, account) => void (kept = account === undefined ? undefined : { person, account }),
  };
}

/**
 * In the storage of one tab, such as `sessionStorage`, under a name. A tab that has not entered an account yet starts with
 * the one in `shared`, and stays there when another tab switches.
 */
export function accountsInStorage(
  storage: Storage,
  name = 'guestlist',
  shared?: Storage,
): AccountStore {
  const key = `${name}:account`;
  const keep = (where: Storage, entered: Entered | undefined) =>
    entered ? where.setItem(key, JSON.stringify(entered)) : where.removeItem(key);
  return {
    get: (person) => {
      const own = accountOf(read(storage, key), person);
      if (own !== undefined || !shared) return own;
      const account = accountOf(read(shared, key), person);
      if (account !== undefined) keep(storage, { person, account });
      return account;
    },
    set: (person, account) => {
      const entered = account === undefined ? undefined : { person, account };
      keep(storage, entered);
      if (shared && (entered || accountOf(read(shared, key), person))) keep(shared, entered);
    },
  };
}

/** Separately for each tab of an origin, under a name: in `sessionStorage`; in `localStorage` for new tabs. */
export const accountsInBrowser = (name = 'guestlist'): AccountStore =>
  accountsInStorage(sessionStorage, name, localStorage);

/**
 * The person that a token is for, by its issuer and subject. The token is not verified: this only keeps one person's
 * account from being mistaken for another's. Anything that is not a JWT, such as an API key, has no person.
 */
export function personOf(token: string | undefined): string | undefined {
  const { iss, sub } = claimsOf(token);
  return typeof sub === 'string' ? JSON.stringify([iss, sub]) : undefined;
}

/** The account that a token is for, if it is for one. */
export function accountIn(token: string): string | undefined {
  const { account_id } = claimsOf(token);
  return typeof account_id === 'string' ? account_id : undefined;
}

/** The claims of a token, without verifying it. */
export function claimsOf(token: string | undefined): Record<string, unknown> {
  const [, claims, signature] = token?.split('.') ?? [];
  if (!claims || signature === undefined) return {};
  try {
    const base64 = claims.replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

interface Entered {
  person: string;
  account: string;
}

const accountOf = (entered: Entered | undefined, person: string) =>
  entered?.person === person ? entered.account : undefined;

function read(storage: Storage, key: string): Entered | undefined {
  return JSON.parse(storage.getItem(key) ?? 'null') ?? undefined;
}
