'use client';
// What is shown to whom.

import { Fragment, type ReactElement, type ReactNode } from 'react';
import { useSnapshot } from './provider.js';

/**
 * Shows its children to somebody who is signed in to an account. They are mounted anew for another account or another
 * person, so that nothing of the one before is left in them.
 */
export function SignedIn({ children }: { children?: ReactNode }): ReactElement | null {
  const { session } = useSnapshot();
  if (session.status !== 'signed-in') return null;
  return <Fragment key={`${session.user.id} ${session.account.id}`}>{children}</Fragment>;
}

/**
 * Shows its children, mostly `<SignIn />`, to everybody else: also to who is signed in and in no account, and where the
 * service does not answer. While it is not known yet who is signed in, neither of the two shows anything.
 */
export function SignedOut({ children }: { children?: ReactNode }): ReactElement | null {
  const { session } = useSnapshot();
  if (session.status === 'signed-in' || session.status === 'loading') return null;
  return <>{children}</>;
}

/** Shows its children, such as a spinner, while it is not known yet who is signed in. */
export function WhileLoading({ children }: { children?: ReactNode }): ReactElement | null {
  return useSnapshot().session.status === 'loading' ? <>{children}</> : null;
}
