// The language that the example is in: chosen here, or the first of the browser's that it speaks.

import { createContext, type ReactElement, useContext } from 'react';
import { GERMAN } from './texts/de.js';
import { ENGLISH, type Texts } from './texts/en.js';

export const LANGUAGES = { en: 'English', de: 'Deutsch' };
export type Language = keyof typeof LANGUAGES;

const TEXTS: Record<Language, Texts> = { en: ENGLISH, de: GERMAN };
const KEY = 'everybody:language';

const isKnown = (language: string | null | undefined): language is Language =>
  language != null && Object.hasOwn(TEXTS, language);

export function firstLanguage(): Language {
  const set = navigator.languages.map((tag) => tag.split('-')[0]);
  return [localStorage.getItem(KEY), ...set].find(isKnown) ?? 'en';
}

/** Has the page be in a language: the components follow it. */
export function speak(language: Language): void {
  document.documentElement.lang = language;
  document.title = TEXTS[language].title;
}

export const keepLanguage = (language: Language): void => localStorage.setItem(KEY, language);

const LanguageContext = createContext<Language>('en');
export const Speaking = LanguageContext.Provider;
export const useOwnTexts = (): Texts => TEXTS[useContext(LanguageContext)];

interface ChoiceProps {
  language: Language;
  onChoose(language: Language): void;
}

export function LanguageChoice({ language, onChoose }: ChoiceProps): ReactElement {
  const texts = useOwnTexts();
  return (
    <label>
      {texts.language}{' '}
      <select value={language} onChange={({ target }) => onChoose(target.value as Language)}>
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
