/** The whole: who is signed in, which page is shown, and what all pages know of the two. */

import {
  createContext,
  html,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from './vendor/preact.js';
import { ApiError, call } from './api.js';
import { Frame, Outside } from './layout.js';
import { isOffered } from './permissions.js';
import { HOME, PLAIN_HOME, SIGN_IN, href, placeAt, usePlace } from './router.js';
import { forget, nameOf, tokens, watch } from './session.js';
import { Alert, Busy, Button, NoPage, Toasts, useLoad } from './ui.js';
import { Join } from './join.js';

/** @typedef {import('./contract').User} User */
/** @typedef {import('./contract').Account} Account */
/** @typedef {import('./permissions.js').Thing} Thing */
/** @typedef {import('./router.js').Place} Place */
/**
 * What every page of somebody who is signed in may ask for.
 * @typedef {object} Own
 * @property {User} me
 * @property {Account} account
 * @property {(thing: Thing) => boolean} can whether my role is offered it
 * @property {() => void} reload reads `me` and `account` again, after a change of them
 */

const OwnContext = createContext(/** @type {Own | undefined} */ (undefined));

/** Who I am. Only within pages of somebody who is signed in. @returns {Own} */
export function useOwn() {
  const own = useContext(OwnContext);
  if (!own) throw new Error('useOwn is for pages that need somebody signed in');
  return own;
}

export function App() {
  const place = usePlace();
  const session = useSession();
  const { route } = place;
  const isOpen = route && !route.needs;
  const page = isOpen
    ? html`<${Outside}><${Page} place=${place} /><//>`
    : session
      ? html`<${Inside} key=${session} place=${place} />`
      : html`<${Outside}><${Page} place=${{ ...place, route: SIGN_IN }} /><//>`;
  return html`<div class="whole">${page}<${Toasts} /></div>`;
}

/** What tells one session from the next; empty while nobody is signed in. */
function useSession() {
  const [session, setSession] = useState(() => nameOf(tokens()));
  useEffect(() => watch(() => setSession(nameOf(tokens()))), []);
  return session;
}

/** @param {{ place: Place }} props */
function Inside({ place: given }) {
  const { data, error, reload, setData } = useLoad(readOwn, []);
  useLogin(data, setData);
  const own = useMemo(() => data && withRole(data, reload), [data]);
  if (error?.code === 'not_registered' && !own) {
    return html`<${Outside}><${Join} onJoined=${reload} /><//>`;
  }
  if (error && !own) {
    return html`<${Outside}>
      <h1>You are signed in, but cannot go on</h1>
      <${Alert} error=${error} />
      <div class="actions">
        <${Button} onClick=${reload}>Try again<//>
        <${Button} onClick=${() => forget()}>Sign out<//>
      </div>
    <//>`;
  }
  if (!own) return html`<${Outside}><${Busy} /><//>`;
  const isPlain = given.path === HOME && !own.can('overview');
  const place = isPlain ? placeAt(href(PLAIN_HOME)) : given;
  const needs = place.route?.needs;
  const page =
    needs && !own.can(needs)
      ? html`<${NoPage} title="Not for your role">
          Your role, ${own.me.role}, does not reach this page.
        <//>`
      : html`<${Page} place=${place} />`;
  return html`<${OwnContext.Provider} value=${own}><${Frame} own=${own} place=${place}>${page}<//><//>`;
}

/** @typedef {{ me: User, account: Account }} Read */

/**
 * Tells the service that I am here, once I see something; the record then says so.
 * @param {Read | undefined} read
 * @param {(read: Read) => void} setRead
 */
function useLogin(read, setRead) {
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    if (!read) return;
    const follow = (/** @type {{ user: User, account: Account }} */ { user, account }) => {
      const isNewer = (user.version ?? 0) > (latest.current?.me.version ?? 0);
      if (isNewer) setRead({ me: user, account });
    };
    // Nothing hangs on it; whatever keeps me out, pages tell.
    logIn().then(follow, (error) => {
      if (!(error instanceof ApiError)) throw error;
    });
  }, [Boolean(read)]);
}

/**
 * My own record and account. Whoever has just signed in for the first time may have to be brought
 * together with the user that an admin has made; `user/login` does that.
 * @param {AbortSignal} signal
 * @returns {Promise<Read>}
 */
async function readOwn(signal) {
  try {
    const [me, account] = await Promise.all([
      call('user/get', {}, { signal }),
      call('account/get', {}, { signal }),
    ]);
    return { me, account };
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'not_registered') throw error;
    const { user, account } = await logIn();
    return { me: user, account };
  }
}

/** Done twice it is no more than done once, so the service need not keep its reply. */
const logIn = () => call('user/login', {}, { mayRepeat: true });

/**
 * @param {Read} read
 * @param {() => void} reload
 * @returns {Own}
 */
function withRole({ me, account }, reload) {
  return { me, account, reload, can: (thing) => isOffered(me.role, thing) };
}

/** The page itself, once its file is there. @param {{ place: Place }} props */
function Page({ place }) {
  const { route, params, query } = place;
  const load = route?.load;
  useEffect(() => {
    document.title = route ? `${route.title} · Guestlist` : 'Guestlist';
  }, [route]);
  const { data, error, reload } = useLoad(
    async () => load && { load, page: (await load()).default },
    [load],
  );
  if (!route) {
    return html`<${NoPage} title="There is no such page">
      <a href="#/">Go to the start</a>
    <//>`;
  }
  if (error) return html`<${Alert} error=${error} /><${Button} onClick=${reload}>Try again<//>`;
  // While the next one is on its way, the one before must not get its parameters.
  if (data?.load !== load) return html`<${Busy} />`;
  return html`<${data?.page} ...${params} query=${query} />`;
}
