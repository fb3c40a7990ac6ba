'use client';
// What brings people to the app besides its own pages: links in emails, and providers.

import type { ConfirmBy } from 'guestlist-client';
import { GuestlistError } from 'guestlist-client';
import { type ReactElement, type ReactNode, useState } from 'react';
import { AcceptInvite } from './accept-invite.js';
import { Box, EmailedCode, Field, Form, SecondFactor } from './form.js';
import { isAsking, ShowProvider } from './from-provider.js';
import { useAbout } from './hooks.js';
import { Live } from './live.js';
import { Act, Aside, Panel } from './panel.js';
import { useGuestlist, useLanguage, useSnapshot, useStore, useTexts } from './provider.js';
import { NewPassword, SignIn } from './sign-in.js';

/**
 * Shows what a link in an email asks for, or what is left to do for somebody who has come from a provider; its children
 * when there is no such thing. Put it around the app.
 */
export function Landing({ children }: { children?: ReactNode }): ReactElement {
  const { link, back } = useSnapshot();
  const { settle } = useStore();
  if (isAsking(back)) return <ShowProvider back={back} />;
  if (back?.kind === 'signed-in' && back.invite !== undefined) {
    return <AcceptInvite code={back.invite} onDone={settle} />;
  }
  const code = link?.code ?? '';
  switch (link?.kind) {
    case 'invite':
      return <AcceptInvite code={code} onDone={settle} />;
    case 'verify':
      return <VerifyEmail code={code} onDone={settle} />;
    case 'reset':
      return <ResetPassword code={code} onDone={settle} />;
    case 'confirm-email':
      return <ConfirmNewEmail code={code} onDone={settle} />;
    case 'undo-email':
      return <UndoNewEmail code={code} onDone={settle} />;
    case undefined:
      return <>{children}</>;
  }
}

interface LinkProps {
  /** The code after `=` in the link. */
  code: string;
  /** Called once it is done, or the person wants to continue without it. */
  onDone(): void;
}

/** Confirms the address of a sign-up, with the password of the sign-up, so that no stranger's link makes a password valid. */
export function VerifyEmail({ code, onDone }: LinkProps): ReactElement {
  const store = useStore();
  const texts = useTexts();
  const send = async ({ password = '' }: Record<string, string>) => {
    await store.signedUp(await store.client.call('identity/verify', { code, password }));
    onDone();
  };
  return (
    <Panel title={texts.verifyTitle}>
      <p>{texts.verifyText}</p>
      <Form label={texts.verify} submit={texts.verify} onSubmit={send}>
        <Field name="password" label={texts.password} type="password" autoComplete="current-password" />
      </Form>
      <Aside onClick={onDone}>{texts.dismiss}</Aside>
    </Panel>
  );
}

/** Sets a new password with the link from `password/forgot`, and signs in with it. */
export function ResetPassword({ code, onDone }: LinkProps): ReactElement {
  const store = useStore();
  const texts = useTexts();
  const { about } = useAbout();
  const send = async ({ newPassword = '', keepProviders }: Record<string, string>) => {
    const body = { code, newPassword, ...(keepProviders !== undefined && { keepProviders: true }) };
    const { email } = await store.client.call('password/reset', body);
    // Where a second factor is on, the form of `<SignIn>` asks for it.
    await store.signIn({ email, password: newPassword }).catch(() => undefined);
    onDone();
  };
  return (
    <Panel title={texts.resetTitle}>
      <p>{texts.resetText}</p>
      <Form label={texts.resetTitle} submit={texts.reset} onSubmit={send}>
        <NewPassword name="newPassword" label={texts.newPassword} />
        {about && about.providers.length > 0 && (
          <Box name="keepProviders" label={texts.keepProviders} hint={texts.keepProvidersHint} />
        )}
      </Form>
      <Aside onClick={onDone}>{texts.dismiss}</Aside>
    </Panel>
  );
}

/** Undoes an email change, with the link in the email to the old address. */
export function UndoNewEmail({ code, onDone }: LinkProps): ReactElement {
  const store = useStore();
  const texts = useTexts();
  const send = async ({ newPassword = '' }: Record<string, string>) => {
    const { email } = await store.client.call('user/undoEmail', { code, newPassword });
    await store.signIn({ email, password: newPassword }).catch(() => undefined);
    onDone();
  };
  return (
    <Panel title={texts.undoEmailTitle}>
      <p>{texts.undoEmailText}</p>
      <Form label={texts.undoEmail} submit={texts.undoEmail} onSubmit={send}>
        <NewPassword name="newPassword" label={texts.newPassword} />
      </Form>
      <Aside onClick={onDone}>{texts.dismiss}</Aside>
    </Panel>
  );
}

/** Confirms a new email, in the session in which the change was requested. */
export function ConfirmNewEmail({ code, onDone }: LinkProps): ReactElement {
  const { session } = useSnapshot();
  const { client, load } = useStore();
  const texts = useTexts();
  const language = useLanguage();
  const [confirmBy, setConfirmBy] = useState<readonly ConfirmBy[]>();
  const move = async () => {
    try {
      await client.call('user/confirmEmail', { code });
      await load();
      onDone();
    } catch (error) {
      const isAsking = error instanceof GuestlistError && error.confirmBy.length > 0;
      if (!isAsking) throw error;
      setConfirmBy(error.confirmBy);
    }
  };
  if (session.status !== 'signed-in') {
    return (
      <>
        <Live role="status" className="guestlist-notice" lang={language}>
          {session.status !== 'loading' && texts.newEmailSignIn}
        </Live>
        <SignIn />
      </>
    );
  }
  return (
    <Panel title={texts.newEmailTitle}>
      <p>{texts.newEmailText}</p>
      {confirmBy ? (
        <Confirm confirmBy={confirmBy} submit={texts.newEmail} onDone={move} />
      ) : (
        <Act work={move}>{texts.newEmail}</Act>
      )}
      <Aside onClick={onDone}>{texts.dismiss}</Aside>
    </Panel>
  );
}

interface ConfirmProps {
  /** The credentials that the error lists. */
  confirmBy: readonly ConfirmBy[];
  submit: string;
  /** Called once the person has confirmed who they are. */
  onDone(): Promise<unknown>;
}

/**
 * Has somebody show once more who they are, for calls that take a fresh sign-in: what `onReauthenticate` of the client
 * shows, or an app upon `reauthentication_required`.
 */
export function Confirm({ confirmBy, submit, onDone }: ConfirmProps): ReactElement {
  const client = useGuestlist();
  const texts = useTexts();
  const [way, setWay] = useState<ConfirmBy | undefined>(confirmBy.find((one) => one !== 'emailCode'));
  const [key, setKey] = useState<string>();
  const choose = async (chosen: ConfirmBy) => {
    if (chosen === 'emailCode') setKey((await client.call('session/code')).key);
    setWay(chosen);
  };
  const send = async ({ currentPassword = '', totp = '', emailCode = '' }: Record<string, string>) => {
    if (way === 'totp') await client.confirm({ totp });
    else if (way === 'emailCode') await client.confirm({ emailCode, key: key ?? '' });
    else await client.confirm({ currentPassword });
    await onDone();
  };
  return (
    <div className="guestlist-confirm" lang={useLanguage()}>
      <p>{texts.confirmText}</p>
      {way !== undefined && (
        <Form key={way} label={submit} submit={submit} onSubmit={send}>
          {way === 'currentPassword' && (
            <Field name="currentPassword" label={texts.password} type="password" autoComplete="current-password" isNext />
          )}
          {way === 'totp' && <SecondFactor />}
          {way === 'emailCode' && <EmailedCode />}
        </Form>
      )}
      {confirmBy
        .filter((other) => other !== way)
        .map((other) => (
          <Act key={other} work={() => choose(other)}>
            {texts.confirmBy[other]}
          </Act>
        ))}
    </div>
  );
}
