// What must not compile: each line after a directive is an error, and the compiler says where one is not.

import { ENGLISH, GERMAN, GuestlistProvider, SignIn, type Texts, useAccounts, useSession, useUser } from 'guestlist-react';
import type { Guestlist } from 'guestlist-client';

export function Wrong({ client }: { client: Guestlist }) {
  const user = useUser();
  // @ts-expect-error: nobody is signed in, maybe
  const id: string = user.id;
  const session = useSession();
  // @ts-expect-error: it is not known who is signed in, maybe
  const name: string = session.account.name;
  if (session.status === 'signed-in') void [session.account.name, session.user.role];
  // @ts-expect-error: there is no such state
  void (session.status === 'signed-inn');
  const { accounts } = useAccounts();
  // @ts-expect-error: they are not known yet, maybe
  void accounts.length;
  const all: Texts = Math.random() < 0.5 ? ENGLISH : GERMAN;
  // @ts-expect-error: all texts means all
  const some: Texts = { signIn: 'Anmelden' };
  return (
    <>
      {/* @ts-expect-error: there is no client */}
      <GuestlistProvider />
      {/* @ts-expect-error: there is no such text */}
      <GuestlistProvider client={client} texts={{ signInn: 'Anmelden' }} />
      {/* @ts-expect-error: a language is named by its tag */}
      <GuestlistProvider client={client} language={49} />
      <GuestlistProvider client={client} language={undefined} texts={{ signIn: undefined }} />
      {/* @ts-expect-error: this one depends on a name */}
      <GuestlistProvider client={client} texts={{ continueWith: 7 }} />
      <GuestlistProvider client={client} texts={{ ...all, continueWith: (name) => `Weiter mit ${name}` }}>
        <SignIn />
        {[id, name, some.signIn]}
      </GuestlistProvider>
    </>
  );
}
