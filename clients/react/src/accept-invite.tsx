'use client';
// Behind the link of an invitation: who invites into what, and the ways to join.

import { GuestlistError, type Reply } from 'guestlist-client';
import { type ReactElement, useCallback, useState } from 'react';
import { Field, Form } from './form.js';
import { useLoad } from './hooks.js';
import { Act, Aside, Failed, Loading, Notice, Panel } from './panel.js';
import { PasswordForm } from './password-form.js';
import { ProviderButtons } from './provider-buttons.js';
import { useGuestlist, useLanguage, useSnapshot, useStore, useTexts } from './provider.js';
import { CheckEmail, NewPassword } from './sign-in.js';

export interface AcceptInviteProps {
  /** The code after `#invite=` in the link. */
  code: string;
  /** Called once the person has joined, or wants to continue without joining. */
  onDone(): void;
}

/**
 * Shows an invite, and has the person join by it: with a new password, with the sign-in that they have, or with a
 * provider. Nobody joins without a click.
 */
export function AcceptInvite({ code, onDone }: AcceptInviteProps): ReactElement {
  const client = useGuestlist();
  const { session } = useSnapshot();
  const [sentTo, setSentTo] = useState<string>();
  const check = useCallback(() => client.call('invite/check', { invite: code }), [client, code]);
  const { data: invite, error, reload } = useLoad(check, code);
  if (sentTo !== undefined) return <CheckEmail email={sentTo} onBack={onDone} />;
  if (error !== undefined) return <Useless error={error} onRetry={reload} onDone={onDone} />;
  if (!invite || session.status === 'loading') return <Loading />;
  const isIn = session.status === 'signed-in' || session.status === 'no-account';
  return <Join code={code} invite={invite} isIn={isIn} onDone={onDone} onSent={setSentTo} />;
}

type Way = 'here' | 'new' | 'known';

interface JoinProps extends AcceptInviteProps {
  invite: Reply<'invite/check'>;
  /** Whether somebody is signed in here. */
  isIn: boolean;
  onSent(to: string): void;
}

function Join({ code, invite, isIn, onDone, onSent }: JoinProps): ReactElement {
  const store = useStore();
  const texts = useTexts();
  const [chosen, setChosen] = useState<Way>();
  const { accountName: account = '', email, inviter, role } = invite;
  const way = chosen ?? (isIn ? 'here' : 'new');
  const language = useLanguage();
  const join = () => store.client.call('user/login', { invite: code, language });
  const ways: [Way, string][] = [
    ...(isIn ? [['here', texts.join(account)] as [Way, string]] : []),
    ['new', texts.amNew],
    ['known', isIn ? texts.useOther : texts.haveSignIn],
  ];
  const told = { role, ...(inviter !== undefined && { inviter }), ...(email !== undefined && { email }) };
  return (
    <Panel title={texts.inviteTitle(account)}>
      <p>{texts.inviteText(told)}</p>
      {way === 'here' && <Here account={account} onJoin={() => store.enter(join).then(onDone)} />}
      {way === 'new' && <NewPerson code={code} invite={invite} onDone={onDone} onSent={onSent} />}
      {way === 'known' && (
        <PasswordForm submit={texts.acceptKnown} email={email} enter={join} onDone={onDone} />
      )}
      {way !== 'here' && <ProviderButtons invite={code} />}
      <div className="guestlist-links">
        {ways
          .filter(([other]) => other !== way)
          .map(([other, label]) => (
            <Aside key={other} onClick={() => setChosen(other)}>
              {label}
            </Aside>
          ))}
        <Aside onClick={onDone}>{texts.dismiss}</Aside>
      </div>
    </Panel>
  );
}

/** Who is signed in has nothing more to prove. */
function Here({ account, onJoin }: { account: string; onJoin(): Promise<void> }): ReactElement {
  const texts = useTexts();
  const { session } = useSnapshot();
  const email = session.status === 'signed-in' ? session.user.email : undefined;
  return (
    <>
      {email !== undefined && <p>{texts.signedInAs(email)}</p>}
      <Act work={onJoin}>{texts.join(account)}</Act>
    </>
  );
}

interface NewPersonProps extends AcceptInviteProps {
  invite: Reply<'invite/check'>;
  onSent(to: string): void;
}

function NewPerson({ code, invite, onDone, onSent }: NewPersonProps): ReactElement {
  const { email = '' } = invite;
  const store = useStore();
  const texts = useTexts();
  const language = useLanguage();
  const send = async ({ password = '', first, last }: Record<string, string>) => {
    const names = { ...(first && { first }), ...(last && { last }) };
    const reply = await store.client.call('identity/create', { invite: code, password, ...names, language });
    // Only the code from the email proves the address; with one that was passed on, another email goes there first.
    if (reply.state === 'pending') return onSent(email);
    await store.signedUp(reply);
    onDone();
  };
  return (
    <Form label={texts.acceptNew} submit={texts.acceptNew} onSubmit={send}>
      {/* Password managers keep the password under this name. */}
      <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field name="first" label={texts.firstName} autoComplete="given-name" value={invite.first} isOptional />
      <Field name="last" label={texts.lastName} autoComplete="family-name" value={invite.last} isOptional />
      <NewPassword name="password" label={texts.password} />
    </Form>
  );
}

interface UselessProps {
  error: unknown;
  onRetry(): Promise<unknown>;
  onDone(): void;
}

function Useless({ error, onRetry, onDone }: UselessProps): ReactElement {
  const texts = useTexts();
  const code = error instanceof GuestlistError ? error.code : undefined;
  const isUsed = code === 'invite_used';
  if (!isUsed && code !== 'not_found' && code !== 'validation_failed') return <Failed error={error} onRetry={onRetry} />;
  return (
    <Panel title={isUsed ? texts.inviteUsedTitle : texts.inviteGoneTitle}>
      <Notice>{isUsed ? texts.inviteUsed : texts.inviteGone}</Notice>
      <Aside onClick={onDone}>{texts.goOn}</Aside>
    </Panel>
  );
}
