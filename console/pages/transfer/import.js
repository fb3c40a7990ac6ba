/** Users from a text or a file, made one after the other, each with its own outcome. */

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/preact.js';
import { call } from '../../api.js';
import { useOwn } from '../../app.js';
import { Area, Check, Choice, Form, Submit, useForm } from '../../forms.js';
import { linesIn } from '../../import-text.js';
import { faultAt } from '../../object-field.js';
import { grantable } from '../../permissions.js';
import { href } from '../../router.js';
import { ndjsonLine, saveFile } from '../../save-file.js';
import {
  Button,
  Empty,
  Filter,
  Pager,
  Section,
  Table,
  asApiError,
  sentence,
  useFieldId,
} from '../../ui.js';

/** @typedef {import('../../contract').Role} Role */
/** @typedef {import('../../contract').User} User */
/** @import { NewUser } from '../../import-text.js' */
/** @import { Typed } from '../../ui/fields.js' */
/**
 * @typedef {object} Line
 * @property {string} id
 * @property {number} number where it stands in the text
 * @property {string} shown
 * @property {NewUser} [user] missing where the line cannot be read
 * @property {User} [made]
 * @property {string} [fault]
 * @property {boolean} [isOfAll] the fault is none of this line
 */

/** Unreachable, signed out, too many, out of order: it would be the same with all that follow. */
const isOfAll = (/** @type {number} */ status) => [0, 401, 429].includes(status) || status >= 500;
const ROWS = 50;
/** What the page can hold and a person look through. */
const MAX_BYTES = 5_000_000;
/** Lines go by faster than they could be read. */
const SHOWN_EACH_MS = 100;

export function Import() {
  const { me } = useOwn();
  const [lines, setLines] = useState(/** @type {Line[]} */ ([]));
  const stopped = useRef(false);
  useEffect(() => () => void (stopped.current = true), []);
  const blank = { text: '', role: /** @type {Role} */ ('user'), sendInvite: false };
  const form = useForm(blank, async ({ text, role, sendInvite }) => {
    const fresh = linesIn(text).map(asLine);
    if (fresh.length === 0) throw faultAt('text', 'Put in at least one line, or choose a file.');
    stopped.current = false;
    const done = await makeAll(
      fresh,
      { role, ...(sendInvite && { sendInvite }) },
      setLines,
      stopped,
    );
    form.reset({ text: leftOf(done), role, sendInvite });
  });
  const count = useMemo(() => linesIn(form.values.text).length, [form.values.text]);
  const roles = grantable(me.role).map((role) => ({ value: role, label: role }));
  return html`
    <${Section} title="Import">
      <${Form} form=${form}>
        <div class="pair">
          <${FileField} form=${form} />
          <${Choice}
            form=${form}
            name="role"
            label="Role"
            required
            choices=${roles}
            hint="Of lines that name none."
          />
        </div>
        <${Area}
          form=${form}
          name="text"
          label="Users"
          required
          isCode
          rows=${8}
          placeholder=${'email,first,last\nada@example.com,Ada,Lovelace'}
          hint="CSV with a first line that names the columns, NDJSON as the export writes it, or an address a line."
        />
        <${Check} form=${form} name="sendInvite" label="Send each an invitation by e-mail" />
        <${Submit} form=${form}>${count > 1 ? `Import ${count} users` : 'Import'}<//>
      <//>
    <//>
    ${
      lines.length > 0 &&
      html`<${Outcome} lines=${lines} busy=${form.busy} onStop=${() => (stopped.current = true)} />`
    }
  `;
}

/** @param {{ form: import('../../forms.js').FormState }} props */
function FileField({ form }) {
  const id = useFieldId('file');
  const [fault, setFault] = useState('');
  const choose = async (/** @type {Typed} */ event) => {
    const file = event.target.files?.[0];
    if (!file) return;
    const isTooLarge = file.size > MAX_BYTES;
    setFault(isTooLarge ? `${file.name} has more than 5 MB. Split it, please.` : '');
    if (!isTooLarge) form.set('text', await file.text());
  };
  // The same file may be chosen again, once it is mended.
  const again = (/** @type {Typed} */ event) => (event.target.value = '');
  return html`<div class="field">
    <label for=${id}>File <span class="optional">optional</span></label>
    <input
      id=${id}
      type="file"
      accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,text/*"
      disabled=${form.busy}
      aria-invalid=${fault ? 'true' : null}
      aria-describedby=${fault ? `${id}-fault` : null}
      onClick=${again}
      onChange=${choose}
    />
    ${fault && html`<p class="fault" id=${`${id}-fault`}>${fault}</p>`}
  </div>`;
}

/** @param {import('../../import-text.js').ImportLine} line @returns {Line} */
function asLine(line) {
  const { number } = line;
  const id = String(number);
  if ('fault' in line) return { id, number, shown: line.text, fault: line.fault };
  return { id, number, shown: String(line.user.email), user: line.user };
}

/**
 * One after the other, so that it can be stopped, and the outcomes are seen on the way. Gives all of them.
 * @param {Line[]} lines
 * @param {Partial<NewUser>} fields what lines have that do not say otherwise
 * @param {(lines: Line[]) => void} show
 * @param {{ current: boolean }} stopped
 */
async function makeAll(lines, fields, show, stopped) {
  const outcomes = [...lines];
  show(lines);
  let shownAt = performance.now();
  for (const [index, line] of lines.entries()) {
    if (stopped.current) break;
    if (!line.user) continue;
    outcomes[index] = await makeOne(line, { ...fields, ...line.user });
    if (outcomes[index].isOfAll) break;
    if (performance.now() - shownAt < SHOWN_EACH_MS) continue;
    show([...outcomes]);
    shownAt = performance.now();
  }
  show(outcomes);
  return outcomes;
}

/** What is still to be imported, or to be mended first, as a text that can be read again. @param {Line[]} lines */
function leftOf(lines) {
  const left = lines.filter(({ made }) => !made);
  const readable = left.flatMap(({ user }) => (user ? [ndjsonLine(user)] : []));
  const others = left.flatMap(({ user, shown }) => (user ? [] : [`${shown}\n`]));
  return [...readable, ...others].join('');
}

/** @param {Line} line @param {NewUser} fields @returns {Promise<Line>} */
async function makeOne(line, fields) {
  try {
    return { ...line, made: await call('user/create', fields) };
  } catch (failure) {
    const error = asApiError(failure);
    const fault = error.errors.map(({ detail }) => sentence(detail)).join(' ') || error.detail;
    return { ...line, fault, isOfAll: isOfAll(error.status) };
  }
}

/** @type {Record<string, { label: string, fits: (line: Line) => boolean }>} */
const KINDS = {
  all: { label: 'All lines', fits: () => true },
  failed: { label: 'Not imported', fits: ({ fault }) => Boolean(fault) },
  made: { label: 'Imported', fits: ({ made }) => Boolean(made) },
  waiting: { label: 'Not tried', fits: ({ made, fault }) => !made && !fault },
};

/** @param {{ lines: Line[], busy: boolean, onStop: () => void }} props */
function Outcome({ lines, busy, onStop }) {
  const [kind, setKind] = useState('all');
  const [page, setPage] = useState(0);
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!busy) return;
    head.current?.scrollIntoView({ block: 'nearest' });
    show('all');
  }, [busy]);
  const made = lines.filter(KINDS.made.fits).length;
  const failed = lines.filter(KINDS.failed.fits).length;
  const fitting = lines.filter(KINDS[kind].fits);
  const rows = fitting.slice(page * ROWS, (page + 1) * ROWS);
  const left = busy ? '' : leftOf(lines);
  const show = (/** @type {string} */ chosen) => {
    setKind(chosen);
    setPage(0);
  };
  const around = {
    prev: page > 0 ? String(page - 1) : undefined,
    next: (page + 1) * ROWS < fitting.length ? String(page + 1) : undefined,
  };
  const saveLeft = () => saveFile('not-imported.ndjson', [left]);
  return html`
    <div class="head" ref=${head}>
      <div>
        <h2>${busy ? 'Under way' : made + failed < lines.length ? 'Stopped' : 'Done'}</h2>
        <p role="status">${made} of ${lines.length} imported${failed > 0 && `, ${failed} not`}. ${busy && 'Keep this page open.'}</p>
        <progress max=${lines.length} value=${made + failed} aria-label="Imported"></progress>
      </div>
      <div class="actions">
        ${busy && html`<${Button} onClick=${onStop}>Stop<//>`}
        ${left && html`<${Button} onClick=${saveLeft}>Save what is left as a file<//>`}
        <${Filter}
          label="Show"
          value=${kind}
          choices=${Object.entries(KINDS).map(([value, { label }]) => ({ value, label }))}
          onChange=${show}
        />
      </div>
    </div>
    ${
      rows.length > 0
        ? html`<${Table} label="Lines" columns=${COLUMNS} rows=${rows} />`
        : html`<${Empty} title="No such lines" />`
    }
    <${Pager} page=${around} onGo=${(/** @type {import('../../contract').Cursors} */ at) => setPage(Number(at.next ?? at.prev))} />
  `;
}

/** @type {import('../../ui/table.js').Column<Line>[]} */
const COLUMNS = [
  {
    label: 'User',
    kind: 'main',
    cell: ({ shown, made }) =>
      made
        ? html`<a class="breaks" href=${href(`users/${made.id}`)}>${shown}</a>`
        : html`<span class="breaks">${shown}</span>`,
  },
  { label: 'Line', cell: ({ number }) => number },
  {
    label: 'Outcome',
    cell: ({ made, fault }) => {
      if (made) return html`<span class="good">Imported as ${made.role}</span>`;
      if (fault) return html`<span class="fault">${fault}</span>`;
      return html`<span class="faint">not tried yet</span>`;
    },
  },
];
