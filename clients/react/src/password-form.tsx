'use client';
// Email and password, and a code once the service asks for one.

import { GuestlistError, type Reply } from 'guestlist-client';
import { type ReactElement, useState } from 'react';
import { Field, Form, SecondFactor } from './form.js';
import { useStore, useTexts } from './provider.js';

interface Props {
  submit: string;
  email?: string | undefined;
  /** What is done once somebody is signed in, before anything else is shown, in place of entering the last account. */
  enter?(): Promise<Reply<'user/login'>>;
  /** Called then. */
  onDone?(): void;
}

export function PasswordForm({ submit, email, enter, onDone }: Props): ReactElement {
  const store = useStore();
  const texts = useTexts();
  const [asksCode, setAsksCode] = useState(false);
  const send = async ({ email = '', password = '', totp }: Record<string, string>) => {
    const known = { email, password, ...(totp && { totp }) };
    try {
      await store.signIn(known, enter);
      onDone?.();
    } catch (error) {
      // That the password is right is said to nobody else.
      if (asksCode || !(error instanceof GuestlistError) || error.code !== 'totp_required') throw error;
      setAsksCode(true);
    }
  };
  const explain = ({ code }: GuestlistError) =>
    code === 'invalid_credentials' ? (asksCode ? texts.wrongCode : texts.wrongPassword) : undefined;
  return (
    <Form label={submit} submit={submit} onSubmit={send} explain={explain}>
      <Field name="email" label={texts.email} type="email" autoComplete="username" value={email ?? ''} />
      <Field name="password" label={texts.password} type="password" autoComplete="current-password" />
      {asksCode && <SecondFactor />}
    </Form>
  );
}
