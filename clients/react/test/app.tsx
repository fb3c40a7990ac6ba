// An app as a server renders it.

import { Guestlist } from 'guestlist-client';
import {
  AcceptInvite,
  GuestlistProvider,
  type GuestlistProviderProps,
  Landing,
  SignedIn,
  SignedOut,
  SignIn,
  useAccount,
  useAccounts,
  useSession,
  useUser,
  WhileLoading,
} from 'guestlist-react';
import { StrictMode } from 'react';
import { renderToString } from 'react-dom/server';

/** What it renders with what is given to its provider, and how often it has called the service. */
export function render(given: Pick<GuestlistProviderProps, 'language' | 'texts'> = {}): { html: string; calls: number } {
  let calls = 0;
  const send = () => {
    calls += 1;
    return Promise.reject(new Error('no server asks who is signed in'));
  };
  const client = new Guestlist({ url: 'http://localhost:8080', cookie: true, fetch: send });
  const html = renderToString(
    <StrictMode>
      <GuestlistProvider client={client} {...given}>
        <Status />
        <Landing>
          <WhileLoading>Wait</WhileLoading>
          <SignedIn>In</SignedIn>
          <SignedOut>Out</SignedOut>
        </Landing>
        <SignIn />
        <AcceptInvite code="code" onDone={() => undefined} />
      </GuestlistProvider>
    </StrictMode>,
  );
  return { html, calls };
}

function Status() {
  const { status } = useSession();
  const { accounts } = useAccounts();
  return <p>{JSON.stringify([status, useUser() ?? null, useAccount() ?? null, accounts ?? null])}</p>;
}

/** Without what it needs around it. */
export const renderAlone = (): string => renderToString(<SignIn />);
