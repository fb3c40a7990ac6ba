/** The whole: who is signed in, and which page is shown. */

import { html, useEffect, useMemo, useRef, useState } from './vendor/preact.js';
import { ApiError, call } from './api.js';
import { Confirmation } from './confirmation.js';
import { enter, entered, forgetEntered, watchEntered } from './entered.js';
import { EmptyFrame, Frame, Outside } from './layout.js';
import { OwnContext } from './own.js';
import { isOffered } from './permissions.js';
import { CHOOSE, HOME, PLAIN_HOME, goInstead, href } from './router.js';
import { SIGN_IN, placeAt, usePlace } from './routes.js';
import { nameOf, tokens, wasEnded, watch, whyEnded } from './session.js';
import { signOut } from './sign-in-and-out.js';
import { readAs, texts, watchLanguage } from './texts.js';
import { useTitle } from './titles.js';
import { Alert, Busy, Button, NoPage, SkeletonPage, Toasts, useAction, useLoad } from './ui.js';

/** @typedef {import('./own.js').Own} Own */
/** @typedef {import('./contract').User} User */
/** @typedef {import('./contract').Account} Account */
/** @typedef {import('./routes.js').Place} Place */

export function App() {
  const place = usePlace();
  useLanguage();
  const { session, why } = useSession();
  const { route } = place;
  useEffect(() => {
    if (!session) void readAs(undefined);
  }, [session]);
  const isOpen = route && !route.needs;
  const page = isOpen
    ? html`<${Outside}><${Page} place=${place} /><//>`
    : session
      ? html`<${Inside} key=${session} place=${place} />`
      : html`<${Outside}><${Page} key=${why} place=${{ ...place, route: SIGN_IN }} /><//>`;
  return html`<div class="whole">
    ${page}<${Toasts} />${session && html`<${Confirmation} key=${session} />`}
  </div>`;
}

/**
 * What tells one session, and each stay in an account, from the next; empty while nobody is signed in. And why the last
 * one has ended.
 */
function useSession() {
  const [session, setSession] = useState(() => nameOf(tokens()));
  const [why, setWhy] = useState(whyEnded);
  const [stay, setStay] = useState(0);
  const follow = () => {
    const isOut = !tokens() && !wasEnded();
    // The page that was looked at is nothing to the next person.
    if (isOut && placeAt(location.hash).route?.needs) goInstead('sign-in');
    // Somebody has signed in, here or in another tab. Any other page that was asked for is open already.
    if (tokens() && location.hash === '#/sign-in') goInstead('');
    setSession(nameOf(tokens()));
    setWhy(whyEnded());
  };
  useEffect(() => watch(follow), []);
  useEffect(() => watchEntered(() => setStay((stay) => stay + 1)), []);
  return { session: session && `${session} ${stay}`, why };
}

/** All is drawn anew in another language. */
function useLanguage() {
  const [, setRound] = useState(0);
  useEffect(() => watchLanguage(() => setRound((round) => round + 1)), []);
}

/** @param {{ place: Place }} props */
function Inside({ place: given }) {
  const { data, error, reload, setData } = useLoad(readOwn, []);
  useLogin(data, setData);
  const own = useMemo(() => data && withRole(data, reload), [data]);
  useTitle('account', own?.account.name);
  if (error && !own && (isHomeless(error) || given.path === CHOOSE)) {
    return html`<${Outside}><${Page} place=${placeAt(href(CHOOSE))} isOutside /><//>`;
  }
  if (error && !own) return html`<${Outside}><${ShutOut} error=${error} onRetry=${reload} /><//>`;
  if (!own) return html`<${EmptyFrame} />`;
  const isPlain = given.path === HOME && !own.can('overview');
  const place = isPlain ? placeAt(href(PLAIN_HOME)) : given;
  const needs = place.route?.needs;
  const page =
    needs && !own.can(needs)
      ? html`<${NoPage} title=${texts.frame.notForRole} way=${html`<${HomeLink} />`}>${texts.frame.notForRoleHint(own.me.role)}<//>`
      : html`<${Page} place=${place} />`;
  return html`<${OwnContext.Provider} value=${own}><${Frame} own=${own} place=${place}>${page}<//><//>`;
}

/** @param {{ error: ApiError, onRetry: () => void }} props */
function ShutOut({ error, onRetry }) {
  const { busy, run } = useAction();
  const isRefused = error.code === 'suspended';
  const isOver = error.code === 'reauthentication_required';
  return html`
    <h1>${texts.frame.shutOut}</h1>
    <${Alert} error=${error} />
    ${isRefused && html`<p>${texts.frame.shutOutHint}</p>`}
    <div class="actions">
      <${Button} primary=${!isRefused && !isOver} onClick=${onRetry}>${texts.common.tryAgain}<//>
      <a class=${isRefused ? 'button primary' : 'button'} href=${href(CHOOSE)}>${texts.frame.chooseAccount}</a>
      <${Button} primary=${isOver} busy=${busy} onClick=${() => run(signOut)}>
        ${isOver ? texts.frame.signInAgain : texts.common.signOut}
      <//>
    </div>
  `;
}

/** Whether somebody is in no account, or in none that was chosen. @param {unknown} error */
const isHomeless = (error) =>
  error instanceof ApiError && ['not_registered', 'account_required'].includes(error.code);

/** @typedef {{ me: User, account: Account, isNoted?: boolean }} Read `isNoted` once the service knows that I am here */

/**
 * Tells the service that I am here, once I see something; the record then says so.
 * @param {Read | undefined} read
 * @param {(read: Read) => void} setRead
 */
function useLogin(read, setRead) {
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    if (!read || read.isNoted) return;
    const follow = (/** @type {{ user: User, account: Account }} */ { user, account }) => {
      const isNewer = (user.version ?? 0) > (latest.current?.me.version ?? 0);
      if (isNewer) setRead({ me: user, account, isNoted: true });
    };
    // Nothing hangs on it; whatever keeps me out, pages tell.
    logIn({ accountId: read.account.id }).then(follow, (error) => {
      if (!(error instanceof ApiError)) throw error;
    });
  }, [Boolean(read)]);
}

/**
 * My own record and account: the one that I have entered last in this browser, if I am still in it, else the one
 * that the service says. Only reading tells whether I am: logging in might join it once more.
 * @param {AbortSignal} signal
 * @returns {Promise<Read>}
 */
async function readOwn(signal) {
  const read = await readMe(signal);
  await readAs(read.me.language);
  return read;
}

/** @param {AbortSignal} signal @returns {Promise<Read>} */
async function readMe(signal) {
  const last = entered();
  try {
    if (!last) return await enterAny(signal);
    const [me, account] = await Promise.all([
      call('user/get', {}, { signal }),
      call('account/get', {}, { signal }),
    ]);
    return { me, account };
  } catch (error) {
    if (!last || !isHomeless(error)) throw error;
    forgetEntered(last);
    return enterAny(signal);
  }
}

/**
 * The account where the service takes me. A person who is about to choose one, and is in none, is taken nowhere.
 * @param {AbortSignal} signal
 * @returns {Promise<Read>}
 */
async function enterAny(signal) {
  if (placeAt(location.hash).path === CHOOSE) {
    const { accounts } = await call('account/mine', {}, { signal });
    if (accounts.length === 0) throw new ApiError(403, { code: 'not_registered' });
  }
  const { user, account } = await logIn({});
  enter(account.id);
  return { me: user, account, isNoted: true };
}

/**
 * Done twice it is no more than done once, so the service need not keep its reply.
 * @param {import('./contract').Body<'user/login'>} body
 */
const logIn = (body) => call('user/login', body, { mayRepeat: true });

/**
 * @param {Read} read
 * @param {() => void} reload
 * @returns {Own}
 */
function withRole({ me, account }, reload) {
  return { me, account, reload, can: (thing) => isOffered(me.role, thing) };
}

/**
 * A page's file. Where it does not come, the service is not reached, or has newer ones by now.
 * @param {NonNullable<Place['route']>['load']} load
 */
async function loaded(load) {
  try {
    return { load, page: (await load()).default };
  } catch {
    await call('service/about');
    throw new ApiError(0, { code: 'unknown', detail: texts.frame.newVersion });
  }
}

const HomeLink = () => html`<a class="button primary" href="#/">${texts.frame.goHome}</a>`;

/** The page itself, once its file is there. @param {{ place: Place, isOutside?: boolean }} props */
function Page({ place, isOutside }) {
  const { route, params, query } = place;
  const load = route?.load;
  useTitle('page', route?.title());
  const { data, error, reload } = useLoad(async () => load && loaded(load), [load]);
  if (!route) {
    return html`<${NoPage} title=${texts.frame.noPage} way=${html`<${HomeLink} />`}>${texts.frame.noPageHint}<//>`;
  }
  if (error)
    return html`<${Alert} error=${error} /><${Button} onClick=${error.code === 'unknown' ? () => location.reload() : reload}>
      ${error.code === 'unknown' ? texts.frame.reload : texts.common.tryAgain}
    <//>`;
  // While the next one is on its way, the one before must not get its parameters.
  if (data?.load !== load)
    return route.needs && !isOutside ? html`<${SkeletonPage} />` : html`<${Busy} />`;
  return html`<${data?.page} key=${params.id} ...${params} query=${query} isOutside=${isOutside} />`;
}
