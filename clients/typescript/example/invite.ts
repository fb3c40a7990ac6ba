// A page that signs in, lists everybody and invites somebody: bundle it with whatever your app uses.

import { Guestlist, GuestlistError, inStorage } from 'guestlist-client';

const url = 'http://127.0.0.1:8080';
const client = new Guestlist({ url, store: inStorage(localStorage) });
const form = (id: string) => document.getElementById(id) as HTMLFormElement;
const value = (from: HTMLFormElement, name: string) => String(new FormData(from).get(name));

async function show(): Promise<void> {
  const lines: string[] = [];
  for await (const user of client.pages('user/find', {}, { query: { index: 'gs1' } })) {
    lines.push(`${user.email ?? user.first ?? user.id}: ${user.role}, ${user.state}`);
  }
  document.querySelector('pre')!.textContent = lines.join('\n');
}

function onSubmit(id: string, work: (from: HTMLFormElement) => Promise<unknown>): void {
  form(id).addEventListener('submit', (event) => {
    event.preventDefault();
    work(form(id)).then(show, (error: unknown) => {
      if (!(error instanceof GuestlistError)) throw error;
      alert(error.code === 'email_taken' ? 'That one is here already.' : error.detail);
    });
  });
}

onSubmit('sign-in', (from) =>
  client.signIn({ email: value(from, 'email'), password: value(from, 'password') }),
);
onSubmit('invite', (from) =>
  client.call('user/create', { email: value(from, 'email'), sendInvite: true }),
);
