// The texts of the components: each in every language, each used, and none left in a component.

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { build } from 'vite';
import consoleEnglish from '../../../console/public/texts/en.js';
import consoleGerman from '../../../console/public/texts/de.js';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const built = await mkdtemp(join(FOLDER, 'node_modules', '.built-'));
after(() => rm(built, { recursive: true }));

const { ENGLISH } = await moduleOf('en');
const { GERMAN } = await moduleOf('de');

const names = (await readdir(join(FOLDER, 'src'))).filter((name) => /\.tsx?$/.test(name));
const files = await Promise.all(
  names.map(async (name) => ({ name, code: await readFile(join(FOLDER, 'src', name), 'utf8') })),
);

test('every language has the same texts, of the same kinds', () => {
  const kinds = (texts) =>
    leavesOf(texts).map(([path, text]) => `${path}: ${typeof text === 'function' ? `function of ${text.length}` : typeof text}`);
  assert.deepEqual(kinds(GERMAN), kinds(ENGLISH));
});

test('no text is empty or has spaces around it by accident', () => {
  for (const [path, text] of [...leavesOf(ENGLISH), ...leavesOf(GERMAN)]) {
    if (typeof text === 'string') assert.ok(text !== '' && text === text.trim(), `${path}: ${JSON.stringify(text)}`);
  }
});

test('errors are told as the console tells them', async () => {
  const schema = await readFile(join(FOLDER, '../typescript/src/schema.ts'), 'utf8');
  const [, union] = schema.match(/^ +ErrorCode: (.*);$/m);
  const codes = union.split(' | ').map((quoted) => JSON.parse(quoted));
  assert.ok(codes.length > 40);
  for (const code of [...codes, 'unreachable']) {
    assert.equal(GERMAN.error({ code, detail: 'what the service says' }), consoleGerman.errors[code], code);
    const said = ENGLISH.error({ code, detail: 'what the service says' });
    // What only pages of the console lead to, the service says itself.
    const isOwn = said !== 'What the service says.' && code !== 'account_removed';
    if (isOwn) assert.equal(said, consoleEnglish.errors[code], code);
  }
  assert.equal(GERMAN.unreachable, GERMAN.error({ code: 'unreachable' }));
  assert.equal(ENGLISH.unreachable, ENGLISH.error({ code: 'unreachable' }));
  for (const texts of [ENGLISH, GERMAN]) assert.match(texts.error({ code: 'unknown', status: 502, detail: '' }), /502/);
});

test('a fault is told with the label of its field', () => {
  const fault = { field: 'newPassword', code: 'length', detail: 'newPassword must have at least 8 characters' };
  assert.equal(ENGLISH.fault(fault, 'New password'), 'New password must have at least 8 characters.');
  assert.equal(GERMAN.fault(fault, 'Neues Passwort'), 'Neues Passwort: Mindestens 8 Zeichen.');
  const taken = { field: 'email', code: 'email_taken', detail: 'email is taken' };
  assert.equal(GERMAN.fault(taken, 'E-Mail-Adresse'), consoleGerman.errors.email_taken);
  const known = ['required', 'email', 'length', 'format', 'in', 'type', 'range', 'unseen', 'wrong', 'taken', 'common'];
  for (const code of known) {
    assert.equal(GERMAN.fault({ field: 'x', code, detail: '' }, 'Feld'), consoleGerman.faults[code]('Feld'), code);
  }
});

test('what the console says, too, is said in the same words', () => {
  for (const [texts, theirs] of [
    [ENGLISH, consoleEnglish],
    [GERMAN, consoleGerman],
  ]) {
    const said = {
      email: theirs.common.email,
      password: theirs.common.password,
      newPassword: theirs.common.newPassword,
      newPasswordHint: theirs.common.passwordHint,
      signIn: theirs.common.signIn,
      signOut: theirs.common.signOut,
      backToSignIn: theirs.common.backToSignIn,
      register: theirs.common.createAccount,
      retry: theirs.common.tryAgain,
      forgot: theirs.signIn.forgot,
      or: theirs.signIn.or,
      signUp: theirs.signIn.signUp,
      forgotText: theirs.forgot.text,
      sendLink: theirs.forgot.sendLink,
      keepProviders: theirs.reset.keepProviders,
      keepProvidersHint: theirs.reset.keepProvidersHint,
      reset: theirs.reset.set,
      resetTitle: theirs.reset.title,
      verify: theirs.verify.confirm,
      verifyText: theirs.verify.text,
      checkEmailTitle: theirs.checkEmail.title,
      noAccountTitle: theirs.accounts.choose,
      accountName: theirs.accounts.name,
      acceptNew: theirs.invite.acceptAndSignIn,
      acceptKnown: theirs.invite.signInAndAccept,
      amNew: theirs.invite.newHere,
      haveSignIn: theirs.invite.knownPassword,
      inviteGoneTitle: theirs.invite.useless,
      inviteGone: theirs.invite.askAgain,
      secondFactorTitle: theirs.provider.enterCode,
      emailCode: theirs.provider.codeFromEmail,
      sendCode: theirs.provider.emailCode,
      usePassword: theirs.provider.usePassword,
      wrongOwnPassword: theirs.provider.passwordIsWrong,
      wrongCode: theirs.common.wrongCode,
      undoEmail: theirs.undoEmail.undo,
      undoEmailTitle: theirs.undoEmail.title,
      newEmailTitle: theirs.confirmEmail.title,
      dismiss: theirs.confirmEmail.notNow,
      confirmBy: theirs.confirmation.ways,
      optional: theirs.ui.optional,
    };
    for (const [name, words] of Object.entries(said)) assert.deepEqual(texts[name], words, name);
    const plain = (children) => [children].flat().join('');
    assert.equal(texts.linkTitle('Corp'), plain(theirs.provider.link('Corp')));
    assert.equal(texts.continueWith('Corp'), plain(theirs.provider.continueWith('Corp')));
    assert.equal(texts.join('Mills'), plain(theirs.invite.join('Mills')));
    assert.equal(texts.linkSent('a@b'), plain(theirs.forgot.sent('a@b')));
    assert.equal(texts.checkEmail('a@b'), plain(theirs.checkEmail.text('a@b')));
    assert.equal(texts.inviteText({ inviter: 'Ada', role: 'admin' }), plain(theirs.invite.from('Ada', 'admin')));
    assert.equal(texts.inviteText({ role: 'root' }), plain(theirs.invite.fromNobody('root')));
  }
});

test('every text is used', () => {
  const code = files.map(({ code }) => code).join('\n');
  const taken = new Set([...code.matchAll(/\{([^{}]*)\} = useTexts\(\)/g)].flatMap(([, all]) => all.split(/[,\s]+/)));
  const unused = Object.keys(ENGLISH).filter((name) => !taken.has(name) && !new RegExp(`\\btexts\\.${name}\\b`).test(code));
  assert.deepEqual(unused, []);
});

test('no component has a text of its own', () => {
  assert.deepEqual(literalsIn('one.tsx', '<p title="A b">Hello {x}<b>{"c"}</b></p>'), ['A b', 'Hello']);
  const found = files.flatMap(({ name, code }) => literalsIn(name, code).map((text) => `${name}: ${text}`));
  assert.deepEqual(found, []);
});

/** What people would read: texts between tags, and in attributes that are read. */
function literalsIn(name, code) {
  const found = [];
  const visit = (node) => {
    const isRead = ts.isJsxAttribute(node) && /^(alt|aria-label|hint|label|placeholder|submit|title)$/.test(node.name.getText());
    if (isRead && node.initializer && ts.isStringLiteral(node.initializer)) found.push(node.initializer.text);
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found;
}

/** The paths of all texts, and the texts. */
function leavesOf(texts, before = '') {
  return Object.entries(texts).flatMap(([name, text]) => {
    const path = before ? `${before}.${name}` : name;
    return typeof text === 'object' ? leavesOf(text, path) : [[path, text]];
  });
}

async function moduleOf(language) {
  const output = { format: 'es', entryFileNames: `${language}.mjs` };
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(FOLDER, `src/texts/${language}.ts`),
      outDir: join(built, language),
      minify: false,
      rollupOptions: { output },
    },
  });
  return import(pathToFileURL(join(built, language, `${language}.mjs`)));
}
