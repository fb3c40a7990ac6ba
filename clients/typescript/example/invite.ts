// A page that signs in, lists everybody and invites somebody. Its query may say where the service is.

import { Guestlist, GuestlistError } from 'guestlist-client';

const url = new URLSearchParams(location.search).get('service') ?? 'http://localhost:8080';
const client = new Guestlist({ url, cookie: true });
const value = (form: HTMLFormElement, name: string) => String(new FormData(form).get(name));

async function show(): Promise<void> {
  const lines: string[] = [];
  for await (const user of client.pages('user/find', {}, { query: { index: 'gs1' } })) {
    lines.push(`${user.email ?? user.first ?? user.id}: ${user.role}, ${user.state}`);
  }
  document.querySelector('pre')!.textContent = lines.join('\n');
}

function explain(error: unknown): void {
  if (!(error instanceof GuestlistError)) throw error;
  alert(error.code === 'email_taken' ? 'That one is here already.' : error.detail);
}

function onSubmit(id: string, work: (form: HTMLFormElement) => Promise<unknown>): void {
  const form = document.getElementById(id) as HTMLFormElement;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    work(form).catch(explain);
  });
}

// Somebody signs in or out, maybe in another tab, or enters another account.
client.onChange(({ kind }) => {
  document.querySelector('pre')!.textContent = '';
  if (kind !== 'sign-out') show().catch(explain);
});

onSubmit('sign-in', async (form) => {
  await client.signIn({ email: value(form, 'email'), password: value(form, 'password') });
  // Somebody may be in several accounts: everybody in the one that was used last is listed.
  await client.call('user/login');
});
onSubmit('invite', async (form) => {
  await client.call('user/create', { email: value(form, 'email'), sendInvite: true });
  await show();
});
onSubmit('sign-out', () => client.signOut());
// A page that was just opened goes on in the session of the cookie, if there is one.
client.refresh().catch(explain);
