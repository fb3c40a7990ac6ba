'use client';
// What is read out to who does not see it.

import { type ReactElement, type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';

/** How long an element has to be there before what is put into it is read out, in milliseconds. */
const REGISTERED = 50;

const never = () => () => undefined;

interface LiveProps {
  role: 'status' | 'alert';
  className: string;
  lang?: string;
  children?: ReactNode;
}

/**
 * A text that is read out when it appears or changes. Screen readers hear only of changes in elements that they know
 * already, so the element is there all the time, and its text follows.
 */
export function Live({ role, className, lang, children }: LiveProps): ReactElement {
  // What a server has rendered stays as it is: nothing of it has changed.
  const isRendered = useSyncExternalStore(never, () => false, () => true);
  const [isKnown, setKnown] = useState(isRendered);
  useEffect(() => {
    const timer = setTimeout(() => setKnown(true), REGISTERED);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role={role} className={className} lang={lang}>
      {isKnown && children}
    </div>
  );
}
