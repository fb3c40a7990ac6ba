// What the components say, in German; `en.ts` says what each text is for. The words are those of the console.

import type { ErrorCode, Fault, GuestlistError, Role } from 'guestlist-client';
import type { Texts } from './en.js';
import { errorIn, type ErrorTexts, faultIn, type FaultTexts, joined } from './sentences.js';

const ROLES: Record<Role, string> = { user: 'Benutzer', admin: 'Admin', root: 'Root' };

const ERRORS: ErrorTexts & Record<ErrorCode | 'unreachable', string> = {
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
  too_many_providers: 'Sie können keine weiteren Anbieter verknüpfen. Lösen Sie zuerst eine Verknüpfung.',
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
};

const FAULTS: FaultTexts = {
  required: (label) => `${label}: Bitte ausfüllen.`,
  email: (label) => `${label}: Das ist keine gültige E-Mail-Adresse.`,
  length: (label) => `${label}: Die Eingabe ist zu kurz oder zu lang.`,
  format: (label) => `${label}: Die Eingabe hat nicht das richtige Format.`,
  in: (label) => `${label}: Dieser Wert ist nicht möglich.`,
  type: (label) => `${label}: Dieser Wert ist nicht möglich.`,
  range: (label) => `${label}: Dieser Wert ist zu klein oder zu groß.`,
  unknown_field: (label) => `${label}: Dieses Feld ist unbekannt.`,
  unseen: (label) =>
    `${label}: Die Eingabe enthält unsichtbare oder irreführende Zeichen.`,
  wrong: (label) => `${label}: Die Eingabe ist falsch.`,
  taken: (label) => `${label}: Dieser Wert ist bereits vergeben.`,
  'state.transition': (label) =>
    `${label}: Diese Änderung ist nicht mehr möglich. Laden Sie die Seite neu.`,
  common: (label) =>
    `${label}: Das ist leicht zu erraten. Wählen Sie ein längeres, etwa aus einigen Wörtern, die nichts miteinander zu tun haben.`,
  'emailCode.wrong': () => 'Dieser Code ist falsch oder abgelaufen.',
  'totp.wrong': () => 'Dieser Code ist falsch oder wurde schon verwendet.',
  'password.length': (label) => `${label}: Mindestens 8 Zeichen.`,
  'newPassword.length': (label) => `${label}: Mindestens 8 Zeichen.`,
  'username.format': (label) =>
    `${label}: Mindestens 3 Zeichen aus a–z, 0–9, „_“, „.“ und „-“, mit Buchstabe oder Ziffer an beiden Enden.`,
  'language.format': (label) =>
    `${label}: Bitte ein Sprachkürzel wie de, en oder pt-BR eingeben.`,
};

export const GERMAN: Texts = {
  // Fields
  email: 'E-Mail-Adresse',
  password: 'Passwort',
  newPassword: 'Neues Passwort',
  newPasswordHint: 'Mindestens 8 Zeichen. Mehrere Wörter sind leicht zu merken und schwer zu erraten.',
  firstName: 'Vorname',
  lastName: 'Nachname',
  totp: 'Code aus Ihrer Authenticator-App',
  totpHint: 'Sechs Ziffern oder einer Ihrer Wiederherstellungscodes.',
  emailCode: 'Code aus der E-Mail',
  accountName: 'Kontoname',
  keepProviders: 'Meine verknüpften Anbieter behalten',
  keepProvidersHint:
    'Andernfalls werden die Verknüpfungen gelöst: Wer in Ihr Konto eingedrungen ist, kann einen eigenen Anbieter verknüpft haben.',
  optional: 'optional',
  required: (label: string) => `${label}: Bitte ausfüllen.`,
  notEmail: (label: string) => `${label}: Das ist keine gültige E-Mail-Adresse.`,

  // What is waited for, and what went wrong
  loading: 'Wird geladen\u00a0…',
  retry: 'Erneut versuchen',
  unreachable: 'Der Dienst ist nicht erreichbar. Prüfen Sie Ihre Verbindung, und versuchen Sie es dann erneut.',
  error: (error: GuestlistError) =>
    error.code === 'unknown' ? `Der Dienst hat mit ${error.status} geantwortet.` : errorIn(ERRORS, error),
  fault: (fault: Fault, label: string) => faultIn(FAULTS, ERRORS, fault, label),

  // Signing in
  signIn: 'Anmelden',
  signInTitle: 'Anmelden',
  signOut: 'Abmelden',
  signedOut: 'Sie wurden abgemeldet. Melden Sie sich an, um fortzufahren.',
  wrongPassword: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
  wrongOwnPassword: 'Dieses Passwort ist falsch.',
  wrongCode: 'Dieser Code ist falsch oder wurde schon verwendet.',
  continueWith: (provider: string) => `Weiter mit ${provider}`,
  or: 'oder',
  backToSignIn: 'Zurück zur Anmeldung',
  noWayIn:
    'Hier können Sie sich nicht mit einem Passwort anmelden. Öffnen Sie die App über den Dienst, mit dem Sie sich anmelden.',

  // Signing up
  signUp: 'Registrieren',
  signUpTitle: 'Registrieren',
  checkEmailTitle: 'Sehen Sie in Ihrem Postfach nach',
  checkEmail: (email: string) =>
    `Wir haben eine E-Mail an ${email} geschickt. Folgen Sie innerhalb von 24 Stunden dem Link darin, und geben Sie Ihr Passwort noch einmal ein.`,
  verifyTitle: 'E\u2011Mail-Adresse bestätigen',
  verifyText: 'Geben Sie das Passwort ein, das Sie bei der Registrierung gewählt haben.',
  verify: 'Bestätigen und anmelden',

  // A forgotten password
  forgot: 'Passwort vergessen?',
  forgotTitle: 'Passwort vergessen?',
  forgotText: 'Wir schicken Ihnen einen Link, über den Sie ein neues festlegen können.',
  sendLink: 'Link senden',
  linkSent: (email: string) =>
    `Falls ${email} hier registriert ist, haben wir eine E-Mail an diese Adresse geschickt. Der Link darin funktioniert einmal und nur eine Stunde lang.`,
  resetTitle: 'Neues Passwort festlegen',
  resetText: 'Dabei werden Sie auf allen Geräten abgemeldet.',
  reset: 'Passwort festlegen',

  // An invitation
  inviteTitle: (account: string) => `${account} beitreten`,
  inviteText: ({ inviter, role, email }: { inviter?: string; role: Role; email?: string }) =>
    joined(
      inviter
        ? `${inviter} lädt Sie ein, mit der Rolle ${ROLES[role]} beizutreten.`
        : `Sie sind eingeladen, mit der Rolle ${ROLES[role]} beizutreten.`,
      email !== undefined && `Die Einladung gilt für ${email}.`,
    ),
  signedInAs: (email: string) => `Sie sind als ${email} angemeldet.`,
  join: (account: string) => `${account} beitreten`,
  acceptNew: 'Annehmen und anmelden',
  acceptKnown: 'Anmelden und annehmen',
  amNew: 'Ich bin neu hier',
  haveSignIn: 'Ich habe hier schon ein Passwort',
  useOther: 'Mit anderen Zugangsdaten anmelden',
  inviteUsedTitle: 'Diese Einladung wurde bereits angenommen',
  inviteUsed:
    'Wenn Sie das waren, melden Sie sich einfach an. Andernfalls bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
  inviteGoneTitle: 'Diese Einladung ist nicht verwendbar',
  inviteGone: 'Bitten Sie die Person, die Sie eingeladen hat, um eine neue.',
  goOn: 'Weiter',
  dismiss: 'Nicht jetzt',

  // Back from a provider
  pendingTitle: 'Sehen Sie in Ihrem Postfach nach',
  pendingText: (provider: string) =>
    `Wir haben einen Code an Ihre Adresse bei ${provider} geschickt, um sicherzugehen, dass sie Ihnen gehört. Er gilt zehn Minuten.`,
  linkTitle: (provider: string) => `${provider} verknüpfen`,
  linkText: (provider: string) =>
    `Ihre Adresse bei ${provider} ist hier schon registriert. Wenn Sie das waren, bestätigen Sie es unten. Danach können Sie sich mit ${provider} anmelden.`,
  secondFactorTitle: 'Geben Sie Ihren Code ein',
  secondFactorText: 'Die Zwei-Faktor-Authentifizierung ist eingeschaltet; geben Sie daher auch Ihren Code ein.',
  sendCode: 'Stattdessen Code per E-Mail anfordern',
  codeSent: 'Wir haben Ihnen einen Code geschickt.',
  usePassword: 'Passwort verwenden',
  connect: 'Bestätigen',
  denied: (provider: string) =>
    `Die Anmeldung bei ${provider} wurde abgebrochen oder abgelehnt. Wenn Sie das nicht wollten, beginnen Sie noch einmal.`,
  begunElsewhere: (provider: string) =>
    `Die Anmeldung mit ${provider} wurde in einem anderen Tab oder Browser oder vor mehr als zehn Minuten begonnen. Beginnen Sie noch einmal.`,

  // No account
  noAccountTitle: 'Konto auswählen',
  noAccount: 'Sie gehören noch zu keinem Konto. Bitten Sie um eine Einladung.',
  noAccountOpen: 'Sie gehören noch zu keinem Konto. Erstellen Sie eines, oder bitten Sie um eine Einladung.',
  shutOut:
    'Sie können dieses Konto nicht verwenden: Das Konto oder Ihr Zugang dazu ist gesperrt. Wenden Sie sich an einen Admin.',
  signInAgain: 'Sie wurden von diesem Konto abgemeldet. Melden Sie sich erneut an, um fortzufahren.',
  unverified:
    'Ihre E-Mail-Adresse ist noch nicht bestätigt. Melden Sie sich ab, und wählen Sie „Passwort vergessen?“: Der Link in dieser E-Mail bestätigt sie.',
  enter: (account: string) => `Zu ${account} wechseln`,
  expected: ({ inviter, account, role }: { inviter?: string; account: string; role: Role }) =>
    inviter
      ? `${inviter} lädt Sie ein, dem Konto ${account} mit der Rolle ${ROLES[role]} beizutreten.`
      : `Sie sind eingeladen, dem Konto ${account} mit der Rolle ${ROLES[role]} beizutreten.`,
  decline: (account: string) => `Einladung in das Konto ${account} ablehnen`,
  register: 'Konto erstellen',

  // The own address
  newEmailTitle: 'Neue E\u2011Mail-Adresse bestätigen',
  newEmailText: 'Künftig melden Sie sich damit an. Ihre anderen Geräte werden abgemeldet.',
  newEmailSignIn: 'Melden Sie sich zuerst an, in dem Browser, in dem Sie die Änderung veranlasst haben.',
  newEmail: 'Neue Adresse bestätigen',
  undoEmailTitle: 'Änderung der E\u2011Mail-Adresse rückgängig machen',
  undoEmailText:
    'Sie melden sich wieder mit Ihrer alten E-Mail-Adresse an, mit dem Passwort, das Sie hier festlegen. Alle Geräte werden abgemeldet.',
  undoEmail: 'Änderung rückgängig machen',
  confirmText: 'Bestätigen Sie, dass Sie es sind.',
  confirmBy: {
    currentPassword: 'Passwort verwenden',
    emailCode: 'Code per E-Mail anfordern',
    totp: 'Authenticator-App verwenden',
  },
};
