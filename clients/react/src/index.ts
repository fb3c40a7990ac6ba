export { AcceptInvite, type AcceptInviteProps } from './accept-invite.js';
export { type Accounts, type SessionActions, useAbout, useAccount, useAccounts, useSession, useUser } from './hooks.js';
export { Confirm, ConfirmNewEmail, Landing, ResetPassword, UndoNewEmail, VerifyEmail } from './landing.js';
export type { EmailLink } from './links.js';
export { GuestlistProvider, type GuestlistProviderProps, useGuestlist, useTexts } from './provider.js';
export type { Session } from './session.js';
export { SignedIn, SignedOut, WhileLoading } from './show.js';
export { SignIn } from './sign-in.js';
export { ENGLISH, type Texts } from './texts.js';
