// A page that signs in, also with a provider, lists everybody and invites somebody. Its query may say where the service
// is; it is kept for the way back from a provider.

import { type FromProvider, Guestlist, GuestlistError } from 'guestlist-client';

const asked = new URLSearchParams(location.search).get('service');
if (asked !== null) sessionStorage.setItem('service', asked);
const url = sessionStorage.getItem('service') ?? 'http://localhost:8080';
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

/** What is left to do for somebody who has come from a provider. */
function goOn(back: FromProvider | undefined): void {
  const form = document.getElementById('link') as HTMLFormElement;
  const names = { pending: 'emailCode', 'link-required': 'currentPassword', 'second-factor': 'totp' } as const;
  const kind = back?.kind;
  if (back?.kind === 'refused') explain(back.error);
  form.hidden = !(kind !== undefined && kind in names);
  onSubmit('link', async () => {
    const name = names[kind as keyof typeof names];
    await client.link({ [name]: value(form, 'shown') } as Parameters<typeof client.link>[0]);
    form.hidden = true;
  });
}

async function offerProviders(): Promise<void> {
  const { providers } = await client.call('service/about');
  const buttons = providers.map(({ name, label }) => {
    const button = document.createElement('button');
    button.textContent = `Continue with ${label}`;
    button.addEventListener('click', () => void client.signInWith(name).catch(explain));
    return button;
  });
  document.getElementById('providers')!.append(...buttons);
}

onSubmit('invite', async (form) => {
  await client.call('user/create', { email: value(form, 'email'), sendInvite: true });
  await show();
});
onSubmit('sign-out', () => client.signOut());
// Before anything else: what a provider has sent along is in the URL.
client
  .finish()
  .then(async (back) => {
    goOn(back);
    // A page that was just opened goes on in the session of the cookie, if there is one.
    if (!client.tokens) await client.refresh();
  })
  .catch(explain);
offerProviders().catch(explain);
