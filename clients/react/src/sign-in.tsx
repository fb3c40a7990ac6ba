'use client';
// Signing in, in all ways that the service offers, and what may have to come before.

import { type ReactElement, useState } from 'react';
import { Field, Form } from './form.js';
import { isAsking, ProviderRefusal, ShowProvider } from './from-provider.js';
import { useAbout } from './hooks.js';
import { NoAccount } from './no-account.js';
import { Aside, Failed, Loading, Notice, Panel } from './panel.js';
import { PasswordForm } from './password-form.js';
import { ProviderButtons } from './provider-buttons.js';
import { useGuestlist, useLanguage, useSnapshot, useStore, useTexts } from './provider.js';

type Step = 'sign-in' | 'sign-up' | 'forgot';

/**
 * Signs somebody in: with a password and a second factor, with the providers of the service, or by signing up, where
 * strangers may. Who is signed in and in no account chooses one here.
 */
export function SignIn(): ReactElement | null {
  const { session, back } = useSnapshot();
  const { retry } = useStore();
  const [step, setStep] = useState<Step>('sign-in');
  if (session.status === 'loading') return <Loading />;
  if (session.status === 'failed') return <Failed error={session.error} onRetry={retry} />;
  if (session.status === 'signed-in') return null;
  if (isAsking(back)) return <ShowProvider back={back} />;
  if (session.status === 'no-account') return <NoAccount reason={session.reason} />;
  const goBack = () => setStep('sign-in');
  if (step === 'sign-up') return <SignUp onBack={goBack} />;
  if (step === 'forgot') return <Forgot onBack={goBack} />;
  return <Ways wasEnded={session.wasEnded} onStep={setStep} />;
}

function Ways({ wasEnded, onStep }: { wasEnded: boolean; onStep(step: Step): void }): ReactElement {
  const texts = useTexts();
  const { about, error, reload } = useAbout();
  if (error !== undefined) return <Failed error={error} onRetry={reload} />;
  if (!about) return <Loading />;
  const hasPassword = about.waysIn.includes('password');
  const hasNone = !hasPassword && about.providers.length === 0;
  return (
    <Panel title={texts.signInTitle}>
      <Notice>{wasEnded && texts.signedOut}</Notice>
      <ProviderRefusal />
      {hasPassword && <PasswordForm submit={texts.signIn} />}
      <ProviderButtons />
      {hasNone && <p>{texts.noWayIn}</p>}
      {hasPassword && (
        <div className="guestlist-links">
          <Aside onClick={() => onStep('forgot')}>{texts.forgot}</Aside>
          {about.registration === 'open' && <Aside onClick={() => onStep('sign-up')}>{texts.signUp}</Aside>}
        </div>
      )}
    </Panel>
  );
}

function SignUp({ onBack }: { onBack(): void }): ReactElement {
  const client = useGuestlist();
  const texts = useTexts();
  const language = useLanguage();
  const [sentTo, setSentTo] = useState<string>();
  if (sentTo !== undefined) return <CheckEmail email={sentTo} onBack={onBack} />;
  const send = async ({ email = '', password = '' }: Record<string, string>) => {
    await client.call('identity/create', { email, password, language });
    setSentTo(email);
  };
  return (
    <Panel title={texts.signUpTitle}>
      <Form label={texts.signUp} submit={texts.signUp} onSubmit={send}>
        <Field name="email" label={texts.email} type="email" autoComplete="username" />
        <NewPassword name="password" label={texts.password} />
      </Form>
      <ProviderButtons />
      <Aside onClick={onBack}>{texts.backToSignIn}</Aside>
    </Panel>
  );
}

/** An email with a link is on its way. */
export function CheckEmail({ email, onBack }: { email: string; onBack(): void }): ReactElement {
  const texts = useTexts();
  return (
    <Panel title={texts.checkEmailTitle}>
      <Notice>{texts.checkEmail(email)}</Notice>
      <Aside onClick={onBack}>{texts.backToSignIn}</Aside>
    </Panel>
  );
}

function Forgot({ onBack }: { onBack(): void }): ReactElement {
  const client = useGuestlist();
  const texts = useTexts();
  const [sentTo, setSentTo] = useState<string>();
  const send = async ({ email = '' }: Record<string, string>) => {
    await client.call('password/forgot', { email });
    setSentTo(email);
  };
  return (
    <Panel title={sentTo === undefined ? texts.forgotTitle : texts.checkEmailTitle}>
      <Notice>{sentTo !== undefined && texts.linkSent(sentTo)}</Notice>
      {sentTo === undefined && (
        <>
          <p>{texts.forgotText}</p>
          <Form label={texts.forgotTitle} submit={texts.sendLink} onSubmit={send}>
            <Field name="email" label={texts.email} type="email" autoComplete="username" />
          </Form>
        </>
      )}
      <Aside onClick={onBack}>{texts.backToSignIn}</Aside>
    </Panel>
  );
}

/** A password that is chosen. */
export function NewPassword({ name, label }: { name: string; label: string }): ReactElement {
  const { newPasswordHint } = useTexts();
  return <Field name={name} label={label} type="password" autoComplete="new-password" hint={newPasswordHint} />;
}
