'use client';
// Back from a provider: what is still to be shown before somebody is signed in.

import { type Evidence, type FromProvider, GuestlistError } from 'guestlist-client';
import { type ReactElement, useState } from 'react';
import { EmailedCode, Field, Form, SecondFactor } from './form.js';
import { Act, Alert, Aside, Notice, Panel, Told } from './panel.js';
import { useLabel } from './provider-buttons.js';
import { useGuestlist, useSnapshot, useStore, useTexts } from './provider.js';

type Asked = 'pending' | 'link-required' | 'second-factor';

/** Whether something has to be shown still. */
export const isAsking = (back: FromProvider | undefined): back is Extract<FromProvider, { kind: Asked }> =>
  back?.kind === 'pending' || back?.kind === 'link-required' || back?.kind === 'second-factor';

/** Asks for what the service wants to see; the person is signed in then, and has joined by an invite if there was one. */
export function ShowProvider({ back }: { back: Extract<FromProvider, { kind: Asked }> }): ReactElement {
  const texts = useTexts();
  const provider = useLabel(back.provider);
  const { settle } = useStore();
  const told = {
    pending: [texts.pendingTitle, texts.pendingText(provider)],
    'link-required': [texts.linkTitle(provider), texts.linkText(provider)],
    'second-factor': [texts.secondFactorTitle, texts.secondFactorText],
  } as const;
  const [title, text] = told[back.kind];
  return (
    <Panel title={title}>
      <p>{text}</p>
      <EvidenceForm kind={back.kind} provider={back.provider} />
      <Aside onClick={settle}>{texts.backToSignIn}</Aside>
    </Panel>
  );
}

function EvidenceForm({ kind, provider }: { kind: Asked; provider: string }): ReactElement {
  const client = useGuestlist();
  const store = useStore();
  const texts = useTexts();
  const [byCode, setByCode] = useState(kind === 'pending');
  const [asksCode, setAsksCode] = useState(kind === 'second-factor');
  const link = (evidence: Evidence) =>
    store.enter(async () => {
      const done = await client.link(evidence);
      // With an invite somebody who is known here has still to say that they join.
      store.goOn(done);
      return done.kind === 'joined' ? done : undefined;
    });
  const send = async (values: Record<string, string>) => {
    try {
      await link(values as Evidence);
    } catch (error) {
      if (!(error instanceof GuestlistError)) throw error;
      if (!asksCode && error.code === 'totp_required') setAsksCode(true);
      else if (error.code === 'invalid_state') store.goOn({ provider, kind: 'refused', error });
      else throw error;
    }
  };
  // The email is known already: only the last thing that was asked for can be wrong.
  const explain = ({ code }: GuestlistError) => {
    if (code !== 'invalid_credentials') return undefined;
    return asksCode ? texts.wrongCode : texts.wrongOwnPassword;
  };
  const sendCode = async () => {
    await client.sendCode();
    setByCode(true);
  };
  return (
    <>
      <Form key={String(byCode)} label={texts.connect} submit={texts.connect} onSubmit={send} explain={explain}>
        {kind !== 'second-factor' && byCode && <EmailedCode isNext={kind === 'link-required'} />}
        {kind === 'link-required' && !byCode && (
          <Field name="currentPassword" label={texts.password} type="password" autoComplete="current-password" />
        )}
        {asksCode && <SecondFactor />}
      </Form>
      {kind === 'link-required' && !byCode && <Act work={sendCode}>{texts.sendCode}</Act>}
      <Notice>{kind === 'link-required' && byCode && texts.codeSent}</Notice>
      {kind === 'link-required' && byCode && <Aside onClick={() => setByCode(false)}>{texts.usePassword}</Aside>}
    </>
  );
}

/** Why a sign-in with a provider came to nothing, if one has. */
export function ProviderRefusal(): ReactElement {
  const texts = useTexts();
  const { back } = useSnapshot();
  const provider = useLabel(back?.provider ?? '');
  switch (back?.kind) {
    case 'denied':
      return <Told text={texts.denied(provider)} />;
    case 'begun-elsewhere':
      return <Told text={texts.begunElsewhere(provider)} />;
    default:
      return <Alert error={back?.kind === 'refused' ? back.error : undefined} />;
  }
}
