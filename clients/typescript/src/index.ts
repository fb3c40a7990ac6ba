export type {
  Account,
  AuditEntry,
  Body,
  Call,
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
  Query,
  Reply,
  Role,
  Session,
  Tokens,
  User,
  UserState,
} from './calls.js';
export { type AccountStore, accountsInBrowser, accountsInMemory, accountsInStorage } from './accounts.js';
export { Guestlist, type Options, type Settings } from './client.js';
export { GuestlistError } from './error.js';
export type { components, operations, paths } from './schema.js';
export { inBrowser, inMemory, inStorage, type TokenStore } from './tokens.js';
