// The texts of the console: each in every language, each used, and none left in the code of a page.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import en from "../../console/public/texts/en.js";
import de from "../../console/public/texts/de.js";

const CONSOLE = new URL("../../console/", import.meta.url);
const PUBLIC = new URL("public/", CONSOLE);
const ts = createRequire(new URL("package.json", CONSOLE))("typescript");

const isCode = (name) => /\.js$/.test(name) && !/^(vendor|texts)\//.test(name);
const names = (await readdir(PUBLIC, { recursive: true }))
  .filter(isCode)
  .toSorted();
const files = await Promise.all(
  names.map(async (name) => ({
    name,
    code: await readFile(new URL(name, PUBLIC), "utf8"),
  })),
);

/** Maps whose keys are of the service, so that a language may have more of them than another. */
const OPEN = ["errors", "faults"];

test("every language has the same texts, of the same kinds", () => {
  const kinds = (texts) =>
    leavesOf(texts)
      .filter(([path]) => !OPEN.includes(path.split(".")[0]))
      .map(
        ([path, text]) =>
          `${path}: ${typeof text === "function" ? `function of ${text.length}` : typeof text}`,
      );
  assert.deepEqual(kinds(de), kinds(en));
});

test("no text is empty or has spaces around it by accident", () => {
  for (const [path, text] of [...leavesOf(en), ...leavesOf(de)]) {
    if (typeof text !== "string") continue;
    assert.ok(text.trim() !== "", path);
    // What goes before a name ends in a space.
    assert.ok(
      text.trim() === text || /: $/.test(text),
      `${path}: ${JSON.stringify(text)}`,
    );
  }
});

test("there is a sentence for every error, and a name for every kind of email", async () => {
  const schema = await readFile(
    new URL("../clients/typescript/src/schema.ts", CONSOLE),
    "utf8",
  );
  const [, union] = schema.match(/^ +ErrorCode: (.*);$/m);
  const codes = union.split(" | ").map((quoted) => JSON.parse(quoted));
  assert.ok(codes.length > 40);
  assert.deepEqual(
    Object.keys(de.errors).toSorted(),
    [...codes, "unreachable"].toSorted(),
  );
  const [, letters] = schema.match(/^ +LetterKind: (.*);$/m);
  const kinds = letters.split(" | ").map((quoted) => JSON.parse(quoted));
  assert.deepEqual(Object.keys(en.mail.kinds).toSorted(), kinds.toSorted());
  const unknown = Object.keys(en.errors).filter((code) => !(code in de.errors));
  assert.deepEqual(unknown, []);
});

test("every text is used", () => {
  const code = files.map(({ code }) => code).join("\n");
  const used = new Set(
    [...code.matchAll(/\btexts((?:\.\w+)+)(?:[[(]|\b)/g)].map(([, path]) =>
      path.slice(1),
    ),
  );
  const taken = new Set(
    [...code.matchAll(/\{([^{}]*)\} = texts((?:\.\w+)+);/g)].flatMap(takenOut),
  );
  const isUsed = (path) => {
    const parts = path.split(".");
    const above = parts.map((_, index) => parts.slice(0, index + 1).join("."));
    // A map is used as a whole where one of it is looked up.
    return (
      taken.has(path) ||
      above.slice(1).some((one) => used.has(one)) ||
      lookedUp(code, above)
    );
  };
  const unused = leavesOf(en)
    .map(([path]) => path)
    .filter((path) => !isUsed(path));
  assert.deepEqual(unused, []);
});

test("no page has a text of its own", () => {
  const found = files.flatMap(({ name, code }) =>
    literalsIn(name, code).map((text) => `${name}: ${text}`),
  );
  assert.deepEqual(found, []);
});

test("the look for texts finds those that it is to find", () => {
  const check = (code, ...found) =>
    assert.deepEqual(literalsIn("one.js", code), found, code);
  check("html`<p>Hello</p>`", "Hello");
  check('html`<p class="a">${name} is here</p>`', "is here");
  check('html`<${Button} label="Save it" small>${x}<//>`', "Save it");
  check("html`<p title=${`Remove ${name}?`}>${x}</p>`", "Remove ", "?");
  check("html`<p>${isOn ? 'On' : 'Off'}</p>`", "On", "Off");
  check("toast('Saved.')", "Saved.");
  check("const column = { label: 'Name', kind: 'main' };", "Name");
  check("throw new Error('There is none.');", "There is none.");
  check("html`<p class=${isOn ? 'Good' : 'bad'}>–</p>`");
  check('html`<p class="note good">${texts.users.none}</p>`');
  check("const kind = 'note good';");
});

/** The paths of all texts, and the texts. */
function leavesOf(texts, before = "") {
  return Object.entries(texts).flatMap(([name, text]) => {
    const path = before ? `${before}.${name}` : name;
    return typeof text === "object" ? leavesOf(text, path) : [[path, text]];
  });
}

/** What `const { a, b: c } = texts.page;` takes. */
const takenOut = ([, names, path]) =>
  names.split(",").map((one) => `${path.slice(1)}.${one.split(":")[0].trim()}`);

/** Whether a map above is looked into by a key: `texts.badges[…]`. */
const lookedUp = (code, above) =>
  above.some((one) => code.includes(`texts.${one}[`));

/** What people would read: texts between tags, in attributes that are read, in strings that look like words. */
function literalsIn(name, code) {
  const file = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === "html") {
      found.push(...textsOf(node.template));
      return spansOf(node.template).forEach((span, index) => {
        if (isShown(node.template, index)) return visitShown(span);
        visit(span);
      });
    }
    if (isLabelled(node)) return visitShown(node.initializer);
    const isWords =
      ts.isStringLiteralLike(node) && isSentence(node.text) && !isModule(node);
    if (isWords) found.push(node.text);
    if (ts.isTemplateExpression(node))
      found.push(...piecesOf(node).filter(isSentence));
    ts.forEachChild(node, visit);
  };
  /** Where whatever is a string is read by people. */
  const visitShown = (node) => {
    if (ts.isStringLiteralLike(node))
      return void (hasWords(node.text) && found.push(node.text));
    if (ts.isTemplateExpression(node)) {
      found.push(...piecesOf(node).filter((piece) => /[\p{L}?!]/u.test(piece)));
      return node.templateSpans.forEach(({ expression }) =>
        visitShown(expression),
      );
    }
    if (ts.isConditionalExpression(node))
      return void [node.whenTrue, node.whenFalse].forEach(visitShown);
    if (
      ts.isBinaryExpression(node) &&
      /^(&&|\|\||\?\?|\+)$/.test(node.operatorToken.getText())
    ) {
      return void [node.left, node.right].forEach(visitShown);
    }
    if (ts.isParenthesizedExpression(node)) return visitShown(node.expression);
    visit(node);
  };
  visit(file);
  return found.filter((text) => !ALLOWED.has(text));
}

/** What people read of elements and parts of ours. */
const READ = /^(action|alt|aria-label|hint|label|none|placeholder|text|title)$/;

const isLabelled = (node) =>
  ts.isPropertyAssignment(node) &&
  READ.test(node.name.getText()) &&
  !/^(alt|none)$/.test(node.name.getText());

/** Words with a capital and a space, or with a full stop: no name of a class, a path or a header. */
const isSentence = (text) =>
  /^\s*\p{Lu}\p{Ll}*[\s’]\p{L}/u.test(text) || /\p{L}{2,}[.!?]\s*$/u.test(text);
const hasWords = (text) => /\p{L}{2,}/u.test(text.replace(/&\w+;/g, ""));

/** Names of things, the same in every language. */
const ALLOWED = new Set([
  "Guestlist",
  "Samsung Internet",
  "ada@example.com\nGrace Hopper <grace@example.com>",
  "email,first,last\nada@example.com,Ada,Lovelace",
  "useOwn is for pages that need somebody signed in",
]);

const isModule = ({ parent }) =>
  ts.isImportDeclaration(parent) ||
  ts.isExportDeclaration(parent) ||
  (ts.isCallExpression(parent) && parent.expression.getText() === "import");

const piecesOf = (template) =>
  [template.head, ...template.templateSpans.map(({ literal }) => literal)].map(
    ({ text }) => text,
  );
const spansOf = (template) =>
  ts.isTemplateExpression(template)
    ? template.templateSpans.map(({ expression }) => expression)
    : [];

/** The pieces of a template, each with what it is in: a text, a tag, or a value of this attribute. */
function* walk(template) {
  const pieces = ts.isTemplateExpression(template)
    ? piecesOf(template)
    : [template.text];
  let state = { in: "text" };
  for (const [index, piece] of pieces.entries()) {
    for (const letter of piece) {
      if (state.in === "text")
        state = letter === "<" ? { in: "tag", name: "" } : state;
      else if (state.in === "value") {
        const isOver = state.quote
          ? letter === state.quote
          : /[\s>]/.test(letter);
        if (isOver)
          state = letter === ">" ? { in: "text" } : { in: "tag", name: "" };
      } else if (letter === ">") state = { in: "text" };
      else if (letter === "=")
        state = { in: "value", name: state.name, quote: "" };
      else
        state = {
          in: "tag",
          name: /[\s/]/.test(letter) ? "" : state.name + letter,
        };
      if (state.in === "value" && /["']/.test(letter) && !state.began)
        state = { ...state, quote: letter, began: true };
      else if (state.in === "value" && letter !== "=")
        state = { ...state, began: true };
      yield { index, letter, state };
    }
    yield { index, letter: "", state, isEnd: true };
  }
}

/** Texts between tags and in attributes that are read. */
function textsOf(template) {
  let text = "";
  const found = [];
  const flush = () => {
    if (hasWords(text)) found.push(text.trim().replace(/\s+/g, " "));
    text = "";
  };
  let before = "text";
  for (const { letter, state, isEnd } of walk(template)) {
    const isRead =
      state.in === "text" ||
      (state.in === "value" && READ.test(state.name) && state.quote);
    if (state.in !== before || isEnd) flush();
    if (isRead && !/[<>"=]/.test(letter)) text += letter;
    before = state.in;
  }
  flush();
  return found;
}

/** Whether people read what is put in here. */
function isShown(template, span) {
  let last = { in: "text" };
  for (const { index, state, isEnd } of walk(template))
    if (isEnd && index === span) last = state;
  return last.in === "text" || (last.in === "value" && READ.test(last.name));
}
