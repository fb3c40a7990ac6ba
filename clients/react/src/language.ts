'use client';
// Which language the components speak: the one that the app says, that of the page, or one that the browser is set to.

import { useSyncExternalStore } from 'react';
import { GERMAN } from './texts/de.js';
import { ENGLISH, type Texts } from './texts/en.js';

const TEXTS = { en: ENGLISH, de: GERMAN } satisfies Record<string, Texts>;

/** What replaces single texts; one that is `undefined` replaces nothing. */
export type OwnTexts = { [Name in keyof Texts]?: Texts[Name] | undefined };

/** What is said, and the tag (BCP 47) of the language that it is said in. */
export interface Speech {
  texts: Texts;
  language: string;
}

/** The tag of the language that the page is in, or else the first of the browser's that there are texts in. */
export function useLanguageAround(): string {
  return useSyncExternalStore(watch, languageAround, () => 'en');
}

/** The texts of a language with an app's own in their place. */
export function speechIn(wanted: string, own: OwnTexts | undefined): Speech {
  const known = textsIn(wanted);
  const replaced = Object.entries(own ?? {}).filter(([, text]) => text !== undefined);
  return {
    texts: { ...(known ?? ENGLISH), ...(Object.fromEntries(replaced) as Partial<Texts>) },
    // An app that names a language of which there are no texts here brings them itself.
    language: known || own ? wellFormed(wanted) : 'en',
  };
}

/** The texts in the language that is the first part of a tag, if there are any. */
function textsIn(tag: string): Texts | undefined {
  const [language = ''] = tag.toLowerCase().split(/[-_]/);
  return Object.hasOwn(TEXTS, language) ? TEXTS[language as keyof typeof TEXTS] : undefined;
}

const languageAround = () => [document.documentElement.lang, ...navigator.languages].find(textsIn) ?? 'en';

function watch(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ['lang'] });
  addEventListener('languagechange', listener);
  return () => {
    observer.disconnect();
    removeEventListener('languagechange', listener);
  };
}

/** A tag as the service takes it: without what says no language, such as the calendar in `en-US-u-ca-iso8601`. */
function wellFormed(tag: string): string {
  try {
    return new Intl.Locale(tag.replaceAll('_', '-')).baseName;
  } catch {
    return textsIn(tag) === GERMAN ? 'de' : 'en';
  }
}
