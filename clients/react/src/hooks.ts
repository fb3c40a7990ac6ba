'use client';
// What an app asks: who is signed in, in which account, and which others there are.

import type { Account, Expectation, FromProvider, Membership, Reply, User } from 'guestlist-client';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { EmailLink } from './links.js';
import { useLanguage, useSnapshot, useStore } from './provider.js';
import type { Session } from './session.js';

/** Actions on the session. */
export interface SessionActions {
  /** Ends the session, here and in all tabs. */
  signOut(): Promise<void>;
  /** Loads the user and the account again, for example after a change. */
  reload(): Promise<void>;
  /** Checks again who is signed in, for example after the service did not answer. */
  retry(): Promise<void>;
  /** Clears `link` and `back` once they are handled. */
  settle(): void;
  /** The link in an email that opened the page. `<Landing>` handles it. */
  link: EmailLink | undefined;
  /** The result of a sign-in with a provider. `<Landing>` handles it; `linked` is for the app to show. */
  back: FromProvider | undefined;
}

/** Who is signed in on this page; the same in all tabs. */
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

/** The person's accounts, and actions on them. */
export interface Accounts {
  /** The accounts that the person is in, last used first; `undefined` until they are loaded. */
  accounts: Membership[] | undefined;
  /** The newest 25 accounts that expect the person. Entering one joins it: show the account, the inviter and the role first. */
  expected: Expectation[] | undefined;
  /** Why they could not be loaded. */
  error: unknown;
  reload(): Promise<void>;
  /** Enters an account, when the person clicks: from then on, calls of this tab are about it. */
  switchAccount(id: string): Promise<void>;
  /** Creates an account, and enters it as its admin. */
  register(name: string): Promise<void>;
  /** Declines the invitation of an account. */
  decline(id: string): Promise<void>;
  /** Leaves the account that the page is in. */
  leave(): Promise<void>;
}

/** The accounts to choose from. */
export function useAccounts(): Accounts {
  const store = useStore();
  const { client } = store;
  const language = useLanguage();
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
      switchAccount: (id: string) => store.enter(() => client.switchAccount(id, { language })),
      register: (name: string) => store.enter(() => client.register(name, { language })),
      decline: async (id: string) => {
        await client.decline(id);
        await reload();
      },
      leave: store.leave,
    }),
    [client, data, error, language, reload, store],
  );
}

/** What the service offers: who can sign up, and how people sign in. */
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
