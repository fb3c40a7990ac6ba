export type {
  Account,
  AuditEntry,
  Body,
  Call,
  ConfirmBy,
  ErrorCode,
  Expectation,
  Fault,
  Hold,
  Item,
  Key,
  Membership,
  MyAccounts,
  PagedCall,
  Problem,
  ProviderFinished,
  Query,
  Reply,
  Role,
  Session,
  SignedUp,
  Tokens,
  User,
  UserState,
} from './calls.js';
export {
  type AccountStore,
  accountsInBrowser,
  accountsInMemory,
  accountsInStorage,
  claimsOf,
  personOf,
} from './accounts.js';
export { Guestlist } from './client.js';
export { GuestlistError, type Told, type Wording } from './error.js';
export { newKey } from './new-key.js';
export type { Entered, Evidence, FromProvider, Wish } from './providers.js';
export type { components, operations, paths } from './schema.js';
export type { Change } from './session.js';
export type { Options, Settings } from './settings.js';
export { inBrowser, inMemory, inStorage, type TokenStore } from './tokens.js';
