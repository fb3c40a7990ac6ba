'use client';
// Signed in, and in no account: those to go to, those that expect the person, or a new one.

import type { Expectation, GuestlistError } from 'guestlist-client';
import { type ReactElement, useState } from 'react';
import { Field, Form } from './form.js';
import { useAbout, useAccounts } from './hooks.js';
import { Act, Aside, Failed, Loading, Notice, Panel } from './panel.js';
import { PasswordForm } from './password-form.js';
import { useStore, useTexts } from './provider.js';

export function NoAccount({ reason }: { reason: GuestlistError }): ReactElement {
  const texts = useTexts();
  const { signOut } = useStore();
  const { accounts, expected, error, reload, switchAccount, decline } = useAccounts();
  const [signsIn, setSignsIn] = useState(reason.code === 'reauthentication_required');
  if (signsIn) return <SignInAgain onOther={() => setSignsIn(false)} />;
  if (error !== undefined) return <Failed error={error} onRetry={reload} />;
  if (!accounts || !expected) return <Loading />;
  const open = accounts.filter(({ user, signedOut }) => user && !signedOut);
  return (
    <Panel title={texts.noAccountTitle}>
      <Why reason={reason} isAlone={open.length + expected.length === 0} />
      <ul className="guestlist-accounts">
        {open.map(({ account }) => (
          <li key={account.id}>
            <Act work={() => switchAccount(account.id)}>{texts.enter(account.name)}</Act>
          </li>
        ))}
        {expected.map((one) => (
          <Expected key={one.accountId} {...one} onJoin={switchAccount} onDecline={decline} />
        ))}
      </ul>
      <Register />
      <Act work={signOut}>{texts.signOut}</Act>
    </Panel>
  );
}

function Why({ reason, isAlone }: { reason: GuestlistError; isAlone: boolean }): ReactElement {
  const texts = useTexts();
  const { about } = useAbout();
  const nobody = about?.registration === 'open' ? texts.noAccountOpen : texts.noAccount;
  const told: Partial<Record<GuestlistError['code'], string>> = {
    account_required: '',
    email_unverified: texts.unverified,
    not_registered: isAlone ? nobody : '',
    suspended: texts.shutOut,
  };
  return <Notice>{told[reason.code] ?? texts.error(reason)}</Notice>;
}

interface ExpectedProps extends Expectation {
  onJoin(id: string): Promise<void>;
  onDecline(id: string): Promise<void>;
}

/** What is joined, who invites, and as what: then a click. */
function Expected({ accountId, accountName, inviter, role, onJoin, onDecline }: ExpectedProps): ReactElement {
  const texts = useTexts();
  return (
    <li>
      <p>{texts.expected({ account: accountName, role, ...(inviter !== undefined && { inviter }) })}</p>
      <Act work={() => onJoin(accountId)}>{texts.join(accountName)}</Act>
      <Act work={() => onDecline(accountId)}>{texts.decline(accountName)}</Act>
    </li>
  );
}

/** Where people may make accounts. */
function Register(): ReactElement | null {
  const texts = useTexts();
  const { about } = useAbout();
  const { register } = useAccounts();
  if (about?.registration !== 'open') return null;
  return (
    <Form label={texts.register} submit={texts.register} onSubmit={({ name = '' }) => register(name)}>
      <Field name="name" label={texts.accountName} autoComplete="organization" />
    </Form>
  );
}

function SignInAgain({ onOther }: { onOther(): void }): ReactElement {
  const texts = useTexts();
  const { signOut } = useStore();
  return (
    <Panel title={texts.signInTitle}>
      <Notice>{texts.signInAgain}</Notice>
      <PasswordForm submit={texts.signIn} />
      <div className="guestlist-links">
        <Aside onClick={onOther}>{texts.noAccountTitle}</Aside>
        <Aside onClick={() => void signOut()}>{texts.signOut}</Aside>
      </div>
    </Panel>
  );
}
