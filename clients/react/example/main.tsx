// An app whose people are in one or several accounts: who is in this one, and a form that invites somebody.

import { Guestlist, type User } from 'guestlist-client';
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
  useUser,
  WhileLoading,
} from 'guestlist-react';
import 'guestlist-react/style.css';
import { type FormEvent, StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';

const client = new Guestlist({
  url: import.meta.env.VITE_GUESTLIST_URL ?? 'http://localhost:8080',
  cookie: true,
});

function App() {
  return (
    <GuestlistProvider client={client}>
      <header>
        <h1>Everybody</h1>
        <SignedIn>
          <Menu />
        </SignedIn>
      </header>
      <main>
        <Landing>
          <WhileLoading>Loading…</WhileLoading>
          <SignedIn>
            <Everybody />
          </SignedIn>
          <SignedOut>
            <SignIn />
          </SignedOut>
        </Landing>
      </main>
    </GuestlistProvider>
  );
}

/** Who one is, in which account, and the way out. */
function Menu() {
  const user = useUser();
  const account = useAccount();
  const { accounts = [], expected = [], switchAccount, decline } = useAccounts();
  const { signOut } = useSession();
  return (
    <nav aria-label="Account">
      <label>
        Account{' '}
        <select value={account?.id} onChange={({ target }) => void switchAccount(target.value)}>
          {accounts.map(({ account: { id, name } }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {expected.map(({ accountId, accountName, inviter = 'Somebody', role }) => (
        <p key={accountId}>
          {inviter} invites you to join {accountName} as {role}.{' '}
          <button onClick={() => void switchAccount(accountId)}>Join {accountName}</button>{' '}
          <button onClick={() => void decline(accountId)}>Decline</button>
        </p>
      ))}
      <p>
        {user?.email} ({user?.role}) <button onClick={() => void signOut()}>Sign out</button>
      </p>
    </nav>
  );
}

function Everybody() {
  const client = useGuestlist();
  const me = useUser();
  const [users, setUsers] = useState<User[]>([]);
  const [failure, setFailure] = useState('');
  const load = () => {
    setFailure('');
    client.call('user/find').then(
      ({ data }) => setUsers(data),
      ({ message }: Error) => setFailure(message),
    );
  };
  useEffect(load, [client]);
  const invite = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const email = String(new FormData(form).get('email'));
    try {
      await client.call('user/create', { email, sendInvite: true });
      form.reset();
      load();
    } catch (error) {
      setFailure((error as Error).message);
    }
  };
  return (
    <>
      <ul aria-label="Users">
        {users.map(({ id, email, first, role }) => (
          <li key={id}>
            {email ?? first}: {role}
          </li>
        ))}
      </ul>
      <button onClick={load}>Reload</button>
      {failure && <p role="alert">{failure}</p>}
      {me?.role !== 'user' && (
        <form onSubmit={(event) => void invite(event)}>
          <label>
            Email of somebody new <input name="email" type="email" required />
          </label>{' '}
          <button>Invite</button>
        </form>
      )}
    </>
  );
}

createRoot(document.getElementById('app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
