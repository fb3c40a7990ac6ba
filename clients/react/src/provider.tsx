'use client';
// Which client the components below work with, and what they say.

import type { Guestlist } from 'guestlist-client';
import { createContext, type ReactElement, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
import { type SessionStore, type Snapshot, storeOf, UNKNOWN } from './session.js';
import { ENGLISH, type Texts } from './texts.js';

interface Given {
  store: SessionStore;
  texts: Texts;
}

const Context = createContext<Given | undefined>(undefined);

export interface GuestlistProviderProps {
  /** Made once, outside of components. */
  client: Guestlist;
  /** What to say in place of the English texts. */
  texts?: Partial<Texts>;
  children?: ReactNode;
}

/** Has the hooks and components in it work with a client. */
export function GuestlistProvider({ client, texts, children }: GuestlistProviderProps): ReactElement {
  const given = useMemo(() => ({ store: storeOf(client), texts: { ...ENGLISH, ...texts } }), [client, texts]);
  return <Context.Provider value={given}>{children}</Context.Provider>;
}

function useGiven(): Given {
  const given = useContext(Context);
  if (!given) throw new Error('there is no <GuestlistProvider> around this component');
  return given;
}

/** The client, for calls. */
export const useGuestlist = (): Guestlist => useGiven().store.client;

/** What the components say. */
export const useTexts = (): Texts => useGiven().texts;

export const useStore = (): SessionStore => useGiven().store;

export function useSnapshot(): Snapshot {
  const { subscribe, snapshot } = useStore();
  return useSyncExternalStore(subscribe, snapshot, () => UNKNOWN);
}
