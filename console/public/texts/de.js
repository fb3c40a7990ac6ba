/** What people read, in German; `en.js` says what each text is for. */

import { around, countingIn, listsIn, numbersIn } from './sentences.js';

/** @import { ComponentChildren as Children } from '../vendor/preact.js' */
/** @import { Link, Role, State, StepName, Texts } from './en.js' */

const counted = countingIn('de');
const number = numbersIn('de');
const list = listsIn('de');
const users = (/** @type {number} */ count) => counted(count, { other: 'Benutzer' });
const invitations = (/** @type {number} */ count) =>
  counted(count, { one: 'Einladung', other: 'Einladungen' });
const emails = (/** @type {number} */ count) => counted(count, { one: 'E-Mail', other: 'E-Mails' });
const signIns = (/** @type {number} */ count) =>
  counted(count, { one: 'Anmeldung', other: 'Anmeldungen' });
/** After `bei` and `von`. */
const usersDative = (/** @type {number} */ count) =>
  counted(count, { one: 'Benutzer', other: 'Benutzern' });
/** After `in`. */
const days = (/** @type {number} */ count) => counted(count, { one: 'Tag', other: 'Tagen' });

/** How a week compares with the one before. @param {number} now @param {number} before */
function compared(now, before) {
  if (now === before) return 'so viele wie in den 7\u00a0Tagen davor';
  const difference = number(Math.abs(now - before));
  return `${difference} ${now > before ? 'mehr' : 'weniger'} als in den 7\u00a0Tagen davor`;
}

/** @type {Record<Role, string>} */
const AS_ROLE = { user: 'Benutzer', admin: 'Admin', root: 'Root' };
/** @type {Record<string, string>} */
const EXISTING = {
  added: 'hinzugefügt und nie eingeladen',
  invited: 'eingeladen, noch nicht beigetreten',
  active: 'aktiv',
  suspended: 'gesperrt',
};
/** @type {Record<Role | 'all', string>} */
const PEOPLE = {
  user: 'Benutzer ohne besondere Rechte',
  admin: 'Admins',
  root: 'Root-Benutzer',
  all: 'Benutzer',
};
/** @type {Record<State, string>} */
const BEING = {
  invited: 'eingeladene',
  active: 'aktive',
  suspended: 'gesperrte',
  trashed: 'gelöschte',
};

/** @type {Texts} */
export default {
  common: {
    actions: 'Aktionen',
    added: 'Hinzugefügt',
    address: 'IP-Adresse',
    backToSignIn: 'Zurück zur Anmeldung',
    byEmail: 'E-Mail-Adresse, A–Z',
    byEmailReversed: 'E-Mail-Adresse, Z–A',
    cancel: 'Abbrechen',
    changed: 'Geändert',
    close: 'Schließen',
    code: 'Code',
    codeHint: 'Sechs Ziffern aus Ihrer Authenticator-App oder einer Ihrer Wiederherstellungscodes.',
    confirm: 'Bestätigen',
    copyInviteLink: 'Einladungslink kopieren',
    createAccount: 'Konto erstellen',
    created: 'Erstellt',
    currentPassword: 'Aktuelles Passwort',
    done: 'Fertig',
    doneExcept: (/** @type {string} */ what) => `Fertig, ${what}`,
    email: 'E-Mail-Adresse',
    emailAnotherCode: 'Neuen Code per E-Mail anfordern',
    externalId: 'Externe ID',
    firstName: 'Vorname',
    id: 'ID',
    invitePeople: 'Personen einladen',
    inProgress: 'In Arbeit',
    language: 'Sprache',
    lastName: 'Nachname',
    lastSeen: 'Zuletzt aktiv',
    lastUsed: 'Zuletzt verwendet',
    name: 'Name',
    never: 'nie',
    newestFirst: 'Neueste zuerst',
    newPassword: 'Neues Passwort',
    noEntries: 'Keine Einträge',
    noUsersMatch: 'Keine passenden Benutzer',
    notYet: 'noch nicht',
    oldestFirst: 'Älteste zuerst',
    outcome: 'Ergebnis',
    password: 'Passwort',
    passwordHint:
      'Mindestens 8 Zeichen. Mehrere Wörter sind leicht zu merken und schwer zu erraten.',
    preferences: 'Einstellungen',
    record: 'Details',
    remove: 'Entfernen',
    role: 'Rolle',
    sendAgain: 'Erneut senden',
    sendInvite: 'Einladung senden',
    settings: 'Einstellungen',
    showAll: 'Alle anzeigen',
    signIn: 'Anmelden',
    signOut: 'Abmelden',
    someProvider: 'dem Anbieter',
    sortBy: 'Sortierung',
    state: 'Status',
    stop: 'Anhalten',
    suspend: 'Sperren',
    activate: 'Entsperren',
    tryAgain: 'Erneut versuchen',
    user: 'Benutzer',
    username: 'Benutzername',
    users: 'Benutzer',
    yourPassword: 'Ihr Passwort',
    wrongCode: 'Dieser Code ist falsch oder wurde schon verwendet.',
  },

  badges: {
    user: 'Benutzer',
    admin: 'Admin',
    root: 'Root',
    added: 'Hinzugefügt',
    invited: 'Eingeladen',
    active: 'Aktiv',
    suspended: 'Gesperrt',
    trashed: 'Im Papierkorb',
    removed: 'Entfernt',
    ended: 'Beendet',
    'invite-ended': 'Einladung ungültig',
    expired: 'Einladung abgelaufen',
    here: 'Aktuelles Konto',
    self: 'Sie',
    session: 'Diese Sitzung',
    'signed-out': 'Abgemeldet',
    'two-factor': 'Zwei-Faktor',
  },

  titles: {
    account: 'Konto',
    accounts: 'Ihre Konten',
    allAccounts: 'Alle Konten',
    audit: 'Protokoll',
    confirmEmail: 'Neue E\u2011Mail-Adresse bestätigen',
    forgot: 'Passwort vergessen?',
    invitation: 'Einladung',
    invitations: 'Einladungen',
    invite: 'Personen einladen',
    keys: 'API-Schlüssel',
    mail: 'Postausgang',
    me: 'Ihr Profil',
    newPassword: 'Neues Passwort',
    overview: 'Übersicht',
    person: 'Person suchen',
    setUp: 'Guestlist einrichten',
    signIn: 'Anmelden',
    signUp: 'Registrieren',
    token: 'Mit Token anmelden',
    transfer: 'Import und Export',
    trash: 'Papierkorb',
    undoEmail: 'Änderung der E\u2011Mail-Adresse rückgängig machen',
    users: 'Benutzer',
    verify: 'E\u2011Mail-Adresse bestätigen',
  },

  frame: {
    account: 'Konto: ',
    chooseAccount: 'Anderes Konto auswählen',
    goHome: 'Zur Startseite',
    groups: { people: 'Personen', access: 'Zugang', records: 'Betrieb', own: 'Persönliches' },
    home: 'Startseite',
    jobs: 'Laufende Vorgänge',
    jobProgress: (
      /** @type {string} */ job,
      /** @type {number} */ done,
      /** @type {number} */ all,
    ) => `${job}: ${number(done)} von ${number(all)}`,
    jobStopped: (/** @type {string} */ job) => `${job}: angehalten`,
    jobDone: (/** @type {string} */ job) => `${job}: fertig`,
    jobFailed: (/** @type {string} */ job, /** @type {string} */ what) => `${job}: ${what}`,
    leaveJobs: 'Abmelden und laufende Vorgänge abbrechen?',
    leaveJobsHint:
      'Was bereits erledigt ist, bleibt bestehen. Der Rest wird nicht mehr ausgeführt.',
    invitations,
    main: 'Hauptmenü',
    manageAccounts: 'Ihre Konten verwalten',
    menu: 'Menü',
    nowIn: (/** @type {string} */ account) => `Sie sind jetzt im Konto ${account}.`,
    notForRole: 'Kein Zugriff auf diese Seite',
    notForRoleHint: (/** @type {Role} */ role) =>
      role === 'admin'
        ? 'Diese Seite ist dem Betreiber vorbehalten.'
        : `Mit der Rolle ${AS_ROLE[role]} können Sie diese Seite nicht öffnen. Wenn Sie sie brauchen, bitten Sie jemanden mit einer höheren Rolle, Ihre zu ändern.`,
    newVersion:
      'Eine neue Version von Guestlist ist installiert. Laden Sie die Seite neu, um fortzufahren.',
    noPage: 'Seite nicht gefunden',
    noPageHint:
      'Der Link ist vielleicht falsch geschrieben oder veraltet. Sie können die Seite auch über ihren Namen finden, mit „Suchen“ (Strg K).',
    reload: 'Seite neu laden',
    shutOut: 'Sie sind angemeldet, haben aber keinen Zugang',
    shutOutHint:
      'Das betrifft nur dieses Konto. Wenn Sie weitere haben, können Sie diese weiterhin verwenden.',
    signInAgain: 'Erneut anmelden',
    signedInAs: 'Angemeldet als: ',
    skip: 'Zum Inhalt springen',
    yourMenu: 'Ihr Menü',
    yourAccounts: 'Ihre Konten',
  },

  ui: {
    busy: 'Einen Moment\u00a0…',
    clearSelection: 'Auswahl aufheben',
    copied: 'Kopiert.',
    copy: 'Kopieren',
    copyOf: (/** @type {string} */ about) => ` für ${about}`,
    discard: 'Änderungen verwerfen',
    dismiss: 'Schließen',
    first: 'Erste Seite',
    hide: 'Verbergen',
    hidePassword: 'Passwort verbergen',
    justNow: 'gerade eben',
    last: 'Letzte Seite',
    leave: 'Diese Seite verlassen? Was Sie noch nicht gespeichert haben, geht verloren.',
    next: 'Weiter',
    noClipboard:
      'Ihr Browser erlaubt das Kopieren nicht. Markieren Sie den Text und kopieren Sie ihn selbst.',
    noName: 'Noch kein Name',
    optional: 'optional',
    pages: 'Seiten',
    previous: 'Zurück',
    quote: (/** @type {Children} */ id) =>
      around`Wenn das öfter vorkommt, nennen Sie dem Support diese Kennung: ${id}`,
    restored: 'Ihre nicht gespeicherten Änderungen sind noch da.',
    selectAll: 'Alle auf dieser Seite auswählen',
    selectOne: (/** @type {string} */ name) => `${name} auswählen`,
    selected: (/** @type {number} */ count) => counted(count, { other: 'ausgewählt' }),
    selection: 'Auswahl',
    show: 'Anzeigen',
    showPassword: 'Passwort anzeigen',
    typeToGoOn: (/** @type {string} */ word) => `Geben Sie zur Bestätigung ${word} ein`,
  },

  /** Die Suche nach allem, und was die Tastatur tut. */
  palette: {
    close: 'Schließen',
    control: 'Strg',
    goTo: (/** @type {string} */ page) => `Gehe zu: ${page}`,
    none: 'Kein Treffer. Geben Sie den Anfang eines Seitennamens, eines Namens oder einer E-Mail-Adresse ein.',
    placeholder: 'Seiten, Personen, Aktionen',
    rows: 'In einer Liste nach unten oder oben',
    select: 'Eintrag einer Liste auswählen',
    shortcuts: 'Tastenkürzel',
    singleKeys: 'Kürzel mit nur einer Taste verwenden',
    themes: {
      system: 'Darstellung: wie im System',
      light: 'Darstellung: hell',
      dark: 'Darstellung: dunkel',
    },
    title: 'Suchen',
    toSearch: 'Auf dieser Seite suchen',
  },

  actors: {
    keyNamed: (/** @type {string} */ name) => `API-Schlüssel „${name}“`,
    key: (/** @type {string} */ ending) => `API-Schlüssel ${ending}`,
    operator: 'Kommandozeile',
    service: 'Guestlist selbst',
    user: (/** @type {string} */ ending) => `Benutzer ${ending}`,
    you: 'Sie',
  },

  conflict: {
    empty: '(leer)',
    keepTheirs: 'Andere Werte behalten',
    mine: 'Ihr Wert',
    saveMine: 'Meine Werte speichern',
    saved: 'Änderungen gespeichert.',
    savedNone: 'Die Werte, die jemand anderes gespeichert hat, bleiben bestehen.',
    savedSome: 'Gespeichert, außer den Werten, die jemand anderes inzwischen geändert hat.',
    text: 'Während Sie bearbeitet haben, hat jemand anderes andere Werte gespeichert. Wählen Sie, welche gelten sollen. Ihre übrigen Änderungen werden in jedem Fall gespeichert.',
    theirs: 'Inzwischen gespeichert',
    title: 'Inzwischen hat jemand anderes dasselbe geändert',
  },

  confirmation: {
    emailHint: 'Die 8 Ziffern aus der E-Mail, die wir Ihnen gerade geschickt haben.',
    text: 'Bestätigen Sie zu Ihrer Sicherheit noch einmal, dass Sie es sind.',
    title: 'Bestätigen Sie Ihre Identität',
    totpHint: 'Aus Ihrer Authenticator-App.',
    ways: {
      currentPassword: 'Passwort verwenden',
      totp: 'Authenticator-App verwenden',
      emailCode: 'Code per E-Mail anfordern',
    },
  },

  session: {
    signInDeleted: 'Ihre Zugangsdaten sind gelöscht, und Sie haben alle Ihre Konten verlassen.',
    leftAll: 'Sie haben alle Ihre Konten verlassen.',
    answered: (/** @type {number} */ status) => `Der Dienst hat mit ${status} geantwortet.`,
    ended: 'Ihre Sitzung ist beendet. Bitte melden Sie sich erneut an.',
    followLink: 'Folgen Sie dem Link in der E-Mail, die wir Ihnen geschickt haben.',
    signOutUntold:
      'Sie sind in diesem Browser abgemeldet, aber der Dienst war nicht erreichbar. Melden Sie sich noch einmal an und ab, um die Sitzung auch dort zu beenden.',
  },

  lines: {
    manyEmails: 'Diese Zeile enthält mehr als eine E-Mail-Adresse.',
    noEmail: 'Diese Zeile enthält keine E-Mail-Adresse.',
    noEmailField: 'In dieser Zeile fehlt „email“.',
    unknown:
      'Möglicherweise wurde es trotzdem ausgeführt. Senden Sie es noch einmal ab, um sicherzugehen: Nichts wird doppelt ausgeführt.',
    notArray: (/** @type {string} */ why) =>
      `Das beginnt wie ein JSON-Array, ist aber keines: ${why}.`,
    notJson: 'Das ist kein gültiges JSON.',
    notObject: 'Das muss ein Objekt sein: { "name": "value" }.',
  },

  json: {
    at: (/** @type {number} */ line, /** @type {number} */ column, /** @type {string} */ why) =>
      `Zeile ${number(line)}, Spalte ${number(column)}: ${why}`,
    format: 'Formatieren',
    slips: {
      colon: 'Nach diesem Namen fehlt ein Doppelpunkt.',
      comma: 'Entfernen Sie das Komma vor der schließenden Klammer.',
      ended: 'Der Text endet zu früh. Eine schließende Klammer } oder ] fehlt.',
      escape:
        'Nach einem umgekehrten Schrägstrich darf nur " \\ / b f n r t oder u mit vier Hexadezimalziffern stehen.',
      more: 'Entfernen Sie alles nach der schließenden Klammer.',
      name: 'Hier fehlt ein Name in doppelten Anführungszeichen.',
      next: 'Hier fehlt ein Komma oder eine schließende Klammer.',
      open: 'Diesem Text fehlt in seiner Zeile das schließende Anführungszeichen.',
      quotes: 'Setzen Sie Texte in gerade doppelte Anführungszeichen.',
      value:
        'Hier fehlt ein Wert: ein Text in doppelten Anführungszeichen, eine Zahl, true, false, null, [ oder {.',
    },
  },

  firstSteps: {
    appText: (/** @type {Link} */ link) =>
      around`Dieser Schritt ist erledigt, sobald ein API-Schlüssel verwendet wurde. ${link('Erstellen Sie einen Schlüssel')}, falls Sie noch keinen haben, und setzen Sie ihn im ersten Beispiel für $GUESTLIST_KEY ein.`,
    dismiss: 'Diese Schritte ausblenden',
    done: (/** @type {number} */ done, /** @type {number} */ all) =>
      `${number(done)} von ${number(all)} erledigt`,
    isDone: 'erledigt',
    samples: {
      browser: 'In einer Web-App, in der sich Personen anmelden',
      service: 'Auf einem Server, mit einem API-Schlüssel',
    },
    steps: {
      app: {
        title: 'App verbinden',
        text: 'Rufen Sie Guestlist von Ihrem Server aus auf, oder bauen Sie die Anmeldung in Ihre Web-App ein.',
        action: 'Anleitung anzeigen',
      },
      key: {
        title: 'API-Schlüssel erstellen',
        text: 'Damit rufen Ihre Programme Guestlist auf.',
        action: 'Schlüssel erstellen',
      },
      mail: {
        title: 'E-Mail-Versand einrichten',
        text: 'Einladungen und Links für neue Passwörter kommen per E-Mail. Senden Sie sich eine Test-E-Mail.',
        action: 'Versand prüfen',
      },
      people: {
        title: 'Personen einladen',
        text: 'Eine oder viele auf einmal. Jede bekommt eine E-Mail mit einem Link.',
        action: 'Einladungen senden',
      },
    },
    title: 'Erste Schritte',
  },

  overview: {
    activeUsers: 'Aktive Benutzer',
    activity: 'Letzte Aktivitäten',
    all: 'Alle',
    asTable: 'Zahlen als Tabelle anzeigen',
    counted: { invites: invitations, signIns },
    day: 'Tag (UTC)',
    figures: 'Kennzahlen',
    headCount: (/** @type {{ role?: Role, state?: State }} */ { role, state }) =>
      [state && BEING[state], PEOPLE[role ?? 'all']].filter(Boolean).join(' '),
    inAudit: 'Details',
    inDays: (/** @type {string} */ counted, /** @type {number} */ count) =>
      `${counted} in ${days(count)}`,
    invitesHint: 'Einladungen, die aus diesem Konto verschickt wurden.',
    kinds: { invites: 'Einladungen', signIns: 'Anmeldungen' },
    most: (/** @type {string} */ day, /** @type {string} */ counted) =>
      `die meisten am ${day}: ${counted}`,
    none: {
      invites: (/** @type {number} */ count) => `Keine Einladungen in den letzten ${days(count)}.`,
      signIns: (/** @type {number} */ count) => `Keine Anmeldungen in den letzten ${days(count)}.`,
    },
    ofAll: (/** @type {number} */ all) => `von insgesamt ${number(all)}`,
    openInvitations: 'Offene Einladungen',
    signInsHint: 'Wer sich angemeldet hat, zählt pro Tag einmal.',
    signInsThisWeek: 'Anmeldungen der letzten 7\u00a0Tage',
    sum: (/** @type {string} */ counted, /** @type {number} */ count) =>
      `${counted} in ${days(count)} (UTC).`,
    tables: { invites: 'Einladungen pro Tag', signIns: 'Anmeldungen pro Tag' },
    toAudit: 'Protokoll öffnen',
    today: 'heute',
    todaySoFar: 'Heute bisher',
    trends: {
      invites: (/** @type {number} */ now, /** @type {number} */ before) =>
        `${number(now)} in den letzten 7 Tagen verschickt, ${compared(now, before)}`,
      signIns: compared,
    },
    usersByState: 'Benutzer nach Status und Rolle',
  },

  users: {
    allRoles: 'Alle Rollen',
    allStates: 'Jeder Status',
    alone: 'Sie sind hier noch allein',
    aloneHint: (/** @type {Link} */ link) =>
      around`${link('Laden Sie Personen per E-Mail ein')}, einzeln oder viele auf einmal.`,
    copyEmail: 'E-Mail-Adresse kopieren',
    copyId: 'ID kopieren',
    count: users,
    endSearch: 'Suche beenden',
    found: (/** @type {number} */ count) =>
      count === 0 ? 'Alle Benutzer durchsucht.' : `${users(count)} gefunden, alle durchsucht.`,
    none: 'Noch keine Benutzer',
    notBegun:
      'Kein Name und keine E-Mail-Adresse beginnt so, und keine ID, kein Benutzername und keine Nummer lautet so.',
    notFound: 'Nicht dabei?',
    open: 'Öffnen',
    placeholder: 'Name, E-Mail, Benutzername oder ID',
    range: (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ total) =>
      `${from === to ? '' : `${number(from)}–`}${number(to)} von ${number(total)}`,
    scanned: (/** @type {number} */ found, /** @type {number} */ count) =>
      `${users(found)} gefunden. Die ersten ${number(count)} wurden durchsucht.`,
    scannedAll: (/** @type {number} */ count) =>
      `Namen, E-Mail-Adressen und Benutzernamen von ${usersDative(count)} durchsucht.`,
    search: 'Suche',
    searchAnywhere: 'In Namen und E-Mails suchen',
    searchOn: 'Die nächsten 1.000 durchsuchen',
    showAll: 'Alle Benutzer anzeigen',
    inviteSent: (/** @type {string} */ at) => `Letzte Einladung: ${at}`,
    states: {
      active: 'Aktiv',
      invited: 'Noch nicht beigetreten',
      added: 'Hinzugefügt, nicht eingeladen',
      open: 'Einladung offen',
      expired: 'Einladung abgelaufen',
      ended: 'Einladung ungültig',
      suspended: 'Gesperrt',
    },
    until: {
      invited: (/** @type {Children} */ at) => around`bis ${at}`,
      expired: (/** @type {Children} */ at) => around`am ${at}`,
    },
  },

  steps: {
    suspend: {
      label: 'Sperren',
      action: 'Sperren',
      text: 'Der Zugang zu diesem Konto bleibt gesperrt, bis Sie ihn wieder freigeben. Es wird nichts gelöscht, aber selbst erstellte API-Schlüssel werden endgültig ungültig.',
    },
    activate: {
      label: 'Entsperren',
      action: 'Entsperren',
      text: 'Der Zugang zu diesem Konto ist wieder frei. Wer noch nie beigetreten war, gilt wieder als eingeladen, bekommt aber keine neue E-Mail.',
    },
    invite: {
      label: 'Einladung senden',
      action: 'Einladung senden',
      text: 'Der neue Link kommt per E-Mail. Links in früheren E-Mails werden ungültig.',
    },
    revoke: {
      label: 'Einladung zurückziehen',
      action: 'Einladung zurückziehen',
      text: 'Der Link in der E-Mail wird ungültig. Der Benutzer bleibt in der Liste und kann erneut eingeladen werden.',
    },
    role: {
      label: 'Rolle ändern',
      action: 'Rolle ändern',
      text: 'Mit einer niedrigeren Rolle werden API-Schlüssel ungültig, die mit der höheren erstellt wurden.',
    },
    remove: {
      label: 'Entfernen',
      action: 'Entfernen',
      text: 'Der Zugang zu diesem Konto endet sofort. Wiederherstellen können Sie ihn über den Papierkorb. Selbst erstellte API-Schlüssel werden endgültig ungültig.',
    },
    done: (/** @type {StepName} */ name, /** @type {number} */ count) =>
      ({
        suspend: `${users(count)} gesperrt.`,
        activate: `${users(count)} entsperrt.`,
        invite: `${invitations(count)} gesendet.`,
        revoke: `${invitations(count)} zurückgezogen.`,
        role: `Rolle von ${usersDative(count)} geändert.`,
        remove: `${users(count)} in den Papierkorb gelegt.`,
      })[name],
    doneOne: (/** @type {StepName} */ name, /** @type {string} */ who) =>
      ({
        suspend: `${who} ist gesperrt.`,
        activate: `${who} ist wieder aktiv.`,
        invite: `Einladung an ${who} gesendet.`,
        revoke: `Einladung an ${who} zurückgezogen.`,
        role: `Rolle von ${who} geändert.`,
        remove: `${who} ist im Papierkorb.`,
      })[name],
    failed: (/** @type {number} */ count) => `Bei ${usersDative(count)} hat es nicht geklappt:`,
    left: (/** @type {number} */ count, /** @type {number} */ all) =>
      count === all
        ? 'Es gibt nichts zu ändern.'
        : `${number(count)} davon ${count === 1 ? 'bleibt' : 'bleiben'} unverändert, weil es nichts zu ändern gibt oder Ihre Rolle es nicht erlaubt.`,
    names: (/** @type {string[]} */ named, /** @type {number} */ others) =>
      list(others > 0 ? [...named, `${number(others)} weitere`] : named),
    title: (/** @type {StepName} */ name, /** @type {number} */ count) =>
      ({
        suspend: `${users(count)} sperren`,
        activate: `${users(count)} entsperren`,
        invite: `Einladungen an ${users(count)} senden`,
        revoke: `Einladungen an ${users(count)} zurückziehen`,
        role: `Rolle von ${usersDative(count)} ändern`,
        remove: `${users(count)} entfernen`,
      })[name],
    titleOne: (/** @type {StepName} */ name, /** @type {string} */ who) =>
      ({
        suspend: `${who} sperren`,
        activate: `${who} entsperren`,
        invite: `Einladung an ${who} senden`,
        revoke: `Einladung an ${who} zurückziehen`,
        role: `Rolle von ${who} ändern`,
        remove: `${who} entfernen`,
      })[name],
    undone: 'Rückgängig gemacht.',
    undoneSome: (
      /** @type {number} */ count,
      /** @type {number} */ all,
      /** @type {string} */ names,
      /** @type {string} */ why,
    ) =>
      `Bei ${number(count)} von ${usersDative(all)} rückgängig gemacht. Nicht bei: ${names}. ${why}`,
  },

  invitations: {
    inviter: 'Eingeladen von',
    none: 'Keine offenen Einladungen',
    noneHint: 'Gesendete Einladungen stehen hier, bis sie angenommen werden oder ablaufen.',
    noneExpired: 'Keine abgelaufenen Einladungen',
    noneExpiredHint:
      'Hier steht, wer eine Einladung nicht rechtzeitig angenommen hat. Sie können erneut einladen.',
    expired: 'Abgelaufen',
    sent: 'Gesendet',
  },

  user: {
    about: 'Über diesen Benutzer',
    access: 'Zugang',
    allAccounts: 'Konten mit dieser E-Mail-Adresse',
    history: 'Verlauf',
    holds: 'Löschsperren',
    notFound: 'Benutzer nicht gefunden',
    notFoundHint: (/** @type {Link} */ trash, /** @type {Link} */ all) =>
      around`Der Benutzer wurde vielleicht entfernt. Sehen Sie im ${trash('Papierkorb')} nach, oder gehen Sie zu ${all('allen Benutzern')}.`,
    profile: 'Profil',
    sessions: 'Sitzungen',
  },

  profile: {
    externalIdHint: 'Die Kennung dieses Benutzers in einem anderen System.',
    issuer: 'Anmeldung über',
    joined: 'Erste Anmeldung',
    languageHint: 'Gilt für E-Mails und, wo verfügbar, für diese Seiten.',
    languageNone: 'Nicht festgelegt',
    number: 'Nummer',
    preferencesAsJson: 'Einstellungen als JSON',
    preferencesHint: 'Was Apps zu diesem Benutzer speichern, als JSON.',
    savePreferences: 'Einstellungen speichern',
    saveProfile: 'Profil speichern',
    usernameHint: '3 bis 191 Zeichen: a–z, 0–9, _ . und -. In diesem Konto eindeutig.',
  },

  access: {
    becomes: (/** @type {Role} */ role) => `Rolle ${AS_ROLE[role]} annehmen`,
    changeEmail: 'E-Mail-Adresse ändern',
    changeRole: 'Rolle ändern',
    disconnect: 'Identität trennen',
    disconnectText: (/** @type {string} */ name) =>
      `${name} verliert sofort den Zugang zu diesem Konto und wird per E-Mail informiert. Der Benutzer bleibt mit Rolle und Löschsperren bestehen, aber niemand kann sich damit anmelden, bis Sie eine neue Einladung senden und diese angenommen wird.`,
    disconnectTitle: (/** @type {string} */ name) => `Identität von ${name} trennen`,
    disconnected: (/** @type {string} */ name) =>
      `${name} ist getrennt. Senden Sie eine Einladung, um den erneuten Beitritt zu ermöglichen.`,
    emailChanged: 'E-Mail-Adresse geändert.',
    emailIsTheirs:
      'Diese Person ist mit dieser Adresse beigetreten und kann sie nur selbst ändern.',
    emailOutside:
      'E-Mails gehen an die neue Adresse, die Anmeldung bleibt gleich. Wir informieren die alte Adresse über die Änderung.',
    emailOwn:
      'Wir senden einen Link an die neue Adresse. Sobald Sie ihn geöffnet haben, melden Sie sich mit dieser Adresse an. Wir informieren die alte Adresse über die Änderung.',
    emailOwnByCode:
      'Zuerst bestätigen Sie, dass Sie es sind. Dann senden wir einen Link an die neue Adresse; sobald Sie ihn geöffnet haben, ist das Ihre E-Mail-Adresse. Wir informieren die alte Adresse über die Änderung. Über Ihren Anbieter melden Sie sich weiterhin wie bisher an.',
    emailTheirs:
      'Die Anmeldung erfolgt dann mit der neuen Adresse. Wir informieren die alte Adresse über die Änderung.',
    giveUp: 'Eigene Rolle aufgeben',
    giveUpText: (/** @type {Role} */ role) =>
      `Ihre Rolle ist ${AS_ROLE[role]}, und Sie können das nicht selbst rückgängig machen: Nur jemand mit derselben oder einer höheren Rolle kann sie Ihnen zurückgeben. Vergewissern Sie sich, dass es so jemanden gibt.`,
    identity: 'Identität',
    identityHint:
      'Die Anmeldung erfolgt über einen anderen Dienst, der Passwort und zweiten Faktor verwaltet.',
    identityOf: (/** @type {Children} */ issuer) => around`Anmeldung über ${issuer}`,
    outOfReach: 'Das können Sie nicht ändern',
    outOfReachHint: (/** @type {Role} */ role) =>
      `Das kann nur jemand mit der Rolle ${AS_ROLE[role]} oder einer höheren ändern.`,
    own: 'Passwort und Zwei-Faktor-Authentifizierung',
    ownHint: (/** @type {Link} */ link) => around`Beides ändern Sie in ${link('Ihrem Profil')}.`,
    passwordHint:
      'Für Personen, die ihr Passwort nicht per E-Mail zurücksetzen können. Alle ihre Sitzungen enden, und wir informieren sie per E-Mail.',
    passwordSet: 'Passwort festgelegt. Alle Sitzungen dieses Benutzers sind beendet.',
    passwordTheirs:
      'In diesem Konto verwaltet jede Person ihr Passwort selbst. Wer es vergessen hat, legt über „Passwort vergessen?“ auf der Anmeldeseite ein neues fest.',
    removeSecondFactor: 'Zweiten Faktor entfernen',
    removeSecondFactorText:
      'Zur Anmeldung genügt dann das Passwort. Tun Sie das nur, wenn App und Wiederherstellungscodes verloren sind, und vergewissern Sie sich, dass die Bitte wirklich von dieser Person kommt.',
    removeSecondFactorTitle: 'Zweiten Faktor entfernen',
    roleChanged: 'Rolle geändert.',
    roleHint:
      'Mit einer niedrigeren Rolle werden API-Schlüssel ungültig, die mit der höheren erstellt wurden.',
    roles: {
      user: 'Benutzer – sieht die anderen',
      admin: 'Admin – verwaltet das Konto',
      root: 'Root – darf alles',
    },
    secondFactor: 'Zwei-Faktor-Authentifizierung',
    secondFactorOff: 'Aus. Nur der Benutzer selbst kann sie einschalten.',
    secondFactorOn: 'Ein: Die Anmeldung erfordert einen Code aus einer Authenticator-App.',
    secondFactorRemoved: 'Zweiter Faktor entfernt.',
    sentTo: (/** @type {Children} */ to, /** @type {Children} */ now) =>
      around`Sehen Sie in Ihrem Postfach nach: Wir haben einen Link an ${to} geschickt. Öffnen Sie ihn innerhalb einer Stunde in diesem Browser, um Ihre E-Mail-Adresse zu ändern. Bis dahin bleibt es bei ${now}.`,
    setPassword: 'Passwort festlegen',
  },

  actions: {
    activated: (/** @type {string} */ name) => `${name} ist wieder aktiv.`,
    copyLink: 'Link kopieren',
    held: (/** @type {string} */ name) => `${name} kann noch nicht entfernt werden`,
    heldText: (/** @type {Link} */ link) =>
      around`Diesem Benutzer gehört noch etwas in einem anderen Dienst. Sobald es jemand anderem gehört und ${link('die Löschsperren')} aufgehoben sind, können Sie den Benutzer entfernen.`,
    inviteEnds: 'Der Link in der offenen Einladung wird ungültig.',
    inviteSent: 'Einladung gesendet.',
    inviteSentAgain: 'Einladung erneut gesendet. Der ältere Link ist ungültig.',
    keepKeys: 'API-Schlüssel behalten',
    keepKeysHint:
      'Die Schlüssel gehen auf Sie über, soweit Ihre Rolle reicht. Andernfalls werden sie endgültig ungültig.',
    removeText:
      'Der Zugang zu diesem Konto endet sofort, und der Benutzer kommt in den Papierkorb. Von dort können Sie ihn wiederherstellen, bis er endgültig gelöscht wird. E-Mail-Adresse, Benutzername und externe ID werden sofort für andere frei.',
    removeTitle: (/** @type {string} */ name) => `${name} entfernen`,
    removeUser: 'Benutzer entfernen',
    removed: (/** @type {string} */ name) => `${name} ist im Papierkorb.`,
    restored: (/** @type {string} */ name) => `${name} ist wiederhergestellt.`,
    revoke: 'Einladung zurückziehen',
    revoked: 'Einladung zurückgezogen. Ihr Link ist ungültig.',
    sendInviteAgain: 'Erneut einladen',
    suspendText:
      'Der Benutzer verliert den Zugang zu diesem Konto, bis Sie ihn wieder entsperren. Es wird nichts gelöscht, aber API-Schlüssel, die er erstellt hat, werden endgültig ungültig.',
    suspendTitle: (/** @type {string} */ name) => `${name} sperren`,
    suspendUser: 'Benutzer sperren',
    suspended: (/** @type {string} */ name) => `${name} ist gesperrt.`,
    undo: 'Rückgängig',
  },

  holds: {
    copyReference: 'Referenz kopieren',
    data: 'Daten',
    kind: 'Art',
    none: 'Keine Löschsperren',
    noneHint:
      'Ein anderer Dienst setzt eine Löschsperre, wenn diesem Benutzer dort etwas gehört, das nicht herrenlos werden darf. Ein Benutzer mit Löschsperre kann nicht entfernt werden.',
    placed: 'Gesetzt',
    reference: 'Referenz',
    release: 'Aufheben',
    releaseHold: 'Löschsperre aufheben',
    releaseText: (/** @type {Children} */ hold) =>
      around`Normalerweise hebt der Dienst, der die Löschsperre gesetzt hat (${hold}), sie auch wieder auf. Ohne Löschsperren kann der Benutzer entfernt werden.`,
    releaseTitle: 'Diese Löschsperre aufheben',
    released: 'Löschsperre aufgehoben.',
  },

  sessions: {
    device: 'Gerät',
    endAll: 'Alle Sitzungen beenden',
    endAllText:
      'Dieser Benutzer wird auf allen Geräten von diesem Konto abgemeldet und muss sich erneut anmelden.',
    endOthers: 'Alle anderen Sitzungen beenden',
    endOthersText: 'Sie werden auf allen anderen Geräten abgemeldet.',
    endSession: 'Sitzung beenden',
    endSessions: 'Sitzungen beenden',
    ended: 'Sitzung beendet.',
    endedCount: (/** @type {number} */ count) =>
      `${counted(count, { one: 'Sitzung', other: 'Sitzungen' })} beendet.`,
    none: 'Keine aktiven Sitzungen',
    noneHint: 'Hier steht jedes Gerät, auf dem dieser Benutzer dieses Konto öffnet.',
    noneOwnHint: 'Hier steht jedes Gerät, auf dem Sie sich mit einem Passwort anmelden.',
    on: (/** @type {string} */ browser, /** @type {string} */ system) => `${browser} auf ${system}`,
    since: 'Angemeldet',
    unknown: 'Unbekanntes Gerät',
    until: 'Endet',
  },

  history: {
    action: 'Aktion',
    noneHint: 'Hier stehen alle Änderungen von jetzt an.',
  },

  audit: {
    actions: {
      'account/create': 'Konto erstellt',
      'account/decline': 'Einladung abgelehnt',
      'account/register': 'Konto registriert',
      'account/remove': 'Konto entfernt',
      'account/update': 'Konto geändert',
      'hold/place': 'Löschsperre gesetzt',
      'hold/release': 'Löschsperre aufgehoben',
      'identity/create': 'Benutzer durch Registrierung beigetreten',
      'identity/verify': 'Benutzer durch Bestätigung der E-Mail-Adresse beigetreten',
      'invite/revoke': 'Einladung zurückgezogen',
      'key/create': 'API-Schlüssel erstellt',
      'key/remove': 'API-Schlüssel entfernt',
      'mail/retry': 'E-Mail erneut gesendet',
      'mail/test': 'Test-E-Mail gesendet',
      'session/remove': 'Sitzungen beendet',
      'totp/remove': 'Zweiter Faktor entfernt',
      'trash/purge': 'Benutzer endgültig gelöscht',
      'trash/restore': 'Benutzer wiederhergestellt',
      'user/changePassword': 'Passwort festgelegt',
      'user/confirmEmail': 'E-Mail-Adresse geändert',
      'user/create': 'Benutzer hinzugefügt',
      'user/createOrRestore': 'Benutzer hinzugefügt oder wiederhergestellt',
      'user/leave': 'Benutzer ausgetreten',
      'user/login': 'Benutzer beigetreten',
      'user/remove': 'Benutzer entfernt',
      'user/undoEmail': 'Änderung der E-Mail-Adresse rückgängig gemacht',
      'user/update': 'Benutzer geändert',
      'user/updateRole': 'Rolle geändert oder Einladung gesendet',
    },
    allActions: 'Alle Aktionen',
    asCsv: 'Als CSV',
    asNdjson: 'Als NDJSON',
    changed: (/** @type {string[]} */ fields) => `Geändert: ${list(fields)}`,
    concerns: 'Betroffener Benutzer',
    did: {
      activate: (by, on, _) => around`${by} hat ${on} entsperrt`,
      ownPassword: (by, _on, _) => around`${by} hat das eigene Passwort geändert`,
      role: (by, on, role) => around`${by} hat ${on} die Rolle ${role} gegeben`,
      suspend: (by, on, _) => around`${by} hat ${on} gesperrt`,
      'account/create': (by, _on, _) => around`${by} hat das Konto erstellt`,
      'account/decline': (by, _on, _) => around`${by} hat die Einladung abgelehnt`,
      'account/register': (by, _on, _) => around`${by} hat das Konto registriert`,
      'account/remove': (by, _on, _) => around`${by} hat das Konto entfernt`,
      'account/update': (by, _on, _) => around`${by} hat das Konto geändert`,
      'hold/place': (by, on, _) => around`${by} hat eine Löschsperre für ${on} gesetzt`,
      'hold/release': (by, on, _) => around`${by} hat eine Löschsperre für ${on} aufgehoben`,
      'identity/create': (by, _on, _) => around`${by} ist beigetreten`,
      'identity/verify': (by, _on, _) => around`${by} ist beigetreten`,
      'invite/revoke': (by, on, _) => around`${by} hat die Einladung an ${on} zurückgezogen`,
      'key/create': (by, on, _) => around`${by} hat ${on} erstellt`,
      'key/remove': (by, on, _) => around`${by} hat ${on} entfernt`,
      'mail/retry': (by, _on, _) => around`${by} hat eine E-Mail erneut senden lassen`,
      'mail/test': (by, _on, _) => around`${by} hat eine Test-E-Mail gesendet`,
      'session/remove': (by, on, _) => around`${by} hat Sitzungen von ${on} beendet`,
      'totp/remove': (by, on, _) => around`${by} hat den zweiten Faktor von ${on} entfernt`,
      'trash/purge': (by, on, _) => around`${by} hat ${on} endgültig gelöscht`,
      'trash/restore': (by, on, _) => around`${by} hat ${on} wiederhergestellt`,
      'user/changePassword': (by, on, _) =>
        around`${by} hat ein neues Passwort für ${on} festgelegt`,
      'user/confirmEmail': (by, _on, _) => around`${by} hat die eigene E-Mail-Adresse geändert`,
      'user/create': (by, on, role) => around`${by} hat ${on} als ${role} hinzugefügt`,
      'user/createOrRestore': (by, on, role) => around`${by} hat ${on} als ${role} hinzugefügt`,
      'user/leave': (by, _on, _) => around`${by} ist ausgetreten`,
      'user/login': (by, _on, _) => around`${by} ist beigetreten`,
      'user/remove': (by, on, _) => around`${by} hat ${on} entfernt`,
      'user/undoEmail': (_by, on, _) =>
        around`Die Änderung der E-Mail-Adresse von ${on} wurde rückgängig gemacht`,
      'user/update': (by, on, _) => around`${by} hat ${on} geändert`,
      'user/updateRole': (by, on, _) => around`${by} hat ${on} eine Einladung gesendet`,
    },
    doneBy: 'Ausgeführt von',
    export: 'Exportieren',
    exported: (/** @type {number} */ count) =>
      `${counted(count, { one: 'Eintrag', other: 'Einträge' })} exportiert.`,
    exportedSome: (/** @type {number} */ count) =>
      `Die neuesten ${number(count)} Einträge sind exportiert. Für ältere grenzen Sie den Zeitraum ein.`,
    fields: {
      email: 'E-Mail-Adresse',
      externalId: 'externe ID',
      first: 'Vorname',
      identity: 'Identität',
      invite: 'Einladung',
      language: 'Sprache',
      last: 'Nachname',
      logo: 'Logo',
      name: 'Name',
      password: 'Passwort',
      preferences: 'Einstellungen',
      settings: 'Einstellungen',
      username: 'Benutzername',
    },
    filter: 'Filter',
    filterCount: (/** @type {number} */ count) =>
      count > 0 ? `Filter (${number(count)})` : 'Filter',
    from: 'Von',
    noUser: (/** @type {string} */ email) =>
      `Kein Benutzer hat die E-Mail-Adresse ${email}. Für entfernte Benutzer geben Sie die ID ein.`,
    noneMatch: 'Keine passenden Einträge',
    other: (/** @type {Children} */ by, /** @type {Children} */ on, /** @type {string} */ action) =>
      around`${by}: ${action} ${on}`,
    roles: AS_ROLE,
    lastWeek: 'Letzte 7 Tage',
    show: 'Einträge anzeigen',
    spans: 'Zeitraum',
    target: (/** @type {string} */ kind, /** @type {string} */ ending) => `${kind} ${ending}`,
    to: 'Bis',
    today: 'Heute',
    userPlaceholder: 'E-Mail oder ID',
    yesterday: 'Gestern',
  },

  me: {
    about: 'Über Sie',
    profile: 'Profil',
    sessions: 'Sitzungen',
    signIn: 'Anmeldung',
  },

  ownSignIn: {
    changePassword: 'Passwort ändern',
    elsewhere: 'Sie melden sich über einen anderen Dienst an',
    elsewhereHint: (/** @type {string | undefined} */ issuer) =>
      `${issuer ?? 'Ihr Anmeldedienst'} verwaltet Ihr Passwort und Ihren zweiten Faktor.`,
    passwordChanged: 'Passwort geändert. Alle Ihre anderen Sitzungen sind beendet.',
    passwordText:
      'Wenn Sie es ändern, enden alle Ihre anderen Sitzungen, und wir informieren Sie per E-Mail.',
  },

  goingForGood: {
    ask: {
      here: 'Meine Zugangsdaten löschen\u00a0…',
      elsewhere: 'Alle meine Konten verlassen\u00a0…',
    },
    lost: 'Sie verlieren sofort und auf allen Geräten den Zugang zu allen Ihren Konten. Um in eines zurückzukehren, brauchen Sie eine neue Einladung von einem seiner Admins.',
    lostHere:
      'Wenn Sie sich mit derselben E-Mail-Adresse neu registrieren, fangen Sie von vorn an.',
    text: {
      here: 'Ihr Passwort, Ihr zweiter Faktor und Ihre Sitzungen werden gelöscht, und Sie verlassen alle Ihre Konten. Die Konten selbst bleiben bestehen, mit allen anderen Benutzern. Das lässt sich nicht rückgängig machen.',
      elsewhere:
        'Sie verlassen alle Ihre Konten. Die Konten selbst bleiben bestehen, mit allen anderen Benutzern, und ebenso Ihre Zugangsdaten beim anderen Dienst.',
    },
    title: { here: 'Meine Zugangsdaten löschen', elsewhere: 'Alle meine Konten verlassen' },
  },

  methods: {
    emailLink: 'Link per E-Mail anfordern',
    goTo: (/** @type {string} */ label) => `Weiter zu ${label}`,
    link: (/** @type {Children} */ label) => around`${label} verknüpfen`,
    linkAnother: (/** @type {Children} */ label) => around`Weiteres Konto bei ${label} verknüpfen`,
    linkAnotherTitle: (/** @type {string} */ label) => `Weiteres Konto bei ${label} verknüpfen`,
    linkText: (/** @type {Children} */ label) =>
      around`Sie gehen zu ${label} und kommen hierher zurück. Von da an kann sich jeder, der sich dort in dem von Ihnen gewählten Konto anmelden kann, hier als Sie anmelden. Wir informieren Sie per E-Mail.`,
    linkTitle: (/** @type {string} */ label) => `${label} verknüpfen`,
    linked: (/** @type {Children} */ ago) => around`Verknüpft: ${ago}`,
    noPassword: 'Sie haben kein Passwort, weil Sie sich über einen Anbieter anmelden.',
    noPasswordSent:
      'Wir haben Ihnen eine E-Mail geschickt. Über den Link darin legen Sie ein Passwort fest und wählen, ob Ihre verknüpften Anbieter verknüpft bleiben.',
    notSet: 'Nicht festgelegt',
    set: 'Festgelegt',
    text: 'Sie können sich mit jeder dieser Methoden anmelden.',
    title: 'Anmeldemethoden',
    unlink: 'Verknüpfung lösen',
    unlinkText: (/** @type {Children} */ who) =>
      around`Die Anmeldung über ${who} ist dann nicht mehr möglich. Alle Ihre anderen Sitzungen enden, und wir informieren Sie per E-Mail.`,
    unlinkTitle: (/** @type {string} */ label) => `Verknüpfung mit ${label} lösen`,
    unlinked: (/** @type {string} */ label) =>
      `Die Verknüpfung mit ${label} ist gelöst. Sie können sich darüber nicht mehr anmelden.`,
    who: (/** @type {Children} */ email, /** @type {Children} */ label) =>
      around`${email} bei ${label}`,
    whoUnnamed: (/** @type {Children} */ label) => around`Ihr Konto bei ${label}`,
  },

  secondFactor: {
    codeOfApp: 'Code aus der App',
    confirm: 'Einschalten',
    confirmForm: 'Zweiten Faktor bestätigen',
    copyAll: 'Alle kopieren',
    off: 'Aus. Ist sie eingeschaltet, kann sich niemand allein mit Ihrem Passwort anmelden.',
    offWithProvider:
      'Aus. Ist sie eingeschaltet, kann sich hier niemand anmelden, der nur in Ihr Konto bei einem Anbieter gelangt.',
    on: 'Ein: Die Anmeldung erfordert einen Code aus Ihrer Authenticator-App oder einen Wiederherstellungscode.',
    recoveryCodes: 'Wiederherstellungscodes',
    qr: 'QR-Code für die Authenticator-App',
    scan: (/** @type {Link} */ link) =>
      around`Scannen Sie diesen Code mit einer Authenticator-App. Ist die App auf diesem Gerät, ${link('öffnen Sie ihn hier')}.`,
    secret: 'Oder geben Sie diesen Schlüssel in der App ein',
    setUp: 'Einrichten',
    setUpForm: 'Zwei-Faktor-Authentifizierung einrichten',
    title: 'Zwei-Faktor-Authentifizierung',
    turnOff: 'Ausschalten',
    turnOffWithProvider:
      'Dann genügt Ihr Konto bei einem Anbieter zum Anmelden, und Ihre Wiederherstellungscodes werden ungültig.',
    turnOffText:
      'Zur Anmeldung genügt dann Ihr Passwort, und Ihre Wiederherstellungscodes werden ungültig.',
    turnOffTitle: 'Zwei-Faktor-Authentifizierung ausschalten',
    turnedOff: 'Die Zwei-Faktor-Authentifizierung ist ausgeschaltet.',
    turnedOn: (/** @type {Children} */ strong) =>
      around`${strong} Bewahren Sie diese Wiederherstellungscodes so auf, dass Sie sie ohne Ihr Gerät finden: Mit jedem können Sie sich einmal anmelden, falls Sie die App verlieren. Sie werden nur jetzt angezeigt.`,
    turnedOnShort: 'Die Zwei-Faktor-Authentifizierung ist eingeschaltet.',
    saved: 'Ich habe sie gespeichert',
  },

  emailedLink: {
    gone: 'Dieser Link gilt nicht mehr: Er wurde schon verwendet, ist abgelaufen oder durch einen neueren ersetzt.',
    incomplete:
      'Dieser Link ist unvollständig. Kopieren Sie ihn noch einmal aus der E-Mail, vom ersten bis zum letzten Zeichen.',
  },

  invite: {
    accept: 'Einladung annehmen',
    acceptAndSignIn: 'Annehmen und anmelden',
    acceptForm: 'Einladung annehmen',
    acceptWith: (/** @type {Children} */ label) => around`Mit ${label} annehmen`,
    acceptWithToken: 'Mit diesem Token annehmen',
    askAgain: 'Bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
    from: (/** @type {Children} */ inviter, /** @type {Role} */ role) =>
      around`${inviter} lädt Sie ein, mit der Rolle ${AS_ROLE[role]} beizutreten.`,
    fromNobody: (/** @type {Role} */ role) =>
      `Sie sind eingeladen, mit der Rolle ${AS_ROLE[role]} beizutreten.`,
    here: 'Mit der aktuellen Anmeldung beitreten',
    incomplete: 'Dieser Link ist unvollständig',
    incompleteHint:
      'Kopieren Sie ihn noch einmal aus der E-Mail, vom ersten bis zum letzten Zeichen.',
    join: (/** @type {Children} */ account) => around`${account} beitreten`,
    joined: (/** @type {string} */ account) => `Sie sind ${account} beigetreten.`,
    knownPassword: 'Ich habe hier schon ein Passwort',
    newHere: 'Ich bin neu hier',
    openFor: (/** @type {Children} */ email, /** @type {Children} */ until) =>
      around`Die Einladung gilt für ${email} bis ${until}.`,
    openUntil: (/** @type {Children} */ until) => around`Die Einladung gilt bis ${until}.`,
    otherService: 'Ich melde mich über einen anderen Dienst an',
    passwordHint: 'Damit melden Sie sich künftig an. Mindestens 8 Zeichen.',
    signInAndAccept: 'Anmelden und annehmen',
    signedIn: 'Sie sind angemeldet.',
    signedInAs: (/** @type {Children} */ email) => around`Sie sind als ${email} angemeldet.`,
    useless: 'Diese Einladung ist nicht verwendbar',
    used: 'Sie wurde bereits angenommen. Wenn Sie das waren, melden Sie sich einfach an.',
  },

  accounts: {
    choose: 'Konto auswählen',
    closed:
      'Sie können kein Konto erstellen, weil dieser Dienst nur auf Einladung zugänglich ist. Bitten Sie den Betreiber um ein Konto.',
    create: 'Neues Konto erstellen',
    createAsOperator:
      'Nur Betreiber wie Sie können hier Konten erstellen. Ein neues Konto hat keine Benutzer, bis Sie einen Admin einladen: jemand anderen oder sich selbst.',
    createHint: 'Sie werden dessen Admin und können andere einladen.',
    created: (/** @type {string} */ account) =>
      `Das Konto ${account} ist erstellt. Sie sind dessen Admin.`,
    decline: 'Ablehnen',
    declineInvitation: 'Einladung ablehnen',
    declineText:
      'Die Einladung verfällt, und ihr Link wird ungültig. Um später beizutreten, brauchen Sie eine neue.',
    declineTitle: (/** @type {string} */ account) => `Einladung in das Konto ${account} ablehnen`,
    declined: (/** @type {string} */ account) =>
      `Sie haben die Einladung in das Konto ${account} abgelehnt.`,
    invitations: 'Einladungen an Sie',
    invitedBy: (/** @type {Children} */ inviter, /** @type {Role} */ role) =>
      around`${inviter} lädt Sie ein, mit der Rolle ${AS_ROLE[role]} beizutreten.`,
    invitedByNobody: (/** @type {Role} */ role) =>
      `Sie sind eingeladen, mit der Rolle ${AS_ROLE[role]} beizutreten.`,
    join: 'Beitreten',
    lastUsed: (/** @type {Children} */ ago) => around`Zuletzt verwendet: ${ago}`,
    leave: 'Verlassen',
    leaveAccount: 'Konto verlassen',
    leaveKeeps: 'Ihre Zugangsdaten und Ihre anderen Konten bleiben unverändert.',
    leaveText: (/** @type {Children} */ account) =>
      around`Sie verlieren sofort und auf allen Geräten den Zugang zu ${account}. Um zurückzukehren, brauchen Sie eine neue Einladung von einem der Admins.`,
    leaveTitle: (/** @type {string} */ account) => `${account} verlassen`,
    left: (/** @type {string} */ account) => `Sie haben das Konto ${account} verlassen.`,
    linkHint: 'Sie finden ihn in Ihrer Einladungs-E-Mail.',
    linkOrCode: 'Link oder Code',
    lookAgain: 'Erneut prüfen',
    name: 'Kontoname',
    noInvitations: 'Sie haben keine offenen Einladungen.',
    none: 'Sie sind angemeldet, gehören aber noch zu keinem Konto.',
    noneHint: (/** @type {Children} */ email) =>
      around`Um einem beizutreten, bitten Sie dessen Admin um eine Einladung${email ? around` an ${email}` : ''}, und prüfen Sie dann erneut. Wenn Sie schon eine Einladung haben, verwenden Sie unten ihren Link.`,
    openInvitation: 'Einladung öffnen',
    openUntil: (/** @type {Children} */ until) => around`Gilt bis ${until}.`,
    own: 'Konten, zu denen Sie gehören',
    switch: 'Zum Konto wechseln',
    useLink: 'Einladungslink verwenden',
  },

  account: {
    admin: 'Admin einladen',
    adminHint: 'Admins verwalten dieses Konto und laden andere ein.',
    appSettings: 'Was Apps zum Konto speichern, als JSON.',
    backToOpen: 'Konto wiederherstellen',
    createdNew: (/** @type {string} */ name) =>
      `Das Konto ${name} ist erstellt. Es gehört noch niemand dazu: Laden Sie einen Admin ein.`,
    deletedOn: (/** @type {Children} */ at) => around`Endgültige Löschung: ${at}`,
    endedSessions: 'Alle sind von diesem Konto abgemeldet.',
    endSessions: 'Alle abmelden',
    endSessionsHint:
      'Alle angemeldeten Benutzer müssen sich erneut anmelden, um dieses Konto zu verwenden. In ihren anderen Konten bleiben sie angemeldet, und API-Schlüssel bleiben gültig.',
    endSessionsOther: 'Alle Benutzer dieses Kontos müssen sich erneut anmelden.',
    endSessionsOwn: 'Alle Benutzer dieses Kontos müssen sich erneut anmelden, auch Sie.',
    findPerson: 'Person suchen',
    insideOf: (/** @type {Children} */ account, /** @type {Link} */ link) =>
      around`Sie sehen das Konto ${account}. ${link('Zurück zu Ihrem Konto')}`,
    invited: (/** @type {string} */ email) => `${email} ist eingeladen.`,
    inviteLink: 'Einladungslink',
    isManaged: 'Verwaltet',
    logo: 'Logo',
    logoChoose: 'Logo auswählen',
    logoForm:
      'PNG bis 1024\u00a0×\u00a01024\u00a0Pixel oder SVG aus Formen, höchstens 32\u00a0KiB. Es wird gespeichert, sobald Sie es auswählen.',
    logoHint: 'Erscheint in Einladungen und, als PNG, in E-Mails, die dieses Konto nennen.',
    logoNone: 'Noch kein Logo.',
    logoRemove: 'Logo entfernen',
    logoRemoved: 'Das Logo ist entfernt.',
    logoRemoveText: 'Einladungen und E-Mails zeigen ab jetzt nur noch den Namen.',
    logoRemoveTitle: 'Logo entfernen',
    logoReplace: 'Anderes Logo auswählen',
    logoSaved: 'Das Logo ist gespeichert.',
    logoTooLarge: (/** @type {string} */ name) => `${name} ist größer als 32\u00a0KiB.`,
    managedHere: (/** @type {string} */ name) =>
      `Die Zugangsdaten von ${name} werden nun verwaltet.`,
    managedNoMore: (/** @type {string} */ name) =>
      `Die Zugangsdaten von ${name} werden nicht mehr verwaltet.`,
    managedOwn: 'Ihr eigenes Konto ist immer verwaltet.',
    nameHint: 'Erscheint in Einladungen und E-Mails.',
    notManaged: 'Eigene',
    pages: 'Seiten dieses Kontos',
    reopened: (/** @type {string} */ name) => `Das Konto ${name} ist wieder aktiv.`,
    removeAccount: 'Konto entfernen',
    removeText:
      'Benutzer und API-Schlüssel verlieren den Zugang. Sie können das Konto noch eine Zeit lang wiederherstellen; danach wird es mit allem Inhalt endgültig gelöscht.',
    removeTitle: (/** @type {string} */ name) => `${name} entfernen`,
    removed: (/** @type {string} */ name) => `Das Konto ${name} ist entfernt.`,
    saveName: 'Namen speichern',
    saveSettings: 'Einstellungen speichern',
    settingsAsJson: 'Einstellungen als JSON',
    showUsers: 'Benutzer anzeigen',
    showUsersOf: (/** @type {string} */ name) => ` von ${name}`,
    signIns: 'Zugangsdaten',
    signInsManaged: 'Verwaltet: Admins können die Zugangsdaten der Benutzer verwalten',
    signInsOwn: 'Benutzer verwalten ihre Zugangsdaten selbst',
    states: {
      active: 'Benutzer und API-Schlüssel haben Zugang.',
      suspended: 'Benutzer und API-Schlüssel haben keinen Zugang, und niemand kann beitreten.',
      removed:
        'Benutzer und API-Schlüssel haben keinen Zugang. Nach einiger Zeit wird das Konto mit allem Inhalt gelöscht.',
    },
    suspendAccount: 'Konto sperren',
    suspendText:
      'Benutzer und API-Schlüssel verlieren den Zugang, bis Sie das Konto wieder entsperren. Es wird nichts gelöscht.',
    suspendTitle: (/** @type {string} */ name) => `${name} sperren`,
    suspended: (/** @type {string} */ name) => `Das Konto ${name} ist gesperrt.`,
    title: 'Konto',
  },

  managed: {
    check: 'Verwaltet: Admins können Passwörter festlegen',
    checkHint:
      'Nur für eine Organisation, deren Admins Sie die Verwaltung der Zugangsdaten anvertrauen.',
    off: 'Aus: Alle verwalten Passwort, zweiten Faktor und E-Mail-Adresse selbst. Admins laden sie ein, können ihre Zugangsdaten aber nicht ändern.',
    on: 'Ein: Admins können Benutzer mit Passwort anlegen. Für Benutzer, deren Zugangsdaten zum Konto gehören, können sie ein neues Passwort festlegen, den zweiten Faktor entfernen und die E-Mail-Adresse ändern.',
    start: 'Zugangsdaten verwalten',
    startKeeps: 'Für Personen, die bereits zum Konto gehören, ändert sich nichts.',
    startText:
      'Die Admins können dann Benutzer mit Passwort anlegen und deren Zugangsdaten verwalten. Tun Sie das nur für eine Organisation, deren Admins Sie das anvertrauen.',
    startTitle: (/** @type {string} */ name) => `Zugangsdaten von ${name} verwalten`,
    stop: 'Verwaltung beenden',
    stopForever:
      'Das ist endgültig: Wenn Sie die Verwaltung später wieder einschalten, gilt sie nicht für Personen, die dann bereits zum Konto gehören.',
    stopText:
      'Die Admins können keine Passwörter mehr festlegen, keine zweiten Faktoren mehr entfernen und keine E-Mail-Adressen mehr ändern. Alle behalten ihre Zugangsdaten und verwalten sie selbst.',
    stopTitle: (/** @type {string} */ name) => `Verwaltung der Zugangsdaten von ${name} beenden`,
    title: 'Verwaltete Zugangsdaten',
  },

  person: {
    account: 'Konto',
    accounts: 'Konten dieser Person',
    find: 'Person suchen',
    hint: 'Geben Sie die ganze E-Mail-Adresse ein, um alle Konten zu sehen, zu denen die Person gehört.',
    none: (/** @type {string} */ email) =>
      `In keinem Konto gibt es einen Benutzer mit der E-Mail-Adresse ${email}.`,
    showAll: 'Alle Konten anzeigen',
    title: 'Person suchen',
  },

  keys: {
    copyStart: 'Anfang des Schlüssels kopieren',
    access: 'Zugriff',
    accesses: { write: 'Lesen und schreiben', read: 'Nur lesen' },
    create: 'Schlüssel erstellen',
    createTitle: 'API-Schlüssel erstellen',
    ends: 'Läuft ab',
    key: 'Schlüssel',
    lastDay: 'Letzter Tag',
    lastDayHint: 'Mit Ablauf dieses Tages wird der Schlüssel ungültig.',
    lastUsed: (/** @type {Children} */ at) => around`Zuletzt verwendet: ${at}`,
    made: (/** @type {Children} */ name) =>
      around`${name} ist erstellt. Kopieren Sie den Schlüssel jetzt: Er wird nur einmal angezeigt.`,
    nameHint: 'Zum Beispiel das Programm, das den Schlüssel verwendet.',
    newKey: 'Neuer Schlüssel',
    none: 'Keine API-Schlüssel',
    noneHint:
      'Mit einem Schlüssel ruft ein Programm den Dienst mit den Rechten einer Rolle auf. Erstellen Sie für jedes Programm einen eigenen.',
    owner: 'Inhaber',
    removeKey: 'Schlüssel entfernen',
    removeText:
      'Programme, die den Schlüssel verwenden, verlieren sofort den Zugang. Ein entfernter Schlüssel lässt sich nicht wiederherstellen.',
    removeTitle: (/** @type {string} */ name) => `${name} entfernen`,
    removed: 'API-Schlüssel entfernt.',
    saved: 'Ich habe ihn gespeichert',
    title: 'API-Schlüssel',
  },

  mail: {
    again: 'Die E-Mail wird erneut gesendet.',
    againCount: (/** @type {number} */ count) =>
      count === 1
        ? '1 E-Mail wird erneut gesendet.'
        : `${counted(count, { other: 'E-Mails' })} werden erneut gesendet.`,
    cannotRead: 'Nicht lesbar',
    emails: 'E-Mails',
    kind: 'Art',
    kinds: {
      already_signed_up: 'Bereits registriert',
      confirm_code: 'Bestätigungscode',
      confirm_email: 'Neue Adresse bestätigen',
      email_changed: 'Adresse geändert',
      email_in_use: 'Adresse bereits verwendet',
      invite: 'Einladung',
      key_created: 'API-Schlüssel erstellt',
      new_sign_in: 'Neue Anmeldung',
      password_changed: 'Passwort geändert',
      provider_code: 'Code für Anbieter',
      provider_linked: 'Anbieter verknüpft',
      provider_removed: 'Verknüpfung gelöst',
      recovery_code_used: 'Wiederherstellungscode verwendet',
      reset: 'Passwort zurücksetzen',
      role_granted: 'Rolle erhalten',
      second_factor_off: 'Zwei-Faktor aus',
      second_factor_on: 'Zwei-Faktor ein',
      second_factor_removed: 'Zweiter Faktor entfernt',
      sessions_ended: 'Sitzungen beendet',
      sign_in_removed: 'Zugangsdaten gelöscht',
      test: 'Test-E-Mail',
      unbound: 'Identität getrennt',
      verify: 'Registrierung bestätigen',
    },
    lastError: 'Letzter Fehler',
    lookAgain: 'Aktualisieren',
    nextTry: 'Nächster Versuch',
    none: 'Keine unzustellbaren E-Mails',
    noneHint: 'Unzustellbare E-Mails bleiben 30 Tage lang hier, mit der Ursache.',
    noneWaiting: 'Keine wartenden E-Mails',
    noneWaitingHint: 'Hier warten E-Mails, solange der Mailserver nicht erreichbar ist.',
    sendAllAgain: 'Alle erneut senden',
    sendAllText:
      'Jede E-Mail wird sofort erneut gesendet, als wäre sie neu. Beheben Sie zuerst die Ursache.',
    sendAllTitle: 'Alle unzustellbaren E-Mails erneut senden',
    sendAgainTo: (/** @type {string | undefined} */ to) => ` an ${to ?? ''}`,
    server: {
      accepted: (/** @type {Children} */ to) =>
        around`Der Mailserver hat die E-Mail an ${to} angenommen. Wenn sie nicht innerhalb weniger Minuten ankommt, sehen Sie im Spam-Ordner nach.`,
      address: 'Mailserver',
      advice: {
        ask_server:
          'Der Server lehnt Verbindungen von hier ab. Fragen Sie seinen Betreiber und prüfen Sie, ob die Adresse dieses Rechners auf einer Sperrliste steht.',
        check_host: 'Prüfen Sie den Host in smtp_url und den Nameserver des Rechners.',
        check_port:
          'Prüfen Sie Host und Port in smtp_url, ob der Server läuft und ob keine Firewall im Weg ist. Viele Hosting-Anbieter sperren die Ports 25, 465 und 587.',
        check_recipient:
          'Prüfen Sie die Adresse des Empfängers. Wenn der Server kein Relaying erlaubt, geben Sie es für diesen Dienst frei.',
        check_sender:
          'Setzen Sie mail_from auf eine Adresse, von der dieser Dienst über den Server senden darf.',
        check_sign_in:
          'Prüfen Sie Benutzername und Passwort in smtp_url. Manche Anbieter verlangen ein App-Passwort. Schreiben Sie @ als %40 und / als %2F.',
        check_tls:
          'Verwenden Sie smtps:// für TLS von Anfang an (meist Port 465), smtp:// für STARTTLS (meist 587). Für eine private Zertifizierungsstelle setzen Sie smtp_ca.',
        read_reply: 'Seine Antwort nennt den Grund, etwa einen Spamfilter oder ein Kontingent.',
        set_server:
          'Setzen Sie smtp_url, etwa auf smtps://benutzer:passwort@mail.example.com, und starten Sie den Dienst neu.',
      },
      error: (/** @type {Children} */ why) => around`Fehler: ${why}`,
      lastFailed: 'Zuletzt fehlgeschlagen',
      lastSent: 'Zuletzt gesendet',
      never: 'Noch nie',
      noServer: (/** @type {Children} */ folder) =>
        around`Es ist kein Mailserver eingestellt. E-Mails werden nicht gesendet, sondern im Ordner ${folder} abgelegt.`,
      refuses: (/** @type {Children} */ since) =>
        around`Der Mailserver nimmt keine E-Mails an. Erste Ablehnung: ${since}. Die E-Mails warten und werden später erneut gesendet.`,
      reply: (/** @type {Children} */ reply) => around`Antwort des Servers: ${reply}`,
      sender: 'Absender',
      since: (/** @type {Children} */ count, /** @type {Children} */ at) =>
        around`${count}, die älteste erstellt: ${at}`,
      stages: {
        connect: 'Der Mailserver ist nicht erreichbar oder weist diesen Dienst ab.',
        content: 'Der Mailserver hat die E-Mail selbst abgelehnt.',
        recipient: 'Der Mailserver hat Ihre Adresse als Empfänger abgelehnt.',
        resolve: 'Der Name des Mailservers lässt sich nicht auflösen.',
        sender: 'Der Mailserver hat den Absender abgelehnt.',
        settings: 'Es ist kein Mailserver eingestellt.',
        signIn: 'Der Mailserver hat den Benutzer oder das Passwort abgelehnt.',
        tls: 'Keine sichere Verbindung (TLS) zum Mailserver.',
      },
      test: 'Test-E-Mail senden',
      testing: 'Wird gesendet\u00a0… Das dauert einige Sekunden.',
      title: 'Mailserver',
      tls: { implicit: 'TLS', none: 'ohne TLS', starttls: 'TLS (STARTTLS)' },
      unknown: 'Es wurde noch keine E-Mail gesendet.',
      waiting: 'Wartend',
      waitingCount: (/** @type {number} */ count, /** @type {boolean} */ more) =>
        more ? `Mehr als ${emails(count)}` : emails(count),
      works: 'E-Mails werden gesendet.',
    },
    title: 'Postausgang',
    to: 'An',
    tries: 'Versuche',
    undeliverable: 'Unzustellbar',
    waiting: 'Wartend',
    written: 'Erstellt',
  },

  existing: {
    is: (/** @type {Role} */ role, /** @type {string} */ standing) =>
      `Schon vorhanden: Rolle ${AS_ROLE[role]}, ${EXISTING[standing]}. Es wurde nichts geändert.`,
  },

  inviteUsers: {
    addresses: 'E-Mail-Adressen',
    addressesHint:
      'Eine oder viele, kopiert aus einer E-Mail oder Tabelle. Namen vor <…> oder in den Zellen vor einer Adresse werden übernommen.',
    addressesMissing: 'Geben Sie mindestens eine E-Mail-Adresse ein.',
    copyAll: 'Alle Links kopieren',
    count: (
      /** @type {number} */ invited,
      /** @type {number} */ all,
      /** @type {number} */ failed,
    ) =>
      `${number(invited)} von ${number(all)} eingeladen${failed > 0 ? `, ${number(failed)} fehlgeschlagen` : ''}.`,
    invite: 'Einladung senden',
    inviteCount: (/** @type {number} */ count) => `${invitations(count)} senden`,
    invited: 'Eingeladen',
    inviting: 'Einladungen',
    invitedAs: (/** @type {Role} */ role, /** @type {boolean} */ wasThere) =>
      `${wasThere ? 'Schon vorhanden, erneut eingeladen' : 'Eingeladen'} mit der Rolle ${AS_ROLE[role]}`,
    keepRoles: (/** @type {number} */ count) =>
      `${number(count)} mit der bisherigen Rolle einladen`,
    invitations: 'Einladungen',
    languageHint: 'Es gibt E-Mails auf Deutsch und Englisch.',
    link: 'Link',
    notSent: 'Noch nicht gesendet',
    notSentCount: (/** @type {number} */ count) => `${number(count)} nicht gesendet`,
  },

  transfer: {
    all: 'Alle Zeilen',
    allHint:
      'Alle Benutzer außer denen im Papierkorb, als Datei mit einem JSON-Objekt pro Zeile. Der Import kann sie wieder lesen.',
    export: 'Export',
    exportAll: 'Alle Benutzer exportieren',
    continue: 'Fortsetzen',
    exported: (/** @type {number} */ count) => `${users(count)} exportiert.`,
    failed: 'Nicht importiert',
    file: 'Datei',
    ignored: (/** @type {string[]} */ columns) =>
      `${columns.length === 1 ? 'Nicht verwendete Spalte' : 'Nicht verwendete Spalten'}: ${columns.join(', ')}.`,
    import: 'Import',
    importUsers: 'Benutzer importieren',
    importCount: (/** @type {number} */ count) => `${users(count)} importieren`,
    imported: 'Importiert',
    importedAs: (/** @type {Role} */ role) => `Importiert mit der Rolle ${AS_ROLE[role]}`,
    importedCount: (
      /** @type {number} */ made,
      /** @type {number} */ all,
      /** @type {number} */ failed,
    ) =>
      `${number(made)} von ${number(all)} importiert${failed > 0 ? `, ${number(failed)} fehlgeschlagen` : ''}.`,
    dismiss: 'Ergebnis ausblenden',
    goesOn: 'Sie können diese Seite verlassen: Der Import läuft weiter.',
    importing: 'Import',
    line: 'Zeile',
    lines: 'Zeilen',
    linesMissing: 'Geben Sie mindestens eine Zeile ein, oder wählen Sie eine Datei.',
    noLines: 'Keine passenden Zeilen',
    notImported: (/** @type {number} */ count) => `${number(count)} nicht importiert`,
    notTried: 'Nicht versucht',
    notTriedYet: 'Noch nicht versucht',
    roleHint: 'Für Zeilen, die keine Rolle nennen.',
    saveLeft: 'Übrige Zeilen als Datei speichern',
    saveResults: 'Ergebnis als Datei speichern',
    sendInvite: 'Allen eine Einladung per E-Mail senden',
    show: 'Anzeigen',
    soFar: (/** @type {number} */ count) => `Bisher ${users(count)}\u00a0…`,
    stopped: 'Angehalten',
    title: 'Import und Export',
    tooLarge: (/** @type {string} */ name) =>
      `${name} ist größer als 5\u00a0MB. Teilen Sie die Datei in kleinere auf.`,
    usersHint:
      'CSV mit Spaltennamen in der ersten Zeile, NDJSON aus einem Export, ein JSON-Array oder eine E-Mail-Adresse pro Zeile.',
  },

  trash: {
    delete: 'Löschen',
    deleteForGood: 'Endgültig löschen',
    deleteText:
      'Alles, was zu diesem Benutzer gespeichert ist, wird sofort gelöscht. Das lässt sich nicht rückgängig machen.',
    deleteTitle: (/** @type {string} */ name) => `${name} endgültig löschen`,
    deleted: (/** @type {string} */ name) => `${name} ist gelöscht.`,
    deletedOn: 'Löschung am',
    empty: 'Der Papierkorb ist leer',
    emptyHint:
      'Benutzer, die Sie entfernen, bleiben eine Zeit lang hier und lassen sich wiederherstellen.',
    firstRemovedFirst: 'Zuerst entfernte zuerst',
    lastRemovedFirst: 'Zuletzt entfernte zuerst',
    tooMany:
      'Es gibt zu viele entfernte Benutzer, um sie zu sortieren. Die zuletzt hinzugefügten stehen oben.',
    needsInvite: (/** @type {string} */ name) =>
      `${name} ist wiederhergestellt und braucht eine Einladung, um beizutreten.`,
    removed: 'Entfernt',
    removedUsers: 'Entfernte Benutzer',
    restore: 'Wiederherstellen',
    restoreOther: (/** @type {string} */ name) => `${name} mit anderen Werten wiederherstellen`,
    restoreOtherHint:
      'Lassen Sie das Feld leer, um den Benutzer ohne diese Angabe wiederherzustellen.',
    restoreOtherText: (/** @type {string} */ taken, /** @type {string} */ name) =>
      `In diesem Konto hat inzwischen jemand anderes ${taken}. Geben Sie etwas anderes ein, um ${name} wiederherzustellen.`,
    restoreUser: 'Benutzer wiederherstellen',
    restored: (/** @type {string} */ name) => `${name} ist wiederhergestellt.`,
    showUser: 'Benutzer anzeigen',
    taken: {
      newEmail: (/** @type {string} */ value) => `die E-Mail-Adresse ${value}`,
      username: (/** @type {string} */ value) => `den Benutzernamen ${value}`,
      externalId: (/** @type {string} */ value) => `die externe ID ${value}`,
    },
  },

  signIn: {
    clearText:
      'Diese Verbindung ist nicht verschlüsselt, und dieser Browser bewahrt Ihre Sitzung so auf, dass Skripte auf dieser Seite sie lesen können.',
    firstRun: 'Erster Start: Einrichtungscode verwenden',
    forgot: 'Passwort vergessen?',
    or: 'oder',
    readable:
      'Dieser Browser bewahrt Ihre Sitzung so auf, dass Skripte auf dieser Seite sie lesen können.',
    signUp: 'Registrieren',
    withPassword: 'Mit Passwort anmelden',
    withProvider: 'Mit einem Anbieter anmelden',
    withToken: 'Mit Token anmelden',
  },

  token: {
    hint: 'Ein Identitätstoken (JWT) eines Dienstes, dem dieser vertraut. Dieser Browser bewahrt es auf, bis es abläuft oder Sie sich abmelden.',
    label: 'Token',
    missing: 'Fügen Sie ein Token ein.',
    spaces: 'Ein Token enthält keine Leerzeichen oder Zeilenumbrüche.',
  },

  signUp: {
    byInvitation: 'Registrierung nur mit Einladung',
    byInvitationHint:
      'Hier kann sich nur registrieren, wer eingeladen ist. Folgen Sie dem Link in Ihrer Einladung.',
    instead: 'Stattdessen anmelden',
    invited: 'Wenn Sie eingeladen wurden, folgen Sie stattdessen dem Link in der Einladung.',
    passwordHint: 'Mindestens 8 Zeichen. Sie brauchen es wieder, wenn Sie dem Link folgen.',
    title: 'Registrieren',
  },

  checkEmail: {
    text: (/** @type {Children} */ to) =>
      around`Wir haben eine E-Mail an ${to} geschickt. Folgen Sie innerhalb von 24 Stunden dem Link darin, und geben Sie Ihr Passwort noch einmal ein.`,
    title: 'Sehen Sie in Ihrem Postfach nach',
  },

  forgot: {
    sendLink: 'Link senden',
    sent: (/** @type {Children} */ to) =>
      around`Falls ${to} hier registriert ist, haben wir eine E-Mail an diese Adresse geschickt. Der Link darin funktioniert einmal und nur eine Stunde lang.`,
    text: 'Wir schicken Ihnen einen Link, über den Sie ein neues festlegen können.',
    title: 'Passwort vergessen?',
  },

  reset: {
    another: 'Neuen Link anfordern',
    done: 'Ihr neues Passwort ist festgelegt. Melden Sie sich damit an.',
    keepProviders: 'Meine verknüpften Anbieter behalten',
    keepProvidersHint:
      'Andernfalls werden die Verknüpfungen gelöst: Wer in Ihr Konto eingedrungen ist, kann einen eigenen Anbieter verknüpft haben.',
    ofAccount: (/** @type {Children} */ account) =>
      around`Das Konto ${account} hat Sie hinzugefügt.`,
    set: 'Passwort festlegen',
    text: (/** @type {Children} */ email) =>
      around`Sie legen das neue Passwort für ${email} fest. Dabei werden Sie auf allen Geräten abgemeldet.`,
    title: 'Neues Passwort festlegen',
  },

  verify: {
    again: 'Erneut registrieren',
    confirm: 'Bestätigen und anmelden',
    text: 'Geben Sie das Passwort ein, das Sie bei der Registrierung gewählt haben.',
    title: 'E\u2011Mail-Adresse bestätigen',
  },

  confirmEmail: {
    changed: 'Ihre E\u2011Mail-Adresse ist geändert',
    changedTo: (/** @type {Children} */ email) =>
      around`Ihre E-Mail-Adresse ist jetzt ${email}. Alle Ihre anderen Sitzungen sind beendet.`,
    confirm: 'E-Mail-Adresse bestätigen',
    notNow: 'Nicht jetzt',
    text: (/** @type {Children} */ email) =>
      around`Sie sind als ${email} angemeldet. Bestätigen Sie die Änderung nur, wenn Sie diese Adresse durch die ersetzen wollten, an die der Link geschickt wurde. Alle Ihre anderen Sitzungen enden, und wir informieren die alte Adresse über die Änderung.`,
    title: 'Neue E\u2011Mail-Adresse bestätigen',
    toProfile: 'Zu Ihrem Profil',
  },

  undoEmail: {
    changedMyself: 'Ich habe sie selbst geändert',
    done: (/** @type {Children} */ email) =>
      around`Ihre E-Mail-Adresse ist wieder ${email}, und Ihr neues Passwort ist festgelegt. Melden Sie sich damit an.`,
    text: 'Sie erhalten Ihre alte E-Mail-Adresse zurück und wählen ein neues Passwort. Alle, die in Ihrem Namen angemeldet sind, werden auf allen Geräten abgemeldet. Die Zwei-Faktor-Authentifizierung ist wieder wie vor der Änderung, und die Verknüpfungen mit Anbietern werden gelöst.',
    title: 'Änderung der E\u2011Mail-Adresse rückgängig machen',
    undo: 'Änderung rückgängig machen',
  },

  setUp: {
    account: 'Kontoname',
    accountHint: 'Zum Beispiel der Name Ihrer Firma. Personen, die Sie einladen, sehen ihn.',
    already: 'Schon eingerichtet? Anmelden',
    code: 'Einrichtungscode',
    codeHint: 'Der Befehl guestlist setup-code gibt ihn noch einmal aus.',
    codeMissing: 'Geben Sie zuerst den Einrichtungscode ein.',
    submit: 'Einrichten und anmelden',
    text: 'Sie werden Betreiber: Sie dürfen alles und können andere einladen. Der Dienst gibt den Einrichtungscode beim Start aus. Der Code funktioniert einmal.',
    title: 'Guestlist einrichten',
    with: (/** @type {Children} */ label) => around`Mit ${label} einrichten`,
  },

  provider: {
    back: 'Zurück zur Einladung',
    backToMethods: 'Zurück zu Ihren Anmeldemethoden',
    begunElsewhere:
      'Diese Anmeldung wurde in einem anderen Tab oder Browser oder vor mehr als zehn Minuten begonnen und kann hier nicht abgeschlossen werden.',
    checkEmail: 'Sehen Sie in Ihrem Postfach nach',
    codeFromEmail: 'Code aus der E-Mail',
    codeFromEmailHint: '8 Ziffern.',
    codeIsWrong: 'Dieser Code ist falsch oder abgelaufen.',
    continueHere: 'Mit der aktuellen Anmeldung fortfahren',
    continueWith: (/** @type {Children} */ label) => around`Weiter mit ${label}`,
    denied: (/** @type {Children} */ label) =>
      around`Die Anmeldung bei ${label} wurde abgebrochen oder abgelehnt. Wenn Sie das nicht wollten, beginnen Sie noch einmal. Wenn es immer wieder passiert, wenden Sie sich an den Betreiber.`,
    emailCode: 'Stattdessen Code per E-Mail anfordern',
    enterCode: 'Geben Sie Ihren Code ein',
    enterCodeText: (/** @type {Children} */ label) =>
      around`${label} hat Ihre Identität bestätigt. Die Zwei-Faktor-Authentifizierung ist eingeschaltet; geben Sie daher auch Ihren Code ein.`,
    link: (/** @type {Children} */ label) => around`${label} verknüpfen`,
    linkByCode: (/** @type {Children} */ label) =>
      around`Ihre Adresse bei ${label} ist hier schon registriert. Wenn Sie das waren, geben Sie den Code ein, den wir an diese Adresse geschickt haben. Danach können Sie sich mit ${label} anmelden.`,
    linkByPassword: (/** @type {Children} */ label) =>
      around`Ihre Adresse bei ${label} ist hier schon registriert. Wenn Sie das waren, geben Sie das Passwort ein, das Sie hier verwenden. Danach können Sie sich mit ${label} anmelden.`,
    linked: (/** @type {string} */ label) => `Sie können sich jetzt mit ${label} anmelden.`,
    newCode: 'Wir haben Ihnen einen neuen Code geschickt. Der ältere ist ungültig.',
    notIn: 'Sie sind noch nicht angemeldet',
    nothingLinked: 'Es wurde nichts verknüpft',
    otherWay: 'Auf andere Weise anmelden',
    passwordIsWrong: 'Dieses Passwort ist falsch.',
    pending: (/** @type {Children} */ label) =>
      around`Wir haben einen Code an Ihre Adresse bei ${label} geschickt, um sicherzugehen, dass sie Ihnen gehört. Er gilt zehn Minuten.`,
    notConfirmed:
      'Der Anbieter hat nicht bestätigt, wer Sie sind, oder Sie haben sich dort vor zu langer Zeit angemeldet. Melden Sie sich dort ab, und beginnen Sie noch einmal.',
    prove: 'Bestätigen Sie Ihre Identität',
    reasons: {
      not_registered:
        'Ihre Adresse beim Anbieter wurde nicht eingeladen, und hier kann sich nur registrieren, wer eingeladen ist. Bitten Sie um eine Einladung.',
      invite_email:
        'Die Einladung gilt für eine andere Adresse als Ihre beim Anbieter. Nehmen Sie sie auf andere Weise an, oder bitten Sie um eine Einladung an Ihre Adresse.',
      email_unverified:
        'Der Anbieter hat Ihre Adresse nicht bestätigt, daher kann sie hier nicht verwendet werden. Bestätigen Sie sie dort, und beginnen Sie noch einmal.',
      email_required:
        'Der Anbieter hat uns Ihre Adresse nicht mitgeteilt, daher wissen wir nicht, wer Sie sind. Erlauben Sie es ihm, oder melden Sie sich auf andere Weise an.',
      invalid_state:
        'Das hat zu lange gedauert oder wurde bereits abgeschlossen. Beginnen Sie noch einmal.',
      provider_taken:
        'Mit diesem Konto beim Anbieter meldet sich hier schon jemand anderes an. Wählen Sie ein anderes, oder lassen Sie zuerst dort die Verknüpfung lösen.',
    },
    signingIn: 'Anmeldung läuft',
    startAgain: (/** @type {Children} */ label) => around`Mit ${label} neu beginnen`,
    usePassword: 'Passwort verwenden',
    wrongSetUp: 'Der Anbieter ist nicht richtig eingerichtet. Informieren Sie den Betreiber.',
  },

  errors: {
    account_mismatch: 'Der API-Schlüssel gehört zu einem anderen Konto.',
    account_removed:
      'Dieses Konto ist entfernt und nimmt nichts Neues an. Stellen Sie es zuerst wieder her.',
    account_required:
      'Sie gehören zu mehreren Konten. Wählen Sie aus, in welchem Sie arbeiten möchten.',
    already_registered: 'Diese Person ist dem Konto bereits beigetreten.',
    ambiguous: 'Mehrere Benutzer passen. Machen Sie genauere Angaben.',
    email_required:
      'Der Anbieter hat uns Ihre E-Mail-Adresse nicht mitgeteilt. Erlauben Sie es ihm, oder melden Sie sich auf andere Weise an.',
    email_taken: 'Diese E-Mail-Adresse wird bereits verwendet. Wählen Sie eine andere.',
    email_unverified:
      'Ihre E-Mail-Adresse ist noch nicht bestätigt. Bestätigen Sie sie bei dem Dienst, über den Sie sich anmelden.',
    external_id_taken: 'Ein anderer Benutzer hat diese externe ID bereits. Wählen Sie eine andere.',
    forbidden: 'Ihre Rolle erlaubt das nicht.',
    forbidden_field: 'Ihre Rolle erlaubt es nicht, dieses Feld zu ändern.',
    held: 'Diesem Benutzer gehört noch etwas in einem anderen Dienst. Heben Sie zuerst die Löschsperren auf.',
    home_account: 'Das Konto des Betreibers bleibt immer offen.',
    idempotency_mismatch:
      'Diese Anfrage wurde bereits mit anderem Inhalt gesendet. Laden Sie die Seite neu.',
    internal: 'Im Dienst ist ein Fehler aufgetreten. Bitte versuchen Sie es erneut.',
    invalid_credentials: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
    invalid_cursor:
      'Diese Seite der Liste gibt es nicht mehr. Beginnen Sie wieder am Anfang der Liste.',
    invalid_state:
      'Das hat zu lange gedauert oder wurde bereits abgeschlossen. Beginnen Sie noch einmal.',
    invite_email:
      'Die Einladung gilt für eine andere E-Mail-Adresse. Melden Sie sich mit dieser an.',
    invite_used: 'Diese Einladung wurde bereits angenommen.',
    last_admin:
      'Das Konto braucht mindestens einen Admin. Machen Sie zuerst jemand anderen zum Admin.',
    last_credential:
      'Ohne diese Anmeldemethode könnten Sie sich nicht mehr anmelden. Legen Sie zuerst ein Passwort fest, oder verknüpfen Sie einen anderen Anbieter.',
    last_root:
      'Der Dienst braucht mindestens einen Root-Benutzer. Geben Sie zuerst jemand anderem diese Rolle.',
    link_required:
      'Diese Adresse ist hier schon registriert. Bestätigen Sie, dass sie Ihnen gehört.',
    malformed_json: 'Die Anfrage ist kein gültiges JSON.',
    method_not_allowed: 'Diese Adresse nimmt solche Anfragen nicht an.',
    no_password: 'Hier ist kein Passwort festgelegt. Melden Sie sich auf andere Weise an.',
    not_found: 'Das gibt es nicht, oder Sie haben keinen Zugriff darauf.',
    not_registered: 'Sie gehören hier zu keinem Konto. Bitten Sie um eine Einladung.',
    number_taken: 'Diese Nummer ist bereits vergeben.',
    offset_too_large: 'So weit reicht die Liste nicht. Beginnen Sie wieder am Anfang der Liste.',
    own_sign_in:
      'Diese Person verwaltet ihre Zugangsdaten selbst; niemand sonst kann festlegen oder ändern, wie sie sich anmeldet. Laden Sie sie ohne Passwort ein. Wer beigetreten ist, legt über „Passwort vergessen?“ auf der Anmeldeseite ein neues fest.',
    provider_denied: 'Die Anmeldung beim Anbieter wurde abgebrochen oder abgelehnt.',
    provider_refused: 'Die Antwort des Anbieters war ungültig. Beginnen Sie noch einmal.',
    provider_taken: 'Mit diesem Konto beim Anbieter meldet sich hier schon jemand anderes an.',
    provider_unavailable:
      'Der Anbieter ist nicht erreichbar. Bitte versuchen Sie es später erneut.',
    reauthentication_required: 'Bitte melden Sie sich erneut an, um fortzufahren.',
    reply_lost: 'Die Anfrage wurde bereits ausgeführt. Laden Sie die Seite neu.',
    request_timeout: 'Die Anfrage kam nicht rechtzeitig an. Bitte versuchen Sie es erneut.',
    session_replaced:
      'Diese Sitzung wurde in einem anderen Tab beendet. Melden Sie sich erneut an, um fortzufahren.',
    suspended: 'Ihr Zugang ist gesperrt. Wenden Sie sich an einen Admin.',
    too_large: 'Die Anfrage ist zu groß.',
    too_many_accounts:
      'Sie können keinem weiteren Konto angehören. Verlassen Sie eines, das Sie nicht mehr brauchen, und versuchen Sie es dann erneut.',
    too_many_keys: 'Dieser Benutzer hat zu viele API-Schlüssel. Entfernen Sie zuerst einen.',
    too_many_providers:
      'Sie können keine weiteren Anbieter verknüpfen. Lösen Sie zuerst eine Verknüpfung.',
    too_many_requests: 'Zu viele Versuche. Warten Sie kurz, und versuchen Sie es dann erneut.',
    too_many_users: 'Zu viele Benutzer passen. Schränken Sie die Suche ein.',
    totp_enrolled: 'Die Zwei-Faktor-Authentifizierung ist bereits eingeschaltet.',
    totp_required: 'Geben Sie auch den Code Ihres zweiten Faktors ein.',
    unauthenticated: 'Bitte melden Sie sich erneut an.',
    unavailable: 'Der Dienst ist gerade nicht verfügbar. Bitte versuchen Sie es gleich erneut.',
    unknown_field: 'Die Anfrage enthält ein unbekanntes Feld. Laden Sie die Seite neu.',
    unreachable:
      'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Verbindung, und versuchen Sie es dann erneut.',
    unsupported_media_type: 'Die Anfrage hat ein unbekanntes Format. Laden Sie die Seite neu.',
    username_taken:
      'Ein anderer Benutzer hat diesen Benutzernamen bereits. Wählen Sie einen anderen.',
    validation_failed: 'Bitte prüfen Sie Ihre Eingaben.',
    version_mismatch: 'Inzwischen wurde dieser Eintrag geändert. Laden Sie die Seite neu.',
  },

  faults: {
    required: (/** @type {string} */ label) => `${label}: Bitte ausfüllen.`,
    email: (/** @type {string} */ label) => `${label}: Das ist keine gültige E-Mail-Adresse.`,
    length: (/** @type {string} */ label) => `${label}: Die Eingabe ist zu kurz oder zu lang.`,
    format: (/** @type {string} */ label) => `${label}: Die Eingabe hat nicht das richtige Format.`,
    in: (/** @type {string} */ label) => `${label}: Dieser Wert ist nicht möglich.`,
    type: (/** @type {string} */ label) => `${label}: Dieser Wert ist nicht möglich.`,
    range: (/** @type {string} */ label) => `${label}: Dieser Wert ist zu klein oder zu groß.`,
    unknown_field: (/** @type {string} */ label) => `${label}: Dieses Feld ist unbekannt.`,
    unseen: (/** @type {string} */ label) =>
      `${label}: Die Eingabe enthält unsichtbare oder irreführende Zeichen.`,
    wrong: (/** @type {string} */ label) => `${label}: Die Eingabe ist falsch.`,
    taken: (/** @type {string} */ label) => `${label}: Dieser Wert ist bereits vergeben.`,
    'state.transition': (/** @type {string} */ label) =>
      `${label}: Diese Änderung ist nicht mehr möglich. Laden Sie die Seite neu.`,
    common: (/** @type {string} */ label) =>
      `${label}: Das ist leicht zu erraten. Wählen Sie ein längeres, etwa aus einigen Wörtern, die nichts miteinander zu tun haben.`,
    'emailCode.wrong': () => 'Dieser Code ist falsch oder abgelaufen.',
    'totp.wrong': () => 'Dieser Code ist falsch oder wurde schon verwendet.',
    'password.length': (/** @type {string} */ label) => `${label}: Mindestens 8 Zeichen.`,
    'newPassword.length': (/** @type {string} */ label) => `${label}: Mindestens 8 Zeichen.`,
    'username.format': (/** @type {string} */ label) =>
      `${label}: Mindestens 3 Zeichen aus a–z, 0–9, „_“, „.“ und „-“, mit Buchstabe oder Ziffer an beiden Enden.`,
    'language.format': (/** @type {string} */ label) =>
      `${label}: Bitte ein Sprachkürzel wie de, en oder pt-BR eingeben.`,
  },
};
