// An app whose people are in one or several accounts: who is in this one, and a form that invites somebody.

import { type Expectation, Guestlist, GuestlistError, type User } from 'guestlist-client';
import {
  GuestlistProvider,
  Landing,
  SignedIn,
  SignedOut,
  SignIn,
  useAccount,
  useAccounts,
  useGuestlist,
  useSession,
  useTexts,
  useUser,
  WhileLoading,
} from 'guestlist-react';
import 'guestlist-react/style.css';
import { type FormEvent, type ReactElement, StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import './app.css';
import { firstLanguage, keepLanguage, type Language, LanguageChoice, speak, Speaking, useOwnTexts } from './language.js';

const client = new Guestlist({
  url: import.meta.env.VITE_GUESTLIST_URL ?? 'http://localhost:8080',
  cookie: true,
});

const first = firstLanguage();
speak(first);

function App() {
  const [language, setLanguage] = useState(first);
  const choose = (chosen: Language) => {
    keepLanguage(chosen);
    speak(chosen);
    setLanguage(chosen);
  };
  return (
    <Speaking value={language}>
      <GuestlistProvider client={client}>
        <Page choice={<LanguageChoice language={language} onChoose={choose} />} />
      </GuestlistProvider>
    </Speaking>
  );
}

function Page({ choice }: { choice: ReactElement }) {
  const texts = useOwnTexts();
  return (
    <>
      <header>
        <h1>{texts.title}</h1>
        {choice}
        <SignedIn>
          <Menu />
        </SignedIn>
      </header>
      <main>
        <Landing>
          <WhileLoading>{texts.loading}</WhileLoading>
          <SignedIn>
            <Everybody />
          </SignedIn>
          <SignedOut>
            <SignIn />
          </SignedOut>
        </Landing>
      </main>
    </>
  );
}

/** Who one is, in which account, and the way out. */
function Menu() {
  const texts = useOwnTexts();
  const user = useUser();
  const account = useAccount();
  const { accounts = [], expected = [], switchAccount, decline } = useAccounts();
  const { signOut } = useSession();
  return (
    <nav aria-label={texts.account}>
      <label>
        {texts.account}{' '}
        <select value={account?.id} onChange={({ target }) => void switchAccount(target.value)}>
          {accounts.map(({ account: { id, name } }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <span>
        {user?.email} ({user && texts.role(user.role)})
      </span>
      <button onClick={() => void signOut()}>{texts.signOut}</button>
      {expected.map(({ accountId, ...invitation }) => (
        <Expected
          key={accountId}
          {...invitation}
          onJoin={() => void switchAccount(accountId)}
          onDecline={() => void decline(accountId)}
        />
      ))}
    </nav>
  );
}

interface ExpectedProps extends Omit<Expectation, 'accountId'> {
  onJoin(): void;
  onDecline(): void;
}

/** An account that expects the person: joined by a click, once it is said what it is. */
function Expected({ accountName, inviter, role, onJoin, onDecline }: ExpectedProps) {
  const { expected, join, decline } = useTexts();
  return (
    <p className="expected">
      <span>{expected({ account: accountName, role, ...(inviter !== undefined && { inviter }) })}</span>
      <button onClick={onJoin}>{join(accountName)}</button>
      <button onClick={onDecline}>{decline(accountName)}</button>
    </p>
  );
}

function Everybody() {
  const client = useGuestlist();
  const texts = useOwnTexts();
  const me = useUser();
  const [users, setUsers] = useState<User[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const load = () => {
    setFailure(undefined);
    client.call('user/find').then(({ data }) => setUsers(data), setFailure);
  };
  useEffect(load, [client]);
  return (
    <>
      <h2>{texts.users}</h2>
      <ul aria-label={texts.users} className="users">
        {users.map(({ id, email, first, role }) => (
          <li key={id}>
            <span>{email ?? first ?? texts.noName}</span> <span className="role">{texts.role(role)}</span>
          </li>
        ))}
      </ul>
      <button onClick={load}>{texts.reload}</button>
      <Failure error={failure} />
      {me?.role !== 'user' && <Invite onDone={load} />}
    </>
  );
}

/** Invites somebody new by email. */
function Invite({ onDone }: { onDone(): void }) {
  const client = useGuestlist();
  const texts = useOwnTexts();
  const [failure, setFailure] = useState<unknown>();
  const invite = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const email = String(new FormData(form).get('email'));
    setFailure(undefined);
    try {
      await client.call('user/create', { email, sendInvite: true });
      form.reset();
      onDone();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <form noValidate onSubmit={(event) => void invite(event)}>
      <label>
        {texts.email} <input name="email" type="email" autoComplete="off" />
      </label>
      <button>{texts.invite}</button>
      <Failure error={failure} label={texts.email} />
    </form>
  );
}

/** Why something has not worked, in the language of the page: `useTexts` has the words for errors, too. */
function Failure({ error, label }: { error: unknown; label?: string }) {
  const texts = useTexts();
  const words = (error: unknown) => {
    if (!(error instanceof GuestlistError)) return texts.unreachable;
    const [fault] = error.errors;
    return fault ? texts.fault(fault, label ?? fault.field) : texts.error(error);
  };
  return <div role="alert">{error !== undefined && words(error)}</div>;
}

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
