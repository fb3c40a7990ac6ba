'use client';
// What an app asks: who is signed in, in which account, and which others there are.

import type { Account, Expectation, FromProvider, Membership, Reply, User } from 'guestlist-client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { EmailLink } from './links.js';
import { useSnapshot, useStore } from './provider.js';
import type { Session } from './session.js';

/** What can be done about who is signed in. */
export interface SessionActions {
  /** Ends the session, here and in all tabs. */
  signOut(): Promise<void>;
  /** Asks anew who the user is and what the account is like, such as after a change. */
  reload(): Promise<void>;
  /** Looks from the beginning who is signed in, such as where the service did not answer. */
  retry(): Promise<void>;
  /** Says that `link` and `back` are dealt with. */
  settle(): void;
  /** What a link in an email asks for. `<Landing>` does it. */
  link: EmailLink | undefined;
  /** What a provider has sent the person back with. `<Landing>` goes on with it; `linked` is for the app to show. */
  back: FromProvider | undefined;
}

/** Who is signed in on this page; in all tabs the same. */
export function useSession(): Session & SessionActions {
  const { signOut, load, retry, settle } = useStore();
  const { session, link, back } = useSnapshot();
  return useMemo(
    () => ({ ...session, signOut, reload: load, retry, settle, link, back }),
    [session, signOut, load, retry, settle, link, back],
  );
}

/** The signed-in user of the account that the page is in. */
export function useUser(): User | undefined {
  const { session } = useSnapshot();
  return session.status === 'signed-in' ? session.user : undefined;
}

/** The account that the page is in. Each tab has its own. */
export function useAccount(): Account | undefined {
  const { session } = useSnapshot();
  return session.status === 'signed-in' ? session.account : undefined;
}

/** The accounts of the person, and what can be done with them. */
export interface Accounts {
  /** Those that the person is in, the last one used first; `undefined` until they are known. */
  accounts: Membership[] | undefined;
  /** Those that expect the person, the newest 25. Entering one is joining it: show the account, the inviter and the role. */
  expected: Expectation[] | undefined;
  /** Why they are not known. */
  error: unknown;
  reload(): Promise<void>;
  /** Enters an account, upon a click: calls of this tab are about it from then on. */
  switchAccount(id: string): Promise<void>;
  /** Makes an account, and enters it as its admin. */
  register(name: string): Promise<void>;
  /** Says no to an account that expects the person. */
  decline(id: string): Promise<void>;
  /** Leaves the account that the page is in. */
  leave(): Promise<void>;
}

/** The accounts to choose from. */
export function useAccounts(): Accounts {
  const store = useStore();
  const { client } = store;
  const { session } = useSnapshot();
  const isThere = session.status === 'signed-in' || session.status === 'no-account';
  const list = useCallback(() => client.accounts(), [client]);
  // Anew for each person and each account that is entered: a new one is among them then.
  const whose = session.status === 'signed-in' ? `${session.user.id} ${session.account.id}` : session.status;
  const { data, error, reload } = useLoad(isThere ? list : undefined, whose);
  return useMemo(
    () => ({
      accounts: data?.accounts,
      expected: data?.expected,
      error,
      reload,
      switchAccount: (id: string) => store.enter(() => client.switchAccount(id)),
      register: (name: string) => store.enter(() => client.register(name)),
      decline: async (id: string) => {
        await client.decline(id);
        await reload();
      },
      leave: store.leave,
    }),
    [client, data, error, reload, store],
  );
}

/** What the service says of itself: who may sign up, and by which ways people sign in. */
export function useAbout(): { about: Reply<'service/about'> | undefined; error: unknown; reload(): Promise<void> } {
  const { data, error, reload } = useLoad(useStore().about, '');
  return { about: data, error, reload };
}

/** Loads something, and again when it is about something else; what comes late is dropped. */
export function useLoad<Data>(
  load: (() => Promise<Data>) | undefined,
  about: string,
): { data: Data | undefined; error: unknown; reload(): Promise<void> } {
  const [loaded, setLoaded] = useState<{ data?: Data; error?: unknown; about?: string }>({});
  const newest = useRef(0);
  const reload = useCallback(async () => {
    const asked = (newest.current += 1);
    if (!load) return;
    try {
      const data = await load();
      if (asked === newest.current) setLoaded({ data, about });
    } catch (error) {
      if (asked === newest.current) setLoaded({ error, about });
    }
  }, [load, about]);
  useEffect(() => {
    void reload();
    return () => void (newest.current += 1);
  }, [reload]);
  const current = loaded.about === about ? loaded : {};
  return { data: current.data, error: current.error, reload };
}
