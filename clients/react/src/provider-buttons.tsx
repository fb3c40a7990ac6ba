'use client';
// Whom one can sign in with besides.

import type { ReactElement } from 'react';
import { useAbout } from './hooks.js';
import { Act } from './panel.js';
import { useGuestlist, useLanguage, useTexts } from './provider.js';

/** A button for each provider of the service; with an invitation, for joining by it. */
export function ProviderButtons({ invite }: { invite?: string }): ReactElement | null {
  const client = useGuestlist();
  const texts = useTexts();
  const language = useLanguage();
  const { about } = useAbout();
  if (!about || about.providers.length === 0) return null;
  const hasPassword = about.waysIn.includes('password');
  return (
    <div className="guestlist-providers">
      {hasPassword && <p className="guestlist-or">{texts.or}</p>}
      {about.providers.map(({ name, label }) => (
        <Act key={name} work={() => client.signInWith(name, { invite, language })}>
          {texts.continueWith(label)}
        </Act>
      ))}
    </div>
  );
}

/** What a provider is called on its button. */
export function useLabel(provider: string): string {
  const { about } = useAbout();
  return about?.providers.find(({ name }) => name === provider)?.label ?? provider;
}
