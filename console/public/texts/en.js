/** What people read, in English: by page and purpose. `de.js` has the same in German. */

import { around, countingIn, listsIn, numbersIn } from './sentences.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */
/** What makes a link of some words. @typedef {(words: string) => Children} Link */
/** @typedef {'user' | 'admin' | 'root'} Role */
/** @typedef {'invited' | 'active' | 'suspended' | 'trashed'} State */
/** Of an entry in the audit log: its actor, the user it is about, and the role. @typedef {(by: Children, on: Children, role: string) => Children} Said */
/** @typedef {'suspend' | 'activate' | 'invite' | 'revoke' | 'role' | 'remove'} StepName */

const counted = countingIn('en');
const users = (/** @type {number} */ count) => counted(count, { one: 'user', other: 'users' });
const emails = (/** @type {number} */ count) => counted(count, { one: 'email', other: 'emails' });
const sessions = (/** @type {number} */ count) =>
  counted(count, { one: 'session', other: 'sessions' });
const number = numbersIn('en');
const list = listsIn('en');
const days = (/** @type {number} */ count) => counted(count, { one: 'day', other: 'days' });

/** How a week compares with the one before. @param {number} now @param {number} before */
function compared(now, before) {
  if (now === before) return 'the same as in the previous 7 days';
  const difference = number(Math.abs(now - before));
  return `${difference} ${now > before ? 'more' : 'fewer'} than in the previous 7 days`;
}

/** @type {Record<Role, string>} */
const AS_ROLE = { user: 'a user', admin: 'an admin', root: 'a root user' };
/** @type {Record<Role, string>} */
const ROLES = { user: 'user', admin: 'admin', root: 'root user' };
/** @type {Record<string, string>} */
const EXISTING = {
  added: 'added and never invited',
  invited: 'invited, not joined yet',
  active: 'active',
  suspended: 'suspended',
};
/** @type {Record<Role | 'all', string>} */
const PEOPLE = { user: 'regular users', admin: 'admins', root: 'root users', all: 'users' };
/** @type {Record<State, string>} */
const BEING = { invited: 'invited', active: 'active', suspended: 'suspended', trashed: 'deleted' };

const texts = {
  common: {
    actions: 'Actions',
    added: 'Added',
    address: 'IP address',
    backToSignIn: 'Back to sign-in',
    byEmail: 'By email, A to Z',
    byEmailReversed: 'By email, Z to A',
    cancel: 'Cancel',
    changed: 'Changed',
    close: 'Close',
    code: 'Code',
    codeHint: 'Six digits from your authenticator app, or one of your recovery codes.',
    confirm: 'Confirm',
    copyInviteLink: 'Copy invite link',
    createAccount: 'Create account',
    created: 'Created',
    currentPassword: 'Current password',
    done: 'Done',
    doneExcept: (/** @type {string} */ what) => `Done, ${what}`,
    email: 'Email',
    emailAnotherCode: 'Email me another code',
    externalId: 'External ID',
    firstName: 'First name',
    id: 'ID',
    invitePeople: 'Invite people',
    inProgress: 'In progress',
    language: 'Language',
    lastName: 'Last name',
    lastSeen: 'Last seen',
    lastUsed: 'Last used',
    name: 'Name',
    never: 'never',
    newestFirst: 'Newest first',
    newPassword: 'New password',
    noEntries: 'No entries',
    noUsersMatch: 'No users match',
    notYet: 'not yet',
    oldestFirst: 'Oldest first',
    outcome: 'Result',
    password: 'Password',
    passwordHint: 'At least 8 characters. Several words are easy to remember and hard to guess.',
    preferences: 'Preferences',
    record: 'Details',
    remove: 'Remove',
    role: 'Role',
    sendAgain: 'Send again',
    sendInvite: 'Send invite',
    settings: 'Settings',
    showAll: 'Show all',
    signIn: 'Sign in',
    signOut: 'Sign out',
    someProvider: 'the provider',
    sortBy: 'Sort by',
    state: 'Status',
    stop: 'Stop',
    suspend: 'Suspend',
    activate: 'Reactivate',
    tryAgain: 'Try again',
    user: 'User',
    username: 'Username',
    users: 'Users',
    yourPassword: 'Your password',
    wrongCode: 'This code is wrong or was used before.',
  },

  /** Short words on a coloured ground, and what is chosen from. @type {Record<string, string>} */
  badges: {
    user: 'User',
    admin: 'Admin',
    root: 'Root',
    added: 'Added',
    invited: 'Invited',
    active: 'Active',
    suspended: 'Suspended',
    trashed: 'In the trash',
    removed: 'Removed',
    ended: 'Ended',
    'invite-ended': 'Invite ended',
    expired: 'Invite expired',
    here: 'You are here',
    self: 'You',
    session: 'This session',
    'signed-out': 'Signed out',
    'two-factor': 'Two-factor',
  },

  /** Titles of pages, for the browser's window. */
  titles: {
    account: 'Account',
    accounts: 'Your accounts',
    allAccounts: 'All accounts',
    audit: 'Audit log',
    confirmEmail: 'Confirm your new email',
    forgot: 'Forgot your password?',
    invitation: 'Invitation',
    invitations: 'Invitations',
    invite: 'Invite people',
    keys: 'API keys',
    mail: 'Mail',
    me: 'Your profile',
    newPassword: 'New password',
    overview: 'Overview',
    person: 'Find a person',
    setUp: 'Set up Guestlist',
    signIn: 'Sign in',
    signUp: 'Sign up',
    token: 'Sign in with a token',
    transfer: 'Import and export',
    trash: 'Trash',
    undoEmail: 'Undo the email change',
    users: 'Users',
    verify: 'Confirm your email',
  },

  /** What stands around pages. */
  frame: {
    account: 'Account: ',
    chooseAccount: 'Choose another account',
    goHome: 'Go to the home page',
    groups: { people: 'People', access: 'Access', records: 'Records', own: 'Personal' },
    home: 'Home',
    jobs: 'Work in progress',
    jobProgress: (
      /** @type {string} */ job,
      /** @type {number} */ done,
      /** @type {number} */ all,
    ) => `${job}: ${number(done)} of ${number(all)}`,
    jobStopped: (/** @type {string} */ job) => `${job}: stopped`,
    jobDone: (/** @type {string} */ job) => `${job}: done`,
    jobFailed: (/** @type {string} */ job, /** @type {string} */ what) => `${job}: ${what}`,
    leaveJobs: 'Sign out and stop work in progress?',
    leaveJobsHint: 'Changes made so far are kept. The rest will not be made.',
    invitations: (/** @type {number} */ count) =>
      counted(count, { one: 'invitation', other: 'invitations' }),
    main: 'Main',
    manageAccounts: 'Manage your accounts',
    menu: 'Menu',
    nowIn: (/** @type {string} */ account) => `You are now in ${account}.`,
    notForRole: 'You don’t have access to this page',
    notForRoleHint: (/** @type {Role} */ role) =>
      role === 'admin'
        ? 'This page is for the operator of this installation.'
        : `As ${AS_ROLE[role]}, you cannot open this page. If you need it, ask someone with a higher role to change yours.`,
    newVersion: 'A new version of Guestlist is installed. Reload the page to continue.',
    noPage: 'Page not found',
    noPageHint:
      'The link may be mistyped or out of date. You can also find the page by its name, with “Find anything” (Ctrl K).',
    reload: 'Reload page',
    shutOut: 'You are signed in, but cannot continue',
    shutOutHint: 'Only this account is affected. If you have others, you can still use them.',
    signInAgain: 'Sign in again',
    signedInAs: 'Signed in as: ',
    skip: 'Skip to content',
    yourMenu: 'Your menu',
    yourAccounts: 'Your accounts',
  },

  /** Forms, tables, dialogs, messages. */
  ui: {
    busy: 'One moment…',
    clearSelection: 'Clear selection',
    copied: 'Copied.',
    copy: 'Copy',
    copyOf: (/** @type {string} */ about) => ` for ${about}`,
    discard: 'Discard changes',
    dismiss: 'Dismiss',
    first: 'First page',
    hide: 'Hide',
    hidePassword: 'Hide password',
    justNow: 'just now',
    last: 'Last page',
    leave: 'Leave this page? What you have not saved yet is lost.',
    next: 'Next',
    noClipboard: 'Your browser blocked copying. Select the text and copy it yourself.',
    noName: 'No name yet',
    optional: 'optional',
    pages: 'Pages',
    previous: 'Previous',
    quote: (/** @type {Children} */ id) =>
      around`If this keeps happening, give this ID to support: ${id}`,
    restored: 'Your unsaved changes are still here.',
    selectAll: 'Select all on this page',
    selectOne: (/** @type {string} */ name) => `Select ${name}`,
    selected: (/** @type {number} */ count) => counted(count, { other: 'selected' }),
    selection: 'Selection',
    show: 'Show',
    showPassword: 'Show password',
    typeToGoOn: (/** @type {string} */ word) => `Type ${word} to continue`,
  },

  /** The palette, and what the keyboard does. */
  palette: {
    close: 'Close',
    /** What it says on the key. */
    control: 'Ctrl',
    goTo: (/** @type {string} */ page) => `Go to: ${page}`,
    none: 'No matches. Type the beginning of a page title, a person’s name or an email address.',
    placeholder: 'Pages, people, actions',
    rows: 'Move down or up in a list',
    select: 'Select in a list',
    shortcuts: 'Keyboard shortcuts',
    singleKeys: 'Use single-key shortcuts',
    themes: {
      system: 'Theme: system',
      light: 'Theme: light',
      dark: 'Theme: dark',
    },
    title: 'Find anything',
    toSearch: 'Search on this page',
  },

  actors: {
    keyNamed: (/** @type {string} */ name) => `the API key “${name}”`,
    key: (/** @type {string} */ ending) => `API key ${ending}`,
    operator: 'Command line',
    service: 'Guestlist itself',
    user: (/** @type {string} */ ending) => `User ${ending}`,
    you: 'You',
  },

  /** A record that others have changed meanwhile. */
  conflict: {
    empty: '(empty)',
    keepTheirs: 'Keep theirs',
    mine: 'Your value',
    saveMine: 'Save mine',
    saved: 'Changes saved.',
    savedNone: 'Kept the values that someone else saved.',
    savedSome: 'Changes saved, except the values that someone else changed.',
    text: 'Someone else saved different values while you were editing. Choose which values to keep. Your other changes are saved either way.',
    theirs: 'Saved by someone else',
    title: 'Someone else changed this, too',
  },

  /** Confirming who one is. */
  confirmation: {
    emailHint: 'The 8 digits in the email that we have just sent you.',
    text: 'For your security, confirm that it’s you before you make this change.',
    title: 'Confirm it’s you',
    totpHint: 'From your authenticator app.',
    ways: {
      currentPassword: 'Use your password',
      totp: 'Use your authenticator app',
      emailCode: 'Email me a code',
    },
  },

  session: {
    signInDeleted: 'Your sign-in has been deleted, and you have left all your accounts.',
    leftAll: 'You have left all your accounts.',
    answered: (/** @type {number} */ status) => `The service answered ${status}.`,
    ended: 'Your session has ended. Please sign in again.',
    followLink: 'Follow the link in the email that we have sent you.',
    signOutUntold:
      'You are signed out in this browser, but the service could not be reached. Sign in and out again to end the session there, too.',
  },

  /** Users in a text or a file. */
  lines: {
    manyEmails: 'This line has more than one email address.',
    noEmail: 'This line has no email address.',
    noEmailField: 'This line has no "email".',
    unknown: 'This may have worked. Try again to find out: nothing is done twice.',
    notArray: (/** @type {string} */ why) =>
      `This starts like a JSON array, but is not one: ${why}.`,
    notJson: 'This is not valid JSON.',
    notObject: 'This must be an object: { "name": "value" }.',
  },

  /** Objects that people write. */
  json: {
    at: (/** @type {number} */ line, /** @type {number} */ column, /** @type {string} */ why) =>
      `Line ${number(line)}, column ${number(column)}: ${why}`,
    format: 'Format',
    slips: {
      colon: 'A colon is missing after this name.',
      comma: 'Remove the comma before the closing bracket.',
      ended: 'The text ends too early. A closing } or ] is missing.',
      escape: 'After a backslash, use one of " \\ / b f n r t, or u and four hexadecimal digits.',
      more: 'Remove everything after the closing bracket.',
      name: 'A name in double quotes is missing here.',
      next: 'A comma is missing here, or a closing bracket.',
      open: 'This text has no closing double quote on its line.',
      quotes: 'Put text in straight double quotes.',
      value: 'A value is missing here: text in double quotes, a number, true, false, null, [ or {.',
    },
  },

  /** What to do first in a new account. */
  firstSteps: {
    appText: (/** @type {Link} */ link) =>
      around`This step is complete once an API key has been used. ${link('Create a key')} if you have none, and use it in place of $GUESTLIST_KEY in the first sample.`,
    dismiss: 'Hide these steps',
    done: (/** @type {number} */ done, /** @type {number} */ all) =>
      `${number(done)} of ${number(all)} done`,
    isDone: 'done',
    samples: {
      browser: 'From a web app, for people who sign in',
      service: 'From a server, with an API key',
    },
    steps: {
      app: {
        title: 'Connect an app',
        text: 'Call Guestlist from your server, or have people sign in from your web app.',
        action: 'Show how',
      },
      key: {
        title: 'Create an API key',
        text: 'Your programs use it to call Guestlist.',
        action: 'Create a key',
      },
      mail: {
        title: 'Set up email delivery',
        text: 'Invitations and password resets are sent by email. Send yourself a test email.',
        action: 'Check delivery',
      },
      people: {
        title: 'Invite people',
        text: 'One or many at once. Each gets an email with a link.',
        action: 'Send invites',
      },
    },
    title: 'First steps',
  },

  overview: {
    activeUsers: 'Active users',
    activity: 'Latest activity',
    all: 'All',
    asTable: 'Show the numbers as a table',
    counted: {
      invites: (/** @type {number} */ count) =>
        counted(count, { one: 'invitation', other: 'invitations' }),
      signIns: (/** @type {number} */ count) =>
        counted(count, { one: 'sign-in', other: 'sign-ins' }),
    },
    day: 'Day (UTC)',
    figures: 'Key figures',
    /** Such as `active admins`. */
    headCount: (/** @type {{ role?: Role, state?: State }} */ { role, state }) =>
      [state && BEING[state], PEOPLE[role ?? 'all']].filter(Boolean).join(' '),
    inAudit: 'Details',
    inDays: (/** @type {string} */ counted, /** @type {number} */ count) =>
      `${counted} in ${days(count)}`,
    invitesHint: 'Invitations sent by anyone in the account.',
    kinds: { invites: 'Invitations', signIns: 'Sign-ins' },
    most: (/** @type {string} */ day, /** @type {string} */ counted) =>
      `most on ${day}: ${counted}`,
    none: {
      invites: (/** @type {number} */ count) => `No invitations in the last ${days(count)}.`,
      signIns: (/** @type {number} */ count) => `No sign-ins in the last ${days(count)}.`,
    },
    ofAll: (/** @type {number} */ all) => `of ${number(all)} in all`,
    openInvitations: 'Open invitations',
    signInsHint: 'Users who signed in, each counted once a day.',
    signInsThisWeek: 'Sign-ins in the last 7 days',
    sum: (/** @type {string} */ counted, /** @type {number} */ count) =>
      `${counted} in ${days(count)} (UTC).`,
    tables: { invites: 'Invitations by day', signIns: 'Sign-ins by day' },
    toAudit: 'Open the audit log',
    today: 'today',
    todaySoFar: 'Today so far',
    trends: {
      invites: (/** @type {number} */ now, /** @type {number} */ before) =>
        `${number(now)} sent in the last 7 days, ${compared(now, before)}`,
      signIns: compared,
    },
    usersByState: 'Users by status and role',
  },

  users: {
    allRoles: 'All roles',
    allStates: 'All statuses',
    alone: 'You are the only one here',
    aloneHint: (/** @type {Link} */ link) =>
      around`${link('Invite someone')} by email, or many people at once.`,
    copyEmail: 'Copy email',
    copyId: 'Copy ID',
    count: users,
    endSearch: 'End search',
    found: (/** @type {number} */ count) =>
      count === 0 ? 'Searched all users.' : `Searched all users and found ${number(count)}.`,
    none: 'No users yet',
    notBegun: 'No name or email starts with this, and no ID, username or number matches it.',
    notFound: 'Not who you are looking for?',
    open: 'Open',
    placeholder: 'Name, email, username or ID',
    range: (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ total) =>
      `${from === to ? '' : `${number(from)}–`}${number(to)} of ${number(total)}`,
    scanned: (/** @type {number} */ found, /** @type {number} */ count) =>
      `Found ${users(found)}. Searched the first ${users(count)}.`,
    scannedAll: (/** @type {number} */ count) =>
      `Searched the names, emails and usernames of all ${users(count)}.`,
    search: 'Search',
    searchAnywhere: 'Search inside names and emails',
    searchOn: 'Search the next 1,000',
    showAll: 'Show all users',
    inviteSent: (/** @type {string} */ at) => `Last invite sent: ${at}`,
    /** What the list is narrowed down to. @type {Record<string, string>} */
    states: {
      active: 'Active',
      invited: 'Not joined yet',
      added: 'Added, not invited',
      open: 'Invite open',
      expired: 'Invite expired',
      ended: 'Invite ended',
      suspended: 'Suspended',
    },
    until: {
      invited: (/** @type {Children} */ at) => around`until ${at}`,
      expired: (/** @type {Children} */ at) => around`on ${at}`,
    },
  },

  /** What is done to one user or many. */
  steps: {
    suspend: {
      label: 'Suspend',
      action: 'Suspend',
      text: 'They lose access to this account until you reactivate them. Nothing is deleted, but API keys that they made stop working for good.',
    },
    activate: {
      label: 'Reactivate',
      action: 'Reactivate',
      text: 'They can use this account again. People who had never joined are invited again, without a new email.',
    },
    invite: {
      label: 'Send invite',
      action: 'Send invite',
      text: 'Each gets an email with a new link. Links in earlier emails stop working.',
    },
    revoke: {
      label: 'Withdraw invite',
      action: 'Withdraw invite',
      text: 'The link in the email stops working. The user stays in the list and can be invited again.',
    },
    role: {
      label: 'Change role',
      action: 'Change role',
      text: 'With a lower role, API keys made with the higher one stop working.',
    },
    remove: {
      label: 'Remove',
      action: 'Remove',
      text: 'They lose access to this account immediately and move to the trash, where you can restore them. API keys that they made stop working for good.',
    },
    done: (/** @type {StepName} */ name, /** @type {number} */ count) =>
      ({
        suspend: `${users(count)} suspended.`,
        activate: `${users(count)} reactivated.`,
        invite: `${counted(count, { one: 'invite', other: 'invites' })} sent.`,
        revoke: `${counted(count, { one: 'invite', other: 'invites' })} withdrawn.`,
        role: `Role of ${users(count)} changed.`,
        remove: `${users(count)} moved to the trash.`,
      })[name],
    doneOne: (/** @type {StepName} */ name, /** @type {string} */ who) =>
      ({
        suspend: `${who} is suspended.`,
        activate: `${who} is active again.`,
        invite: `Invite sent to ${who}.`,
        revoke: `Invite for ${who} withdrawn.`,
        role: `Role of ${who} changed.`,
        remove: `${who} is in the trash.`,
      })[name],
    failed: (/** @type {number} */ count) => `This did not work for ${users(count)}:`,
    left: (/** @type {number} */ count, /** @type {number} */ all) =>
      count === all
        ? 'There is nothing to change.'
        : `${number(count)} of them ${count === 1 ? 'stays' : 'stay'} the same, because there is nothing to change or your role does not allow it.`,
    names: (/** @type {string[]} */ named, /** @type {number} */ others) =>
      list(others > 0 ? [...named, `${number(others)} more`] : named),
    title: (/** @type {StepName} */ name, /** @type {number} */ count) =>
      ({
        suspend: `Suspend ${users(count)}`,
        activate: `Reactivate ${users(count)}`,
        invite: `Send invites to ${users(count)}`,
        revoke: `Withdraw the invites for ${users(count)}`,
        role: `Change the role of ${users(count)}`,
        remove: `Remove ${users(count)}`,
      })[name],
    titleOne: (/** @type {StepName} */ name, /** @type {string} */ who) =>
      ({
        suspend: `Suspend ${who}`,
        activate: `Reactivate ${who}`,
        invite: `Send an invite to ${who}`,
        revoke: `Withdraw the invite for ${who}`,
        role: `Change the role of ${who}`,
        remove: `Remove ${who}`,
      })[name],
    undone: 'Undone.',
    undoneSome: (
      /** @type {number} */ count,
      /** @type {number} */ all,
      /** @type {string} */ names,
      /** @type {string} */ why,
    ) => `Undone for ${number(count)} of ${users(all)}. Not undone: ${names}. ${why}`,
  },

  invitations: {
    inviter: 'Invited by',
    none: 'No open invitations',
    noneHint: 'Invitations are listed here until they are accepted or expire.',
    noneExpired: 'No expired invitations',
    noneExpiredHint:
      'People who did not accept in time are listed here. You can invite them again.',
    expired: 'Expired',
    sent: 'Sent',
  },

  user: {
    about: 'About this user',
    access: 'Access',
    allAccounts: 'Show all accounts with this email',
    history: 'History',
    holds: 'Holds',
    notFound: 'User not found',
    notFoundHint: (/** @type {Link} */ trash, /** @type {Link} */ all) =>
      around`The user may have been removed. Look in the ${trash('trash')}, or go to ${all('all users')}.`,
    profile: 'Profile',
    sessions: 'Sessions',
  },

  profile: {
    externalIdHint: 'What another system calls this user.',
    issuer: 'Signs in with',
    joined: 'First sign-in',
    languageHint: 'Used for emails and, where available, for these pages.',
    languageNone: 'Not set',
    number: 'Number',
    preferencesAsJson: 'Preferences as JSON',
    preferencesHint: 'What apps store about this user, as JSON.',
    savePreferences: 'Save preferences',
    saveProfile: 'Save profile',
    usernameHint: '3 to 191 characters: a–z, 0–9, _ . and -. Must be unique in this account.',
  },

  access: {
    becomes: (/** @type {Role} */ role) => `Become ${AS_ROLE[role]}`,
    changeEmail: 'Change email',
    changeRole: 'Change role',
    disconnect: 'Disconnect identity',
    disconnectText: (/** @type {string} */ name) =>
      `${name} loses access to this account immediately, and we notify them by email. The user keeps their role and holds, but nobody can sign in as them until you send a new invite and it is accepted.`,
    disconnectTitle: (/** @type {string} */ name) => `Disconnect the identity of ${name}`,
    disconnected: (/** @type {string} */ name) =>
      `${name} has been disconnected. Send an invite to let them join again.`,
    emailChanged: 'Email changed.',
    emailIsTheirs: 'They joined with this email, so only they can change it.',
    emailOutside:
      'Emails go to the new address; sign-in stays the same. We notify the old address.',
    emailOwn:
      'We send a link to the new address. Once you open it, you sign in with that address. We notify the old address.',
    emailOwnByCode:
      'First you confirm that it’s you. Then we send a link to the new address; once you open it, that is your email. We notify the old address. You sign in with your provider as before.',
    emailTheirs: 'The user signs in with the new address. We notify the old address.',
    giveUp: 'Give up your own role',
    giveUpText: (/** @type {Role} */ role) =>
      `You are ${AS_ROLE[role]} and cannot undo this yourself: only someone with the same or a higher role can give it back to you. Make sure there is someone who can.`,
    identity: 'Identity',
    identityHint:
      'They sign in with another service, which manages their password and second factor.',
    identityOf: (/** @type {Children} */ issuer) => around`Signs in with ${issuer}`,
    outOfReach: 'You cannot change this',
    outOfReachHint: (/** @type {Role} */ role) =>
      `Only ${AS_ROLE[role]}, or someone with a higher role, can change this.`,
    own: 'Password and two-factor authentication',
    ownHint: (/** @type {Link} */ link) => around`Change these in ${link('your profile')}.`,
    passwordHint:
      'For people who cannot reset it by email. All their sessions end, and we notify them by email.',
    passwordSet: 'Password set. All sessions of this user have ended.',
    passwordTheirs:
      'People in this account manage their own passwords. If they forget it, they set a new one with “Forgot your password?” on the sign-in page.',
    removeSecondFactor: 'Remove second factor',
    removeSecondFactorText:
      'Their password alone is then enough to sign in. Do this only for someone who has lost both the app and the recovery codes, and make sure that the request really comes from them.',
    removeSecondFactorTitle: 'Remove the second factor',
    roleChanged: 'Role changed.',
    roleHint: 'With a lower role, API keys made with the higher one stop working.',
    roles: {
      user: 'User – sees the other users',
      admin: 'Admin – manages the account',
      root: 'Root – can do everything',
    },
    secondFactor: 'Two-factor authentication',
    secondFactorOff: 'Off. Only the user can turn it on.',
    secondFactorOn: 'On: signing in requires a code from an authenticator app.',
    secondFactorRemoved: 'Second factor removed.',
    sentTo: (/** @type {Children} */ to, /** @type {Children} */ now) =>
      around`Check your email: we have sent a link to ${to}. Open it in this browser within an hour to change your email. Until then, it stays ${now}.`,
    setPassword: 'Set password',
  },

  actions: {
    activated: (/** @type {string} */ name) => `${name} is active again.`,
    copyLink: 'Copy invite link',
    held: (/** @type {string} */ name) => `${name} cannot be removed yet`,
    heldText: (/** @type {Link} */ link) =>
      around`This user still owns something in another service. Once it belongs to someone else and ${link('the holds')} are released, you can remove the user.`,
    inviteEnds: 'The link in their open invitation stops working.',
    inviteSent: 'Invite sent.',
    inviteSentAgain: 'Invite sent again. The older link no longer works.',
    keepKeys: 'Keep their API keys',
    keepKeysHint:
      'The keys become yours, as far as your role allows. Otherwise they stop working for good.',
    removeText:
      'They lose access to this account immediately and move to the trash, where you can restore them until they are deleted for good. Their email, username and external ID can be used by others immediately.',
    removeTitle: (/** @type {string} */ name) => `Remove ${name}`,
    removeUser: 'Remove user',
    removed: (/** @type {string} */ name) => `${name} is in the trash.`,
    restored: (/** @type {string} */ name) => `${name} has been restored.`,
    revoke: 'Withdraw invite',
    revoked: 'Invite withdrawn. Its link no longer works.',
    sendInviteAgain: 'Send invite again',
    suspendText:
      'They lose access to this account until you reactivate them. Nothing is deleted, but API keys that they made stop working for good.',
    suspendTitle: (/** @type {string} */ name) => `Suspend ${name}`,
    suspendUser: 'Suspend user',
    suspended: (/** @type {string} */ name) => `${name} is suspended.`,
    undo: 'Undo',
  },

  holds: {
    copyReference: 'Copy reference',
    data: 'Data',
    kind: 'Kind',
    none: 'No holds',
    noneHint:
      'Another service places a hold when this user owns something there that must not lose its owner. A user with a hold cannot be removed.',
    placed: 'Placed',
    reference: 'Reference',
    release: 'Release',
    releaseHold: 'Release hold',
    releaseText: (/** @type {Children} */ hold) =>
      around`Usually the service that placed the hold (${hold}) releases it. Once no hold is left, the user can be removed.`,
    releaseTitle: 'Release this hold',
    released: 'Hold released.',
  },

  sessions: {
    device: 'Device',
    endAll: 'End all sessions',
    endAllText: 'This user is signed out of this account on every device and must sign in again.',
    endOthers: 'End all other sessions',
    endOthersText: 'You are signed out on all other devices.',
    endSession: 'End session',
    endSessions: 'End sessions',
    ended: 'Session ended.',
    endedCount: (/** @type {number} */ count) => `${sessions(count)} ended.`,
    none: 'No active sessions',
    noneHint: 'Every device on which this user opens this account is listed here.',
    noneOwnHint: 'Every device on which you sign in with a password is listed here.',
    on: (/** @type {string} */ browser, /** @type {string} */ system) => `${browser} on ${system}`,
    since: 'Signed in',
    unknown: 'Unknown device',
    until: 'Ends',
  },

  history: {
    action: 'Action',
    noneHint: 'Changes from now on are listed here.',
  },

  audit: {
    actions: /** @type {Record<string, string>} */ ({
      'account/create': 'Account created',
      'account/decline': 'Invitation declined',
      'account/register': 'Account registered',
      'account/remove': 'Account removed',
      'account/update': 'Account changed',
      'hold/place': 'Hold placed',
      'hold/release': 'Hold released',
      'identity/create': 'User joined by signing up',
      'identity/verify': 'User joined by confirming the email',
      'invite/revoke': 'Invite withdrawn',
      'key/create': 'API key created',
      'key/remove': 'API key removed',
      'mail/retry': 'Email sent again',
      'mail/test': 'Test email sent',
      'session/remove': 'Sessions ended',
      'totp/remove': 'Second factor removed',
      'trash/purge': 'User deleted for good',
      'trash/restore': 'User restored',
      'user/changePassword': 'Password set',
      'user/confirmEmail': 'Email changed',
      'user/create': 'User added',
      'user/createOrRestore': 'User added or restored',
      'user/leave': 'User left',
      'user/login': 'User joined',
      'user/remove': 'User removed',
      'user/undoEmail': 'Email change undone',
      'user/update': 'User changed',
      'user/updateRole': 'Role changed or invite sent',
    }),
    allActions: 'All actions',
    asCsv: 'As CSV',
    asNdjson: 'As NDJSON',
    changed: (/** @type {string[]} */ fields) => `Changed ${list(fields)}`,
    concerns: 'Affected user',
    did: /** @type {Record<string, Said>} */ ({
      activate: (by, on, _) => around`${by} reactivated ${on}`,
      ownPassword: (by, _on, _) => around`${by} changed their own password`,
      role: (by, on, role) => around`${by} made ${on} ${role}`,
      suspend: (by, on, _) => around`${by} suspended ${on}`,
      'account/create': (by, _on, _) => around`${by} created the account`,
      'account/decline': (by, _on, _) => around`${by} declined the invitation`,
      'account/register': (by, _on, _) => around`${by} registered the account`,
      'account/remove': (by, _on, _) => around`${by} removed the account`,
      'account/update': (by, _on, _) => around`${by} changed the account`,
      'hold/place': (by, on, _) => around`${by} placed a hold on ${on}`,
      'hold/release': (by, on, _) => around`${by} released a hold on ${on}`,
      'identity/create': (by, _on, _) => around`${by} joined the account`,
      'identity/verify': (by, _on, _) => around`${by} joined the account`,
      'invite/revoke': (by, on, _) => around`${by} withdrew the invite for ${on}`,
      'key/create': (by, on, _) => around`${by} created ${on}`,
      'key/remove': (by, on, _) => around`${by} removed ${on}`,
      'mail/retry': (by, _on, _) => around`${by} had an email sent again`,
      'mail/test': (by, _on, _) => around`${by} sent a test email`,
      'session/remove': (by, on, _) => around`${by} ended sessions of ${on}`,
      'totp/remove': (by, on, _) => around`${by} removed the second factor of ${on}`,
      'trash/purge': (by, on, _) => around`${by} deleted ${on} for good`,
      'trash/restore': (by, on, _) => around`${by} restored ${on}`,
      'user/changePassword': (by, on, _) => around`${by} set a new password for ${on}`,
      'user/confirmEmail': (by, _on, _) => around`${by} changed their email`,
      'user/create': (by, on, role) => around`${by} added ${on} as ${role}`,
      'user/createOrRestore': (by, on, role) => around`${by} added ${on} as ${role}`,
      'user/leave': (by, _on, _) => around`${by} left the account`,
      'user/login': (by, _on, _) => around`${by} joined the account`,
      'user/remove': (by, on, _) => around`${by} removed ${on}`,
      'user/undoEmail': (_by, on, _) => around`The email change of ${on} was undone`,
      'user/update': (by, on, _) => around`${by} changed ${on}`,
      'user/updateRole': (by, on, _) => around`${by} sent an invite to ${on}`,
    }),
    doneBy: 'Done by',
    export: 'Export',
    exported: (/** @type {number} */ count) =>
      `Exported ${counted(count, { one: 'entry', other: 'entries' })}.`,
    exportedSome: (/** @type {number} */ count) =>
      `Exported the newest ${number(count)} entries. Choose dates to export older ones.`,
    fields: /** @type {Record<string, string>} */ ({
      email: 'email',
      externalId: 'external ID',
      first: 'first name',
      identity: 'identity',
      invite: 'invite',
      language: 'language',
      last: 'last name',
      logo: 'logo',
      name: 'name',
      password: 'password',
      preferences: 'preferences',
      settings: 'settings',
      username: 'username',
    }),
    filter: 'Filter',
    /** With how many things are set. */
    filterCount: (/** @type {number} */ count) =>
      count > 0 ? `Filter (${number(count)})` : 'Filter',
    from: 'From',
    noUser: (/** @type {string} */ email) =>
      `No user has the email ${email}. For removed users, enter the ID.`,
    noneMatch: 'No entries match',
    other: (/** @type {Children} */ by, /** @type {Children} */ on, /** @type {string} */ action) =>
      around`${by}: ${action} ${on}`,
    roles: /** @type {Record<string, string>} */ (AS_ROLE),
    lastWeek: 'Last 7 days',
    show: 'Show entries',
    spans: 'Date range',
    target: (/** @type {string} */ kind, /** @type {string} */ ending) => `${kind} ${ending}`,
    to: 'To',
    today: 'Today',
    userPlaceholder: 'Email or ID',
    yesterday: 'Yesterday',
  },

  me: {
    about: 'About you',
    profile: 'Profile',
    sessions: 'Sessions',
    signIn: 'Sign-in',
  },

  ownSignIn: {
    changePassword: 'Change password',
    elsewhere: 'You sign in with another service',
    elsewhereHint: (/** @type {string | undefined} */ issuer) =>
      `${issuer ?? 'Your sign-in service'} manages your password and second factor.`,
    passwordChanged: 'Password changed. All your other sessions have ended.',
    passwordText: 'When you change it, all your other sessions end, and we notify you by email.',
  },

  /** Going for good: with the sign-in that is kept here, or with one of another service. */
  goingForGood: {
    ask: { here: 'Delete my sign-in…', elsewhere: 'Leave all my accounts…' },
    lost: 'You lose access to all your accounts immediately, on all devices. To return to one of them, you need a new invitation from one of its admins.',
    lostHere: 'If you sign up again with the same email, you start from scratch.',
    text: {
      here: 'Your password, second factor and sessions are deleted, and you leave all your accounts. The accounts themselves stay, with everyone else in them. You cannot undo this.',
      elsewhere:
        'You leave all your accounts. The accounts themselves stay, with everyone else in them, and so does your sign-in with the other service.',
    },
    title: { here: 'Delete my sign-in', elsewhere: 'Leave all my accounts' },
  },

  methods: {
    emailLink: 'Email me a link',
    goTo: (/** @type {string} */ label) => `Continue to ${label}`,
    link: (/** @type {Children} */ label) => around`Link ${label}`,
    linkAnother: (/** @type {Children} */ label) => around`Link another account at ${label}`,
    linkAnotherTitle: (/** @type {string} */ label) => `Link another account at ${label}`,
    linkText: (/** @type {Children} */ label) =>
      around`You continue at ${label} and return here. From then on, anyone who can sign in to the account that you choose there can sign in here as you. We notify you by email.`,
    linkTitle: (/** @type {string} */ label) => `Link ${label}`,
    linked: (/** @type {Children} */ ago) => around`Linked: ${ago}`,
    noPassword: 'You have no password, because you sign in with a provider.',
    noPasswordSent:
      'We have sent you an email. Its link lets you set a password and choose whether your linked providers stay linked.',
    notSet: 'Not set',
    set: 'Set',
    text: 'You can sign in with any of these.',
    title: 'Sign-in methods',
    unlink: 'Unlink',
    unlinkText: (/** @type {Children} */ who) =>
      around`${who} no longer signs you in here. All your other sessions end, and we notify you by email.`,
    unlinkTitle: (/** @type {string} */ label) => `Unlink ${label}`,
    unlinked: (/** @type {string} */ label) =>
      `${label} has been unlinked and no longer signs you in.`,
    who: (/** @type {Children} */ email, /** @type {Children} */ label) =>
      around`${email} at ${label}`,
    whoUnnamed: (/** @type {Children} */ label) => around`Your account at ${label}`,
  },

  secondFactor: {
    codeOfApp: 'Code shown in the app',
    confirm: 'Turn on',
    confirmForm: 'Confirm the second factor',
    copyAll: 'Copy all',
    off: 'Off. When it is on, someone who learns your password still cannot sign in.',
    offWithProvider:
      'Off. When it is on, someone who gets into your account with a provider still cannot sign in here.',
    on: 'On: signing in requires a code from your authenticator app, or a recovery code.',
    recoveryCodes: 'Recovery codes',
    qr: 'QR code for the authenticator app',
    scan: (/** @type {Link} */ link) =>
      around`Scan this code with an authenticator app. If the app is on this device, ${link('open it here')}.`,
    secret: 'Or enter this key in the app',
    setUp: 'Set up',
    setUpForm: 'Set up two-factor authentication',
    title: 'Two-factor authentication',
    turnOff: 'Turn off',
    turnOffWithProvider:
      'Your account with a provider is then enough to sign in, and your recovery codes stop working.',
    turnOffText:
      'Your password alone is then enough to sign in, and your recovery codes stop working.',
    turnOffTitle: 'Turn off two-factor authentication',
    turnedOff: 'Two-factor authentication is off.',
    turnedOn: (/** @type {Children} */ strong) =>
      around`${strong} Keep these recovery codes where you can find them without your device: each one signs you in once if you lose the app. They are shown only now.`,
    turnedOnShort: 'Two-factor authentication is on.',
    saved: 'I’ve saved them',
  },

  /** What is wrong with the link of an email. */
  emailedLink: {
    gone: 'This link no longer works: it was used, it has expired, or a newer one has taken its place.',
    incomplete:
      'This link is incomplete. Copy it from the email again, from the first to the last character.',
  },

  invite: {
    accept: 'Accept invitation',
    acceptAndSignIn: 'Accept and sign in',
    acceptForm: 'Accept the invitation',
    acceptWith: (/** @type {Children} */ label) => around`Accept with ${label}`,
    acceptWithToken: 'Accept with this token',
    askAgain: 'Ask the person who invited you for a new one.',
    from: (/** @type {Children} */ inviter, /** @type {Role} */ role) =>
      around`${inviter} invites you to join as ${AS_ROLE[role]}.`,
    fromNobody: (/** @type {Role} */ role) => `You are invited to join as ${AS_ROLE[role]}.`,
    here: 'Join with your current sign-in',
    incomplete: 'This link is incomplete',
    incompleteHint: 'Copy it from the email again, from the first to the last character.',
    join: (/** @type {Children} */ account) => around`Join ${account}`,
    joined: (/** @type {string} */ account) => `You have joined ${account}.`,
    knownPassword: 'I already have a password here',
    newHere: 'I’m new here',
    openFor: (/** @type {Children} */ email, /** @type {Children} */ until) =>
      around`The invitation is for ${email} and is open until ${until}.`,
    openUntil: (/** @type {Children} */ until) => around`The invitation is open until ${until}.`,
    otherService: 'I sign in with another service',
    passwordHint: 'You sign in with it from now on. At least 8 characters.',
    signInAndAccept: 'Sign in and accept',
    signedIn: 'You are signed in.',
    signedInAs: (/** @type {Children} */ email) => around`You are signed in as ${email}.`,
    useless: 'This invitation cannot be used',
    used: 'It has already been accepted. If that was you, sign in without it.',
  },

  accounts: {
    choose: 'Choose an account',
    closed:
      'You cannot create an account, because people join this service by invitation only. Ask its operator for an account.',
    create: 'Create a new account',
    createAsOperator:
      'Only operators like you can create accounts here. A new account has no users until you invite an admin: someone else, or yourself.',
    createHint: 'You become its admin and can invite others.',
    created: (/** @type {string} */ account) => `${account} has been created. You are its admin.`,
    decline: 'Decline',
    declineInvitation: 'Decline invitation',
    declineText:
      'The invitation ends, and its link stops working. To join later, you need a new one.',
    declineTitle: (/** @type {string} */ account) => `Decline the invitation to ${account}`,
    declined: (/** @type {string} */ account) => `You have declined the invitation to ${account}.`,
    invitations: 'Invitations for you',
    invitedBy: (/** @type {Children} */ inviter, /** @type {Role} */ role) =>
      around`${inviter} invites you to join as ${AS_ROLE[role]}.`,
    invitedByNobody: (/** @type {Role} */ role) => `You are invited to join as ${AS_ROLE[role]}.`,
    join: 'Join',
    lastUsed: (/** @type {Children} */ ago) => around`Last used: ${ago}`,
    leave: 'Leave',
    leaveAccount: 'Leave account',
    leaveKeeps: 'Your sign-in and your other accounts stay as they are.',
    leaveText: (/** @type {Children} */ account) =>
      around`You lose access to ${account} immediately, on all devices. To return, you need a new invitation from one of its admins.`,
    leaveTitle: (/** @type {string} */ account) => `Leave ${account}`,
    left: (/** @type {string} */ account) => `You have left ${account}.`,
    linkHint: 'You find it in your invitation email.',
    linkOrCode: 'Link or code',
    lookAgain: 'Check again',
    name: 'Account name',
    noInvitations: 'You have no open invitations.',
    none: 'You are signed in, but you are not in any account yet.',
    noneHint: (/** @type {Children} */ email) =>
      around`To join one, ask its admin to invite ${email || 'you'}, then check again. If you already have an invitation, use its link below.`,
    openInvitation: 'Open invitation',
    openUntil: (/** @type {Children} */ until) => around`Open until ${until}.`,
    own: 'Accounts you are in',
    switch: 'Switch to account',
    useLink: 'Use an invitation link',
  },

  account: {
    admin: 'Invite an admin',
    adminHint: 'Admins manage this account and invite others.',
    appSettings: 'What apps store about the account, as JSON.',
    backToOpen: 'Restore account',
    createdNew: (/** @type {string} */ name) =>
      `${name} has been created. It has no users yet: invite an admin.`,
    deletedOn: (/** @type {Children} */ at) => around`Deleted for good: ${at}`,
    endedSessions: 'Everyone is signed out of this account.',
    endSessions: 'Sign everyone out',
    endSessionsHint:
      'Everyone who is signed in must sign in again to use this account. They stay signed in to their other accounts, and API keys stay valid.',
    endSessionsOther: 'All users of this account must sign in again.',
    endSessionsOwn: 'All users of this account must sign in again, including you.',
    findPerson: 'Find a person',
    insideOf: (/** @type {Children} */ account, /** @type {Link} */ link) =>
      around`You are looking at the account ${account}. ${link('Back to your own account')}`,
    invited: (/** @type {string} */ email) => `${email} is invited.`,
    inviteLink: 'Invite link',
    isManaged: 'Managed',
    logo: 'Logo',
    logoChoose: 'Choose a logo',
    logoForm:
      'PNG up to 1024\u00a0×\u00a01024 pixels, or SVG made of shapes; 32\u00a0KiB at most. It is saved when you choose it.',
    logoHint: 'Shown on invitations and, if it is a PNG, in emails that name this account.',
    logoNone: 'No logo yet.',
    logoRemove: 'Remove logo',
    logoRemoved: 'Logo removed.',
    logoRemoveText: 'Invitations and emails show the name alone from now on.',
    logoRemoveTitle: 'Remove the logo',
    logoReplace: 'Choose another logo',
    logoSaved: 'Logo saved.',
    logoTooLarge: (/** @type {string} */ name) => `${name} is larger than 32\u00a0KiB.`,
    managedHere: (/** @type {string} */ name) => `${name} is now managed.`,
    managedNoMore: (/** @type {string} */ name) => `${name} is no longer managed.`,
    managedOwn: 'Your own account is always managed.',
    nameHint: 'Shown in invitations and emails.',
    notManaged: 'Their own',
    pages: 'Pages of this account',
    reopened: (/** @type {string} */ name) => `${name} is active again.`,
    removeAccount: 'Remove account',
    removeText:
      'Its users and API keys lose access. You can restore the account for a while; after that it is deleted for good, with everything in it.',
    removeTitle: (/** @type {string} */ name) => `Remove ${name}`,
    removed: (/** @type {string} */ name) => `${name} has been removed.`,
    saveName: 'Save name',
    saveSettings: 'Save settings',
    settingsAsJson: 'Settings as JSON',
    showUsers: 'Show users',
    showUsersOf: (/** @type {string} */ name) => ` of ${name}`,
    signIns: 'Sign-ins',
    signInsManaged: 'Managed: admins can manage how users sign in',
    signInsOwn: 'Users manage their own sign-in',
    states: {
      active: 'Its users and API keys have access.',
      suspended: 'Its users and API keys have no access, and nobody can join.',
      removed:
        'Its users and API keys have no access. After a while, the account is deleted with everything in it.',
    },
    suspendAccount: 'Suspend account',
    suspendText: 'Its users and API keys lose access until you reactivate it. Nothing is deleted.',
    suspendTitle: (/** @type {string} */ name) => `Suspend ${name}`,
    suspended: (/** @type {string} */ name) => `${name} is suspended.`,
    title: 'Account',
  },

  managed: {
    check: 'Managed: admins can set passwords',
    checkHint: 'Only for an organization whose admins you trust to manage how people sign in.',
    off: 'Off: people manage their own passwords, second factors and emails. Admins invite them, and cannot change how they sign in.',
    on: 'On: admins can create users with a password. For people whose sign-in belongs to the account, they can set a new password, remove the second factor and change the email.',
    start: 'Manage sign-ins',
    startKeeps: 'Nothing changes for people who are already in the account.',
    startText:
      'Its admins can then create users with a password and manage the sign-ins of these users. Do this only for an organization whose admins you trust with that.',
    startTitle: (/** @type {string} */ name) => `Manage the sign-ins of ${name}`,
    stop: 'Stop managing sign-ins',
    stopForever:
      'You cannot take this back: if you turn it on again, it does not apply to people who are in the account by then.',
    stopText:
      'Its admins can no longer set passwords, remove second factors or change emails. Everyone keeps their sign-in and manages it themselves.',
    stopTitle: (/** @type {string} */ name) => `Stop managing the sign-ins of ${name}`,
    title: 'Managed sign-ins',
  },

  person: {
    account: 'Account',
    accounts: 'Accounts of this person',
    find: 'Find person',
    hint: 'Enter the whole email to see every account that the person is in.',
    none: (/** @type {string} */ email) => `No account has a user with the email ${email}.`,
    showAll: 'Show all accounts',
    title: 'Find a person',
  },

  keys: {
    copyStart: 'Copy the start of the key',
    access: 'Access',
    accesses: { write: 'Read and write', read: 'Read only' },
    create: 'Create key',
    createTitle: 'Create an API key',
    ends: 'Expires',
    key: 'Key',
    lastDay: 'Last day',
    lastDayHint: 'The key stops working at the end of this day.',
    lastUsed: (/** @type {Children} */ at) => around`Last used: ${at}`,
    made: (/** @type {Children} */ name) =>
      around`${name} has been created. Copy the key now: it is shown only once.`,
    nameHint: 'For example, the program that uses the key.',
    newKey: 'New key',
    none: 'No API keys',
    noneHint:
      'A key lets a program call the service with the rights of a role. Create one for each program.',
    owner: 'Owner',
    removeKey: 'Remove key',
    removeText:
      'Programs that use this key lose access immediately. You cannot restore a removed key.',
    removeTitle: (/** @type {string} */ name) => `Remove ${name}`,
    removed: 'API key removed.',
    saved: 'I’ve saved it',
    title: 'API keys',
  },

  mail: {
    again: 'The email is on its way again.',
    againCount: (/** @type {number} */ count) =>
      count === 1 ? '1 email is on its way again.' : `${emails(count)} are on their way again.`,
    cannotRead: 'Cannot be read',
    emails: 'Emails',
    kind: 'Kind',
    /** @type {Record<string, string>} */
    kinds: {
      already_signed_up: 'Already signed up',
      confirm_code: 'Confirmation code',
      confirm_email: 'Confirm new email',
      email_changed: 'Email changed',
      email_in_use: 'Email in use',
      invite: 'Invitation',
      key_created: 'API key created',
      new_sign_in: 'New sign-in',
      password_changed: 'Password changed',
      provider_code: 'Provider code',
      provider_linked: 'Provider linked',
      provider_removed: 'Provider unlinked',
      recovery_code_used: 'Recovery code used',
      reset: 'Password reset',
      role_granted: 'Role granted',
      second_factor_off: 'Two-factor off',
      second_factor_on: 'Two-factor on',
      second_factor_removed: 'Second factor removed',
      sessions_ended: 'Sessions ended',
      sign_in_removed: 'Sign-in deleted',
      test: 'Test email',
      unbound: 'Identity disconnected',
      verify: 'Confirm sign-up',
    },
    lastError: 'Last error',
    lookAgain: 'Refresh',
    nextTry: 'Next attempt',
    none: 'No undeliverable emails',
    noneHint: 'Emails that cannot be delivered stay here for 30 days, with the reason.',
    noneWaiting: 'No emails waiting',
    noneWaitingHint: 'Emails wait here while the mail server cannot be reached.',
    sendAllAgain: 'Send all again',
    sendAllText: 'Each email is sent again immediately, as if it were new. Fix the cause first.',
    sendAllTitle: 'Send all undeliverable emails again',
    sendAgainTo: (/** @type {string | undefined} */ to) => ` to ${to ?? ''}`,
    server: {
      accepted: (/** @type {Children} */ to) =>
        around`The mail server has accepted the email to ${to}. If it does not arrive within a few minutes, check your spam folder.`,
      address: 'Mail server',
      /** @type {Record<import('../contract').MailAdvice, string>} */
      advice: {
        ask_server:
          'The server refuses connections from here. Ask its operator, and check whether the address of this machine is on a block list.',
        check_host: 'Check the host in smtp_url, and the DNS settings of the machine.',
        check_port:
          'Check the host and port in smtp_url, that the server is running, and that no firewall is in the way. Many hosting providers block ports 25, 465 and 587.',
        check_recipient:
          'Check the recipient’s address. If the server says that it does not relay, allow this service to send through it.',
        check_sender: 'Set mail_from to an address that the server accepts as a sender.',
        check_sign_in:
          'Check the username and password in smtp_url. Some providers require an app password. Write @ as %40 and / as %2F.',
        check_tls:
          'Use smtps:// for TLS from the start (usually port 465), smtp:// for STARTTLS (usually 587). For a private certificate authority, set smtp_ca.',
        read_reply: 'The server’s reply says why; it may be a spam filter or a quota.',
        set_server:
          'Set smtp_url, such as smtps://user:password@mail.example.com, and restart the service.',
      },
      error: (/** @type {Children} */ why) => around`Error: ${why}`,
      lastFailed: 'Last failure',
      lastSent: 'Last email sent',
      never: 'Never',
      noServer: (/** @type {Children} */ folder) =>
        around`No mail server is set. Emails are not sent; they are written to the folder ${folder}.`,
      refuses: (/** @type {Children} */ since) =>
        around`The mail server accepts no emails. First refused: ${since}. Emails wait and are tried again.`,
      reply: (/** @type {Children} */ reply) => around`Server reply: ${reply}`,
      sender: 'Sender',
      since: (/** @type {Children} */ count, /** @type {Children} */ at) =>
        around`${count}, the oldest created ${at}`,
      /** @type {Record<string, string>} */
      stages: {
        connect: 'The mail server cannot be reached, or refuses connections from this service.',
        content: 'The mail server refused the email itself.',
        recipient: 'The mail server refused your address as the recipient.',
        resolve: 'The name of the mail server cannot be resolved.',
        sender: 'The mail server refused the sender.',
        settings: 'No mail server is set.',
        signIn: 'The mail server refused the username or the password.',
        tls: 'No secure connection (TLS) to the mail server could be opened.',
      },
      test: 'Send test email',
      testing: 'Sending… This takes a few seconds.',
      title: 'Mail server',
      /** @type {Record<string, string>} */
      tls: { implicit: 'TLS', none: 'without TLS', starttls: 'TLS (STARTTLS)' },
      unknown: 'No email has been sent yet.',
      waiting: 'Waiting',
      waitingCount: (/** @type {number} */ count, /** @type {boolean} */ more) =>
        more ? `More than ${emails(count)}` : emails(count),
      works: 'Emails are being sent.',
    },
    title: 'Mail',
    to: 'To',
    tries: 'Attempts',
    undeliverable: 'Undeliverable',
    waiting: 'Waiting',
    written: 'Created',
  },

  /** Somebody who was to be made and is there. */
  existing: {
    is: (/** @type {Role} */ role, /** @type {string} */ standing) =>
      `Already here: ${ROLES[role]}, ${EXISTING[standing]}. Nothing was changed.`,
  },

  inviteUsers: {
    addresses: 'Email addresses',
    addressesHint:
      'One or many, copied from an email or a spreadsheet. Names before <…>, or in the cells before an address, are used, too.',
    addressesMissing: 'Enter at least one email address.',
    copyAll: 'Copy all links',
    count: (
      /** @type {number} */ invited,
      /** @type {number} */ all,
      /** @type {number} */ failed,
    ) =>
      `${number(invited)} of ${number(all)} invited${failed > 0 ? `, ${number(failed)} failed` : ''}.`,
    invite: 'Send invite',
    inviteCount: (/** @type {number} */ count) =>
      `Send ${counted(count, { one: 'invite', other: 'invites' })}`,
    invited: 'Invited',
    inviting: 'Sending invites',
    invitedAs: (/** @type {Role} */ role, /** @type {boolean} */ wasThere) =>
      `${wasThere ? 'Already here, invited again' : 'Invited'} as ${AS_ROLE[role]}`,
    keepRoles: (/** @type {number} */ count) =>
      count === 1
        ? 'Invite 1 with their current role'
        : `Invite ${number(count)} with their current roles`,
    invitations: 'Invitations',
    languageHint: 'Emails are in English or German.',
    link: 'Link',
    notSent: 'Not sent yet',
    notSentCount: (/** @type {number} */ count) => `${number(count)} not sent`,
  },

  transfer: {
    all: 'All lines',
    allHint:
      'All users except those in the trash, as a file with one JSON object per line. Import can read it again.',
    export: 'Export',
    exportAll: 'Export all users',
    continue: 'Continue',
    exported: (/** @type {number} */ count) => `${users(count)} exported.`,
    failed: 'Not imported',
    file: 'File',
    ignored: (/** @type {string[]} */ columns) =>
      `Ignored ${columns.length === 1 ? 'column' : 'columns'}: ${columns.join(', ')}.`,
    import: 'Import',
    importUsers: 'Import users',
    importCount: (/** @type {number} */ count) => `Import ${users(count)}`,
    imported: 'Imported',
    importedAs: (/** @type {Role} */ role) => `Imported as ${AS_ROLE[role]}`,
    importedCount: (
      /** @type {number} */ made,
      /** @type {number} */ all,
      /** @type {number} */ failed,
    ) =>
      `${number(made)} of ${number(all)} imported${failed > 0 ? `, ${number(failed)} failed` : ''}.`,
    dismiss: 'Clear results',
    goesOn: 'You can leave this page: the import continues.',
    importing: 'Importing users',
    line: 'Line',
    lines: 'Lines',
    linesMissing: 'Enter at least one line, or choose a file.',
    noLines: 'No lines match',
    notImported: (/** @type {number} */ count) => `${number(count)} not imported`,
    notTried: 'Not tried',
    notTriedYet: 'Not tried yet',
    roleHint: 'For lines without a role.',
    saveLeft: 'Save remaining lines to a file',
    saveResults: 'Save results to a file',
    sendInvite: 'Email each user an invitation',
    show: 'Show',
    soFar: (/** @type {number} */ count) => `${users(count)} so far…`,
    stopped: 'Stopped',
    title: 'Import and export',
    tooLarge: (/** @type {string} */ name) =>
      `${name} is larger than 5 MB. Split it into smaller files.`,
    usersHint:
      'CSV with column names in the first line, NDJSON from an export, a JSON array, or one email address per line.',
  },

  trash: {
    delete: 'Delete',
    deleteForGood: 'Delete for good',
    deleteText: 'Everything stored about this user is deleted immediately. You cannot undo this.',
    deleteTitle: (/** @type {string} */ name) => `Delete ${name} for good`,
    deleted: (/** @type {string} */ name) => `${name} has been deleted.`,
    deletedOn: 'Deletion date',
    empty: 'The trash is empty',
    emptyHint: 'Users that you remove stay here for a while, and you can restore them.',
    firstRemovedFirst: 'Removed first',
    lastRemovedFirst: 'Last removed first',
    tooMany: 'There are too many removed users to sort. The most recently added users come first.',
    needsInvite: (/** @type {string} */ name) =>
      `${name} has been restored and needs an invite to join.`,
    removed: 'Removed',
    removedUsers: 'Removed users',
    restore: 'Restore',
    restoreOther: (/** @type {string} */ name) => `Restore ${name} with other values`,
    restoreOtherHint: 'Leave it empty to restore the user without one.',
    restoreOtherText: (/** @type {string} */ taken, /** @type {string} */ name) =>
      `Someone else in the account now has ${taken}. Enter something else to restore ${name}.`,
    restoreUser: 'Restore user',
    restored: (/** @type {string} */ name) => `${name} has been restored.`,
    showUser: 'Show user',
    taken: {
      newEmail: (/** @type {string} */ value) => `the email ${value}`,
      username: (/** @type {string} */ value) => `the username ${value}`,
      externalId: (/** @type {string} */ value) => `the external ID ${value}`,
    },
  },

  signIn: {
    clearText:
      'This connection is not encrypted, and this browser keeps your session where scripts on this page can read it.',
    firstRun: 'First run: use the setup code',
    forgot: 'Forgot your password?',
    or: 'or',
    readable: 'This browser keeps your session where scripts on this page can read it.',
    signUp: 'Sign up',
    withPassword: 'Sign in with a password',
    withProvider: 'Sign in with a provider',
    withToken: 'Sign in with a token',
  },

  token: {
    hint: 'An identity token (JWT) from a service that this one trusts. This browser keeps it until it expires or you sign out.',
    label: 'Token',
    missing: 'Paste a token.',
    spaces: 'A token has no spaces or line breaks.',
  },

  signUp: {
    byInvitation: 'Sign up by invitation',
    byInvitationHint:
      'Only people who are invited can sign up here. Follow the link in your invitation.',
    instead: 'Sign in instead',
    invited: 'If you were invited, follow the link in that email instead.',
    passwordHint: 'At least 8 characters. You need it again when you follow the link.',
    title: 'Sign up',
  },

  checkEmail: {
    text: (/** @type {Children} */ to) =>
      around`We have sent an email to ${to}. Follow the link in it within 24 hours, and enter your password again.`,
    title: 'Check your email',
  },

  forgot: {
    sendLink: 'Send link',
    sent: (/** @type {Children} */ to) =>
      around`If ${to} is registered here, we have sent an email to that address. The link in it works once, within an hour.`,
    text: 'We email you a link to set a new one.',
    title: 'Forgot your password?',
  },

  reset: {
    another: 'Send me another link',
    done: 'Your new password is set. Sign in with it.',
    keepProviders: 'Keep my linked providers',
    keepProvidersHint:
      'Otherwise they are unlinked: someone who got into your account may have linked their own provider.',
    ofAccount: (/** @type {Children} */ account) => around`The account ${account} has added you.`,
    set: 'Set password',
    text: (/** @type {Children} */ email) =>
      around`This is the new password of ${email}. It signs you out on all devices.`,
    title: 'Set a new password',
  },

  verify: {
    again: 'Sign up again',
    confirm: 'Confirm and sign in',
    text: 'Enter the password that you chose when you signed up.',
    title: 'Confirm your email',
  },

  confirmEmail: {
    changed: 'Your email has been changed',
    changedTo: (/** @type {Children} */ email) =>
      around`Your email is now ${email}. All your other sessions have ended.`,
    confirm: 'Confirm email',
    notNow: 'Not now',
    text: (/** @type {Children} */ email) =>
      around`You are signed in as ${email}. Confirm only if you asked to change it to the address that received this link. All your other sessions end, and we notify the old address.`,
    title: 'Confirm your new email',
    toProfile: 'Go to your profile',
  },

  undoEmail: {
    changedMyself: 'I made this change',
    done: (/** @type {Children} */ email) =>
      around`Your email is ${email} again, and your new password is set. Sign in with them.`,
    text: 'You get your old email back and choose a new password. Everyone who is signed in as you is signed out on all devices, linked providers are unlinked, and two-factor authentication returns to how it was before the change.',
    title: 'Undo the email change',
    undo: 'Undo change',
  },

  setUp: {
    account: 'Account name',
    accountHint: 'For example, the name of your company. People you invite see it.',
    already: 'Already set up? Sign in',
    code: 'Setup code',
    codeHint: 'The command guestlist setup-code prints it again.',
    codeMissing: 'Enter the setup code first.',
    submit: 'Set up and sign in',
    text: 'You become the operator: you can do everything, and invite others. The service prints the setup code when it starts. The code works once.',
    title: 'Set up Guestlist',
    with: (/** @type {Children} */ label) => around`Set up with ${label}`,
  },

  provider: {
    back: 'Back to the invitation',
    backToMethods: 'Back to your sign-in methods',
    begunElsewhere:
      'This sign-in was started in another tab or browser, or more than ten minutes ago, so it cannot be finished here.',
    checkEmail: 'Check your email',
    codeFromEmail: 'Code from the email',
    codeFromEmailHint: '8 digits.',
    codeIsWrong: 'This code is wrong or has expired.',
    continueHere: 'Continue with your current sign-in',
    continueWith: (/** @type {Children} */ label) => around`Continue with ${label}`,
    denied: (/** @type {Children} */ label) =>
      around`The sign-in at ${label} was cancelled or refused. If you did not mean to cancel it, start again. If it keeps happening, contact the operator.`,
    emailCode: 'Email me a code instead',
    enterCode: 'Enter your code',
    enterCodeText: (/** @type {Children} */ label) =>
      around`${label} has confirmed who you are. Two-factor authentication is on, so enter your code, too.`,
    link: (/** @type {Children} */ label) => around`Link ${label}`,
    linkByCode: (/** @type {Children} */ label) =>
      around`Your address at ${label} is already registered here. If that was you, enter the code that we have sent to that address. After that, you can sign in with ${label}.`,
    linkByPassword: (/** @type {Children} */ label) =>
      around`Your address at ${label} is already registered here. If that was you, enter the password that you use here. After that, you can sign in with ${label}.`,
    linked: (/** @type {string} */ label) => `You can now sign in with ${label}.`,
    newCode: 'We have sent you another code. The earlier one no longer works.',
    notIn: 'You are not signed in yet',
    nothingLinked: 'Nothing was linked',
    otherWay: 'Sign in another way',
    passwordIsWrong: 'This password is wrong.',
    pending: (/** @type {Children} */ label) =>
      around`We have sent a code to your address at ${label}, to make sure that the address is yours. It works for ten minutes.`,
    notConfirmed:
      'The provider has not confirmed who you are, or you signed in there too long ago. Sign out there, then start again.',
    prove: 'Confirm who you are',
    /** Why a sign-in with a provider is refused, by the error's code. @type {Record<string, string>} */
    reasons: {
      not_registered:
        'Your address at the provider has not been invited, and only people who are invited can sign up here. Ask for an invitation.',
      invite_email:
        'The invitation is for another address than yours at the provider. Accept it another way, or ask for an invitation to your address.',
      email_unverified:
        'The provider has not verified your address, so you cannot use it here. Verify it there, then start again.',
      email_required:
        'The provider did not share your email address, so we cannot tell who you are. Allow it to share the address, or sign in another way.',
      invalid_state: 'This took too long or was already finished. Start again.',
      provider_taken:
        'Someone else signs in here with this account of the provider. Choose another one, or have it unlinked there first.',
    },
    signingIn: 'Signing in',
    startAgain: (/** @type {Children} */ label) => around`Start again with ${label}`,
    usePassword: 'Use your password',
    wrongSetUp: 'The provider is not set up correctly. Contact the operator.',
  },

  /**
   * Errors by their code, in place of what the service says; what is missing, it says itself.
   * @type {Record<string, string>}
   */
  errors: {
    account_removed: 'This account has been removed. Restore it first.',
    account_required: 'You are in several accounts. Choose the one to work in.',
    email_required:
      'The provider did not share your email address. Allow it to, or sign in another way.',
    email_unverified:
      'Your email is not verified. Verify it with the service that you sign in with.',
    external_id_taken: 'Another user already has this external ID. Use a different one.',
    held: 'This user still owns something in another service. Release the holds first.',
    invalid_credentials: 'The email or password is wrong.',
    invite_email: 'The invitation was sent to another email. Sign in with that one.',
    last_credential:
      'Without this sign-in method, you could no longer sign in. Set a password or link another provider first.',
    no_password: 'This sign-in has no password.',
    own_sign_in:
      'This person manages their own sign-in, so nobody else can choose or change how they sign in. Invite them without a password; people who have joined set a new one with “Forgot your password?” on the sign-in page.',
    too_many_accounts:
      'You cannot be in any more accounts. Leave one that you no longer need, then try again.',
    too_many_providers: 'You cannot link any more providers. Unlink one first.',
    totp_enrolled: 'Two-factor authentication is already on.',
    unreachable: 'The service cannot be reached. Check your connection, then try again.',
    username_taken: 'Another user already has this username. Use a different one.',
  },

  /**
   * What is wrong with a field, by its name and the fault's code or by that alone; the sentence begins with
   * what the field is called.
   * @type {Record<string, (label: string) => string>}
   */
  faults: {
    'emailCode.wrong': () => 'This code is wrong or has expired.',
    'state.transition': (label) =>
      `${label}: This change is not possible any more. Reload the page.`,
    'totp.wrong': () => 'This code is wrong or was used before.',
  },
};

export default texts;

/** @typedef {typeof texts} Texts */
