'use client';
// Forms: fields with their faults, and what is sent once at a time.

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
import { type Explain, Told, useAction, useWords } from './panel.js';
import { useTexts } from './provider.js';
import type { Texts } from './texts/en.js';

/** What is wrong with a field that is called so. */
type Say = (texts: Texts, label: string) => string;

/** What is wrong with fields, by their names. */
type Faults = ReadonlyMap<string, Say>;

const FormContext = createContext<Faults>(new Map());

interface FormProps {
  /** What the form is called for who does not see it. */
  label: string;
  submit: string;
  /** What is typed, by the names of the fields; a box that is ticked is `on`. */
  onSubmit(values: Record<string, string>): Promise<unknown>;
  explain?: Explain;
  children: ReactNode;
}

/** A form that finds itself what is missing: browsers would say it in their own language. */
export function Form({ label, submit, onSubmit, explain, children }: FormProps): ReactElement {
  const { isBusy, error, run } = useAction();
  const { faults, find, forget } = useFaults();
  const rest = useRest(error, faults.found, explain);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (faults.found.size > 0) enter(form.current?.querySelector<HTMLElement>('[aria-invalid="true"]'));
  }, [faults.found]);
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { currentTarget } = event;
    void run(async () => {
      const missing = missingIn(currentTarget);
      find(missing);
      if (missing.size > 0) return;
      const typed = [...new FormData(currentTarget)].map(([name, value]) => [name, String(value)]);
      try {
        await onSubmit(Object.fromEntries(typed) as Record<string, string>);
      } catch (error) {
        find(refusedIn(currentTarget, error));
        throw error;
      }
    });
  };
  return (
    <form
      ref={form}
      className="guestlist-form"
      aria-label={label}
      aria-busy={isBusy}
      noValidate
      onSubmit={send}
      onInput={({ target }) => forget((target as HTMLInputElement).name)}
    >
      <FormContext.Provider value={faults.shown}>
        {children}
        <Told text={rest} />
        <button type="submit" className="guestlist-button guestlist-primary" aria-disabled={isBusy}>
          {submit}
        </button>
      </FormContext.Provider>
    </form>
  );
}

/** What is found wrong at each attempt; a field that is typed in again has no fault any more. */
function useFaults() {
  const [faults, setFaults] = useState<{ found: Faults; shown: Faults }>({ found: new Map(), shown: new Map() });
  const find = (found: Faults) => setFaults({ found, shown: found });
  const forget = (typed: string) =>
    setFaults((now) => {
      if (!now.shown.has(typed)) return now;
      return { found: now.found, shown: new Map([...now.shown].filter(([name]) => name !== typed)) };
    });
  return { faults, find, forget };
}

/** Goes into a field, also if that is where one is: what is wrong with it is read out then. */
function enter(field: HTMLElement | null | undefined): void {
  if (field === document.activeElement) field?.blur();
  field?.focus();
}

/** The fields that are not filled in, and emails that are none. */
function missingIn(form: HTMLFormElement): Faults {
  const inputs = [...form.elements].filter((element) => element instanceof HTMLInputElement);
  const wrong = inputs.filter(({ willValidate, validity }) => willValidate && !validity.valid);
  return new Map(
    wrong.map(({ name, validity }): [string, Say] => [
      name,
      (texts, label) => (validity.valueMissing ? texts.required(label) : texts.notEmail(label)),
    ]),
  );
}

/** What the service finds wrong with the fields that there are. */
function refusedIn(form: HTMLFormElement, error: unknown): Faults {
  const faults = error instanceof GuestlistError ? error.errors : [];
  const own = faults.filter(({ field }) => form.elements.namedItem(field) !== null);
  return new Map(own.map((fault): [string, Say] => [fault.field, (texts, label) => texts.fault(fault, label)]));
}

/** What is to be said of an error besides what stands at its fields. */
function useRest(error: unknown, found: Faults, explain: Explain | undefined): string | undefined {
  const texts = useTexts();
  const words = useWords(error, explain);
  if (!(error instanceof GuestlistError) || error.errors.length === 0) return words;
  const rest = error.errors.filter(({ field }) => !found.has(field));
  return rest.map((fault) => texts.fault(fault, fault.field)).join(' ') || undefined;
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
  const fault = useContext(FormContext).get(name)?.(texts, label);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isNext) input.current?.focus();
  }, [isNext]);
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div className="guestlist-field">
      <label htmlFor={id}>
        {label}
        {isOptional && (
          <>
            {' '}
            <span className="guestlist-optional">{texts.optional}</span>
          </>
        )}
      </label>
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
        {...(autoComplete === 'one-time-code' && AS_IT_IS)}
      />
      {hint && (
        <p id={`${id}-hint`} className="guestlist-hint">
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className="guestlist-fault">
          {fault}
        </p>
      )}
    </div>
  );
}

/** Codes are no words: nothing about them is to be improved. */
const AS_IT_IS = { autoCapitalize: 'none', autoCorrect: 'off', spellCheck: false } as const;

/** The code of a second factor: of an app, or one of those kept for when it is lost. */
export function SecondFactor(): ReactElement {
  const { totp, totpHint } = useTexts();
  return <Field name="totp" label={totp} hint={totpHint} autoComplete="one-time-code" isNext />;
}

/** The code in an email. */
export function EmailedCode({ isNext = true }: { isNext?: boolean }): ReactElement {
  const { emailCode } = useTexts();
  return <Field name="emailCode" label={emailCode} inputMode="numeric" autoComplete="one-time-code" isNext={isNext} />;
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
