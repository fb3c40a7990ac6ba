'use client';
// Which client the components below work with, and what they say.

import type { Guestlist } from 'guestlist-client';
import { createContext, type ReactElement, type ReactNode, useContext, useMemo, useSyncExternalStore } from 'react';
import { type OwnTexts, type Speech, speechIn, useLanguageAround } from './language.js';
import { type SessionStore, type Snapshot, storeOf, UNKNOWN } from './session.js';
import type { Texts } from './texts/en.js';

interface Given extends Speech {
  store: SessionStore;
}

const Context = createContext<Given | undefined>(undefined);

export interface GuestlistProviderProps {
  /** Made once, outside of components. */
  client: Guestlist;
  /**
   * The language of the components: `en`, `de`, or a tag that begins with one of these, such as `de-AT`. Without it, they
   * speak that of the page (`<html lang>`), or else the first of the browser's that they know, or else English.
   */
  language?: string | undefined;
  /** What to say in place of single texts. */
  texts?: OwnTexts | undefined;
  children?: ReactNode;
}

/** Has the hooks and components in it work with a client. */
export function GuestlistProvider({ client, language, texts, children }: GuestlistProviderProps): ReactElement {
  const around = useLanguageAround();
  const wanted = language || around;
  const given = useMemo(() => ({ store: storeOf(client), ...speechIn(wanted, texts) }), [client, wanted, texts]);
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

/** The tag of the language that the components speak, such as `de-AT`. */
export const useLanguage = (): string => useGiven().language;

export const useStore = (): SessionStore => useGiven().store;

export function useSnapshot(): Snapshot {
  const { subscribe, snapshot } = useStore();
  return useSyncExternalStore(subscribe, snapshot, () => UNKNOWN);
}
