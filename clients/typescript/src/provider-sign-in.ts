// Signing in with a provider, step by step: off to it, back from it, and what is still to be shown then.

import type { Body, Call, ProviderFinished, Reply } from './calls.js';
import { GuestlistError } from './error.js';
import {
  type Back,
  type Begun,
  BegunHere,
  type Entered,
  type Evidence,
  type FromProvider,
  goTo,
  takeBack,
  type Ticket,
  type Wish,
} from './providers.js';

export type SignedIn = Extract<ProviderFinished, { state: 'verified' }>;

/** What it is done with. */
interface Parts {
  url: string;
  call<Name extends Call>(name: Name, body: object, held?: AbortSignal): Promise<Reply<Name>>;
  /** Does the work while no other tab begins or ends a session. */
  alone<Done>(work: (held: AbortSignal) => Promise<Done>): Promise<Done>;
  /** Goes on in a session that has begun, in this account if it is for that one. */
  enter(reply: SignedIn, account: string | undefined): Promise<void>;
  /** Done when it is known whether somebody is signed in here. */
  settle(): Promise<unknown>;
}

type Sent = Extract<Body<'provider/finish'>, object>;
type Outcome = Entered | { kind: 'pending'; link: string };

export class ProviderSignIn {
  readonly #parts: Parts;
  readonly #here: BegunHere;
  #back: Back | undefined;
  #finishing: Promise<FromProvider | undefined> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#here = new BegunHere(parts.url);
  }

  async begin(
    provider: string,
    { invite, accountName, accountId, note, language }: Wish & { language?: string },
  ): Promise<void> {
    const account = accountName ? { name: accountName } : undefined;
    const asked = { provider, invite, account, accountId, language };
    this.#leave(await this.#parts.call('provider/begin', asked), { provider, invite, accountName, accountId, note });
  }

  async beginLink(provider: string, { note }: Pick<Wish, 'note'>): Promise<void> {
    const begun = await this.#parts.call('provider/beginLink', { provider });
    this.#leave(begun, { provider, isLink: true, note });
  }

  /** Takes what was brought back out of the URL; whether anything was. */
  take(hash: string): boolean {
    const back = takeBack(hash);
    this.#back = back ?? this.#back;
    return back !== undefined;
  }

  drop(): void {
    this.#back = undefined;
    this.#here.ticket = undefined;
  }

  #leave({ url, key }: Reply<'provider/begin'>, begun: Omit<Begun, 'at' | 'key'>): void {
    this.#here.begin(url, { ...begun, key });
    goTo(url);
  }

  /** Only once for simultaneous callers: a provider's reply works only once. */
  finish(): Promise<FromProvider | undefined> {
    this.#finishing ??= this.#finish().finally(() => {
      this.#finishing = undefined;
    });
    return this.#finishing;
  }

  async #finish(): Promise<FromProvider | undefined> {
    this.take('');
    const [back, ticket] = [this.#back, this.#here.ticket];
    // Somebody who reads the email may come to a page that was loaded anew.
    if (!back) return ticket && { ...wishOf(ticket), kind: ticket.kind };
    const { provider, state, answer } = back;
    const begun = state === undefined ? undefined : this.#here.of(state);
    if (state === undefined || !begun) {
      this.#back = undefined;
      const isDenied = state === undefined && 'error' in answer;
      const known = isDenied ? this.#here.newestAt(provider) : undefined;
      return { ...wishOf(known ?? { provider }), kind: isDenied ? 'denied' : 'begun-elsewhere' };
    }
    return this.#finishBegun({ ...answer, provider, state, key: begun.key }, begun);
  }

  async #finishBegun(body: Sent, begun: Begun): Promise<FromProvider> {
    try {
      const done = await this.#post(body, begun);
      this.#settle(body);
      return { ...wishOf(begun), ...done };
    } catch (error) {
      if (!(error instanceof GuestlistError)) throw error;
      const asked = askedBy(error);
      // The service may not have looked at it yet.
      if (![0, 429].includes(error.status) && error.status < 500) this.#settle(body);
      if (!asked) return { ...wishOf(begun), kind: 'refused', error };
      this.#here.ticket = { ...begun, ...asked, at: Date.now() };
      return { ...wishOf(begun), kind: asked.kind };
    }
  }

  async #post(body: Sent, begun: Begun): Promise<Done> {
    if (begun.isLink) {
      await this.#parts.settle();
      return { kind: 'linked', ways: await this.#parts.call('provider/finishLink', body) };
    }
    const outcome = await this.#enter('provider/finish', body, begun);
    if (outcome.kind !== 'pending') return outcome;
    this.#here.ticket = { ...begun, ...outcome, at: Date.now() };
    return { kind: 'pending' };
  }

  #settle({ state }: Sent): void {
    this.#back = undefined;
    this.#here.forget(state);
  }

  /** Shows what `finish` has asked for. */
  async link(evidence: Evidence): Promise<Wish & { provider: string } & Entered> {
    const ticket = this.#ticket();
    const body = { ...evidence, link: ticket.link, key: ticket.key } as Body<'provider/link'>;
    try {
      const outcome = await this.#enter('provider/link', body, ticket);
      if (outcome.kind === 'pending') throw new Error('the service asks for another code');
      this.#here.ticket = undefined;
      return { ...wishOf(ticket), ...outcome };
    } catch (error) {
      if (error instanceof GuestlistError && error.code === 'invalid_state') this.#here.ticket = undefined;
      throw error;
    }
  }

  sendCode(): Promise<Reply<'provider/code'>> {
    const { link, key } = this.#ticket();
    return this.#parts.call('provider/code', { link, key });
  }

  #ticket(): Ticket {
    const { ticket } = this.#here;
    if (!ticket) throw new Error('nothing has to be shown: begin again');
    return ticket;
  }

  #enter(
    name: 'provider/finish' | 'provider/link',
    body: object,
    { accountId }: Wish,
  ): Promise<Outcome> {
    return this.#parts.alone(async (held) => {
      const reply = await this.#parts.call(name, body, held);
      if (reply.state === 'pending') return { kind: 'pending', link: reply.link };
      await this.#parts.enter(reply, accountId);
      const { account, user } = reply;
      return account && user ? { kind: 'joined', account, user } : { kind: 'signed-in' };
    });
  }
}

type Done = Exclude<FromProvider, { kind: 'refused' | 'begun-elsewhere' }> extends infer One
  ? One extends FromProvider
    ? Omit<One, keyof Wish | 'provider'>
    : never
  : never;

const wishOf = ({ provider, invite, accountName, accountId, note }: Wish & { provider: string }) => ({
  provider,
  ...(note !== undefined && { note }),
  ...(invite !== undefined && { invite }),
  ...(accountName !== undefined && { accountName }),
  ...(accountId !== undefined && { accountId }),
});

/** What something has to be shown for, where that is why the service refuses. */
function askedBy({ code, link }: GuestlistError): Pick<Ticket, 'kind' | 'link'> | undefined {
  if (link === undefined) return undefined;
  if (code === 'link_required') return { kind: 'link-required', link };
  return code === 'totp_required' ? { kind: 'second-factor', link } : undefined;
}
