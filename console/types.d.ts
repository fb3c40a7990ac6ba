/** The records that calls reply, as docs/interface.md describes them. */

export type Role = 'user' | 'admin' | 'root';
export type State = 'invited' | 'active' | 'suspended' | 'trashed';

export interface User {
  id: string;
  accountId: string;
  first?: string;
  last?: string;
  role: Role;
  state: State;
  email?: string;
  username?: string;
  externalId?: string;
  number?: number;
  language?: string;
  invite?: string;
  issuer?: string;
  joined?: string;
  activity?: string;
  preferences?: Record<string, unknown>;
  twoFactor?: boolean;
  holds?: number;
  created?: string;
  updated?: string;
  version?: number;
  purgeAfter?: string;
}

export interface Account {
  id: string;
  name: string;
  state: 'active' | 'suspended' | 'removed';
  created: string;
  version: number;
  settings?: Record<string, unknown>;
}

export interface Session {
  id: string;
  current: boolean;
  created: string;
  used: string;
  expires: string;
  address?: string;
  agent?: string;
}

export interface Hold {
  id: string;
  userId: string;
  kind: string;
  ref: string;
  data?: Record<string, unknown>;
  created: string;
  version: number;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  action: string;
  target: string;
  userId?: string;
  changed?: string[];
  address?: string;
}

export interface Key {
  id: string;
  accountId: string;
  name: string;
  role: Role;
  access: 'read' | 'write';
  created: string;
  createdBy: string;
  expires?: string;
  lastUsed?: string;
  version: number;
}

/** The only reply that the key itself is in. */
export interface NewKey extends Key {
  key: string;
}

/** Of a letter that cannot be read there are only `id`, `state`, `due` and `lastError`. */
export interface Letter {
  id: string;
  to?: string;
  kind?: string;
  state: 'waiting' | 'undeliverable';
  created?: string;
  attempts?: number;
  due?: string;
  lastError?: string;
}

export interface Invite {
  email: string;
  accountName: string;
  inviter?: string;
  role: Role;
  expires: string;
}

export interface Page<T> {
  data: T[];
  next?: string;
  prev?: string;
}
