'use client';
// What steps are made of: their heading, buttons, what is waited for, and what went wrong.

import { GuestlistError } from 'guestlist-client';
import { type ReactElement, type ReactNode, useId, useRef, useState } from 'react';
import { useFocusKept } from './focus.js';
import { Live } from './live.js';
import { useLanguage, useTexts } from './provider.js';

/** What is done upon a click or a submit: whether it is under way, and what went wrong. */
export interface Action {
  isBusy: boolean;
  error: unknown;
  run(work: () => Promise<unknown>): Promise<void>;
}

export function useAction(): Action {
  const [state, setState] = useState<{ isBusy: boolean; error: unknown }>({ isBusy: false, error: undefined });
  const isBusy = useRef(false);
  const run = async (work: () => Promise<unknown>) => {
    if (isBusy.current) return;
    isBusy.current = true;
    setState({ isBusy: true, error: undefined });
    let error: unknown;
    try {
      await work();
    } catch (thrown) {
      error = thrown;
    }
    isBusy.current = false;
    setState({ isBusy: false, error });
  };
  return { ...state, run };
}

/** What is said for an error in place of its own text. */
export type Explain = (error: GuestlistError) => string | undefined;

/** What went wrong, in words; nothing without an error. */
export function useWords(error: unknown, explain?: Explain): string | undefined {
  const texts = useTexts();
  if (error === undefined) return undefined;
  if (!(error instanceof GuestlistError) || error.code === 'unreachable') return texts.unreachable;
  return explain?.(error) ?? texts.error(error);
}

/** What went wrong, read out at once. */
export function Alert({ error }: { error: unknown }): ReactElement {
  return <Told text={useWords(error)} />;
}

/** The same where it is in words already. */
export function Told({ text }: { text: string | undefined }): ReactElement {
  return (
    <Live role="alert" className="guestlist-alert">
      {text}
    </Live>
  );
}

/** What has come of something, read out in its turn. */
export function Notice({ children }: { children?: ReactNode }): ReactElement {
  return (
    <Live role="status" className="guestlist-notice">
      {children}
    </Live>
  );
}

/** A step of signing in: its heading, and what belongs to it. */
export function Panel({ title, children }: { title: string; children: ReactNode }): ReactElement {
  const id = useId();
  const panel = useFocusKept<HTMLElement>();
  return (
    <section ref={panel} className="guestlist-panel" aria-labelledby={id} lang={useLanguage()}>
      <h2 id={id} className="guestlist-title" tabIndex={-1}>
        {title}
      </h2>
      {children}
    </section>
  );
}

/** What leads elsewhere: a button that looks like a link. */
export function Aside({ onClick, children }: { onClick(): void; children: ReactNode }): ReactElement {
  return (
    <button type="button" className="guestlist-link" onClick={onClick}>
      {children}
    </button>
  );
}

/** A button that does one thing, and says so if that fails. It keeps the focus meanwhile, which a disabled one would not. */
export function Act({ work, children }: { work(): Promise<unknown>; children: ReactNode }): ReactElement {
  const { isBusy, error, run } = useAction();
  return (
    <>
      <button type="button" className="guestlist-button" aria-disabled={isBusy} onClick={() => void run(work)}>
        {children}
      </button>
      <Alert error={error} />
    </>
  );
}

/** Something is on its way; said to who does not see it, too. */
export function Loading(): ReactElement {
  const { loading } = useTexts();
  return (
    <Live role="status" className="guestlist-loading" lang={useLanguage()}>
      {loading}
    </Live>
  );
}

/** What could not be loaded, and the way to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry(): Promise<unknown> }): ReactElement {
  const { retry } = useTexts();
  const step = useFocusKept<HTMLDivElement>();
  return (
    <div ref={step} className="guestlist-failed" lang={useLanguage()}>
      <Alert error={error} />
      <Act work={onRetry}>{retry}</Act>
    </div>
  );
}
