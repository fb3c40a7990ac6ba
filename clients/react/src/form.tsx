'use client';
// Forms: fields with their faults, what is sent once at a time, and what went wrong.

import { GuestlistError } from 'guestlist-client';
import {
  createContext,
  type FormEvent,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { useTexts } from './provider.js';

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

const FormContext = createContext<{ error: unknown; isBusy: boolean }>({ error: undefined, isBusy: false });

interface FormProps {
  /** What the form is called for who does not see it. */
  label: string;
  submit: string;
  /** What is typed, by the names of the fields; a box that is ticked is `on`. */
  onSubmit(values: Record<string, string>): Promise<unknown>;
  /** What is said for an error in place of its own text. */
  explain?(error: GuestlistError): string | undefined;
  children: ReactNode;
}

export function Form({ label, submit, onSubmit, explain, children }: FormProps): ReactElement {
  const { isBusy, error, run } = useAction();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error === undefined) return;
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role="alert"]');
    wrong?.focus();
  }, [error]);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]);
    void run(() => onSubmit(Object.fromEntries(typed) as Record<string, string>));
  };
  return (
    <form ref={form} className="guestlist-form" aria-label={label} aria-busy={isBusy} onSubmit={send}>
      <FormContext.Provider value={{ error, isBusy }}>
        {children}
        <Alert error={error} explain={explain} />
        <button type="submit" className="guestlist-button guestlist-primary" disabled={isBusy}>
          {submit}
        </button>
      </FormContext.Provider>
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password';
  autoComplete?: string;
  inputMode?: 'numeric';
  hint?: string;
  value?: string | undefined;
  isOptional?: boolean;
  /** Takes the focus when it appears: what is asked for next. */
  isNext?: boolean;
}

export function Field(props: FieldProps): ReactElement {
  const { name, label, type = 'text', autoComplete, inputMode, hint, value, isOptional, isNext } = props;
  const texts = useTexts();
  const { error } = useContext(FormContext);
  const fault = error instanceof GuestlistError ? error.fault(name) : undefined;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNext) input.current?.focus();
  }, [isNext]);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div className="guestlist-field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        className="guestlist-input"
        name={name}
        type={type}
        autoComplete={autoComplete}
        inputMode={inputMode}
        defaultValue={value}
        required={!isOptional}
        aria-invalid={fault ? true : undefined}
        aria-describedby={described || undefined}
      />
      {hint && (
        <p id={`${id}-hint`} className="guestlist-hint">
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className="guestlist-fault">
          {texts.fault(fault)}
        </p>
      )}
    </div>
  );
}

/** A box to tick. */
export function Box({ name, label, hint }: { name: string; label: string; hint: string }): ReactElement {
  const id = useId();
  return (
    <div className="guestlist-field guestlist-box">
      <input id={id} type="checkbox" name={name} aria-describedby={`${id}-hint`} />
      <label htmlFor={id}>{label}</label>
      <p id={`${id}-hint`} className="guestlist-hint">
        {hint}
      </p>
    </div>
  );
}

interface AlertProps {
  error: unknown;
  explain?: ((error: GuestlistError) => string | undefined) | undefined;
}

/** What went wrong, read out at once. */
export function Alert({ error, explain }: AlertProps): ReactElement | null {
  const texts = useTexts();
  if (error === undefined) return null;
  const isTold = error instanceof GuestlistError;
  const text = isTold ? (explain?.(error) ?? texts.error(error)) : texts.unreachable;
  return (
    <p className="guestlist-alert" role="alert" tabIndex={-1}>
      {text}
    </p>
  );
}

/** A step of signing in: its heading, and what belongs to it. */
export function Panel({ title, children }: { title: string; children: ReactNode }): ReactElement {
  const id = useId();
  return (
    <section className="guestlist-panel" aria-labelledby={id}>
      <h2 id={id} className="guestlist-title">
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

/** A button that does one thing, and says so if that fails. */
export function Act({ work, children }: { work(): Promise<unknown>; children: ReactNode }): ReactElement {
  const { isBusy, error, run } = useAction();
  return (
    <>
      <button type="button" className="guestlist-button" disabled={isBusy} onClick={() => void run(work)}>
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
    <p className="guestlist-loading" role="status">
      {loading}
    </p>
  );
}

/** What could not be loaded, and the way to try again. */
export function Failed({ error, onRetry }: { error: unknown; onRetry(): Promise<unknown> }): ReactElement {
  const { retry } = useTexts();
  return (
    <div className="guestlist-failed">
      <Alert error={error} />
      <Act work={onRetry}>{retry}</Act>
    </div>
  );
}
