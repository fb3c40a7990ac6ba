// What must not compile: each line after a directive is an error, and the compiler says where one is not.

import type { Guestlist } from '../src/index.js';

export async function wrong(client: Guestlist): Promise<void> {
  // @ts-expect-error: there is no such call
  await client.call('user/gett');
  // @ts-expect-error: email is required
  await client.call('user/create', {});
  // @ts-expect-error: there is no such field
  await client.call('user/create', { email: 'ada@example.com', frist: 'Ada' });
  // @ts-expect-error: there is no such role
  await client.call('user/updateRole', { id: 'x', role: 'boss' });
  // @ts-expect-error: nobody is named
  await client.call('user/remove', {});
  // @ts-expect-error: it has no pages
  client.pages('user/get', {});
  // @ts-expect-error: its pages are of what is expected, beside all that one is in
  client.pages('account/mine', {});
  // @ts-expect-error: there is no such parameter
  await client.call('user/find', {}, { query: { page: 1 } });
  const user = await client.call('user/get');
  // @ts-expect-error: not everybody sees it
  const email: string = user.email;
  const id: string = user.id;
  const reply = await client.call('identity/verify', { code: 'x', password: 'x' });
  // @ts-expect-error: there are no tokens yet
  void reply.accessToken;
  const isSignedIn: boolean = await client.signedIn(reply);
  // @ts-expect-error: one way is enough
  await client.confirm({ currentPassword: 'x', totp: '123456' });
  // @ts-expect-error: a code goes with its key
  await client.confirm({ emailCode: '12345678' });
  // @ts-expect-error: one of the two
  await client.link({ currentPassword: 'x', emailCode: '12345678' });
  // @ts-expect-error: nothing is shown
  await client.link({});
  const back = await client.finish();
  // @ts-expect-error: nothing was refused, maybe
  void back?.error;
  if (back?.kind === 'refused') void back.error.code;
  client.onChange((change) => {
    // @ts-expect-error: nobody is signed in, maybe
    const token: string = change.tokens.accessToken;
    if (change.kind === 'sign-in') void [token, change.tokens.accessToken];
  });
  void [email, id, isSignedIn];
}
