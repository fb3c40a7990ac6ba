/** Users from a text or a file, made one after the other, each with its own outcome. */

import { html, useEffect, useMemo, useRef, useState } from '../../vendor/preact.js';
import { useOwn } from '../../own.js';
import { Area, Check, Choice, Form, Submit, useForm } from '../../forms.js';
import { readImport } from '../../import-text.js';
import { useEnd, useMakeUsers } from '../../make-users.js';
import { faultAt } from '../../object-field.js';
import { headingOf } from '../../outcome.js';
import { grantable } from '../../permissions.js';
import { roleChoices } from '../../role-choices.js';
import { href } from '../../router.js';
import { csv, ndjsonLine, saveFile } from '../../save-file.js';
import { texts } from '../../texts.js';
import { Button, Empty, Filter, Name, Pager, Section, Table, useFieldId } from '../../ui.js';
import { Existing } from '../users/existing.js';

/** @typedef {import('../../contract').Role} Role */
/** @import { Typed } from '../../ui/fields.js' */
/** @import { Line } from '../../make-users.js' */

const ROWS = 50;
/** What the page can hold and a person look through. */
const MAX_BYTES = 5_000_000;

export function Import() {
  const { me } = useOwn();
  const { lines, fields, isRunning, makeAll, goOn, stop, dismiss } = useMakeUsers({
    kind: 'import',
    href: href('transfer'),
  });
  // What is left is there to be mended, also where one comes back to the page.
  const [left] = useState(() => leftOf(lines));
  // As it was begun, where that was before the page was loaded anew.
  const { role = /** @type {Role} */ ('user'), sendInvite = false } = fields ?? {};
  const start = { text: left, role, sendInvite };
  const state = useForm(
    start,
    async (values) => {
      const { text, role, sendInvite } = values;
      const { lines, fault } = readImport(text);
      if (fault) throw faultAt('text', fault);
      if (lines.length === 0) throw faultAt('text', texts.transfer.linesMissing);
      // What is under way is no draft.
      state.reset(values);
      await makeAll(lines.map(asLine), { role, ...(sendInvite && { sendInvite }) });
    },
    { draft: 'import' },
  );
  const form = { ...state, busy: state.busy || isRunning };
  useEnd(isRunning, () => state.reset({ ...state.values, text: leftOf(lines) }));
  // From then on what is left is what was typed.
  const clear = () => {
    const { text } = state.values;
    dismiss();
    state.reset({ ...state.values, text: '' });
    state.set('text', text);
  };
  const { lines: found, ignored } = useMemo(() => readImport(form.values.text), [form.values.text]);
  const count = found.length;
  const roles = roleChoices(grantable(me.role));
  return html`
    <${Section} title=${texts.transfer.import}>
      <${Form} form=${form}>
        <div class="pair">
          <${FileField} form=${form} />
          <${Choice}
            form=${form}
            name="role"
            label=${texts.common.role}
            required
            choices=${roles}
            hint=${texts.transfer.roleHint}
          />
        </div>
        <${Area}
          form=${form}
          name="text"
          label=${texts.common.users}
          required
          isCode
          rows=${8}
          placeholder=${'email,first,last\nada@example.com,Ada,Lovelace'}
          hint=${texts.transfer.usersHint}
        />
        ${ignored.length > 0 && html`<p class="hint" role="status">${texts.transfer.ignored(ignored)}</p>`}
        <${Check} form=${form} name="sendInvite" label=${texts.transfer.sendInvite} />
        <${Submit} form=${form}>${count > 1 ? texts.transfer.importCount(count) : texts.transfer.importUsers}<//>
      <//>
    <//>
    ${lines.length > 0 && html`<${Outcome} lines=${lines} busy=${isRunning} onStop=${stop} onGoOn=${goOn} onDismiss=${clear} />`}
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
    setFault(isTooLarge ? texts.transfer.tooLarge(file.name) : '');
    if (!isTooLarge) form.set('text', await file.text());
  };
  // The same file may be chosen again, once it is mended.
  const again = (/** @type {Typed} */ event) => (event.target.value = '');
  return html`<div class="field">
    <label for=${id}>${texts.transfer.file} <span class="optional">${texts.ui.optional}</span></label>
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

/** What is still to be imported, or to be mended first, as a text that can be read again. @param {Line[]} lines */
function leftOf(lines) {
  const left = lines.filter(({ made }) => !made);
  const readable = left.flatMap(({ user }) => (user ? [ndjsonLine(user)] : []));
  const others = left.flatMap(({ user, shown }) => (user ? [] : [`${shown}\n`]));
  return [...readable, ...others].join('');
}

/** @param {Line} line */
const resultOf = ({ number, shown, made, fault }) => ({
  line: number,
  email: shown,
  id: made?.id,
  role: made?.role,
  fault,
});

/** @type {Record<string, (line: Line) => boolean>} */
const KINDS = {
  all: () => true,
  failed: ({ fault }) => Boolean(fault),
  made: ({ made }) => Boolean(made),
  waiting: ({ made, fault }) => !made && !fault,
};

const kinds = () => [
  { value: 'all', label: texts.transfer.all },
  { value: 'failed', label: texts.transfer.failed },
  { value: 'made', label: texts.transfer.imported },
  { value: 'waiting', label: texts.transfer.notTried },
];

/**
 * @param {{ lines: Line[], busy: boolean, onStop: () => void, onGoOn?: () => void, onDismiss: () => void }} props
 *   `onGoOn` goes on with the lines that are left
 */
function Outcome({ lines, busy, onStop, onGoOn, onDismiss }) {
  const [kind, setKind] = useState('all');
  const [page, setPage] = useState(0);
  const head = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!busy) return;
    head.current?.scrollIntoView({ block: 'nearest' });
    show('all');
  }, [busy]);
  const made = lines.filter(KINDS.made).length;
  const failed = lines.filter(KINDS.failed).length;
  const fitting = lines.filter(KINDS[kind]);
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
  const saveAll = () => saveFile('import-results.csv', [csv(lines.map(resultOf))]);
  return html`
    <div class="head" ref=${head}>
      <div>
        <h2>${busy ? texts.common.inProgress : headingOf('import', lines)}</h2>
        <p role="status">${texts.transfer.importedCount(made, lines.length, failed)} ${busy && texts.transfer.goesOn}</p>
        <progress max=${lines.length} value=${made + failed} aria-label=${texts.transfer.imported}></progress>
      </div>
      <div class="actions">
        ${busy && html`<${Button} onClick=${onStop}>${texts.common.stop}<//>`}
        ${!busy && onGoOn && html`<${Button} primary onClick=${onGoOn}>${texts.transfer.continue}<//>`}
        ${left && html`<${Button} onClick=${saveLeft}>${texts.transfer.saveLeft}<//>`}
        ${!busy && html`<${Button} onClick=${saveAll}>${texts.transfer.saveResults}<//>`}
        ${!busy && html`<${Button} onClick=${onDismiss}>${texts.transfer.dismiss}<//>`}
      </div>
    </div>
    <div class="filters">
      <${Filter}
        label=${texts.transfer.show}
        value=${kind}
        choices=${kinds()}
        onChange=${show}
      />
    </div>
    ${
      rows.length > 0
        ? html`<${Table} label=${texts.transfer.lines} columns=${columns()} rows=${rows} />`
        : html`<${Empty} title=${texts.transfer.noLines} />`
    }
    <${Pager} page=${around} onGo=${(/** @type {import('../../contract').Cursors} */ at) => setPage(Number(at.next ?? at.prev))} />
  `;
}

/** @returns {import('../../ui/table.js').Column<Line>[]} */
const columns = () => [
  {
    label: texts.common.user,
    kind: 'main',
    cell: ({ shown, made }) =>
      made
        ? html`<a class="breaks" href=${href(`users/${made.id}`)}><${Name} name=${shown} /></a>`
        : html`<span class="breaks"><${Name} name=${shown} /></span>`,
  },
  { label: texts.transfer.line, cell: ({ number }) => number },
  {
    label: texts.common.outcome,
    cell: ({ made, fault, existing }) => {
      if (made) return html`<span class="good">${texts.transfer.importedAs(made.role)}</span>`;
      if (existing) return html`<${Existing} existing=${existing} />`;
      if (fault) return html`<span class="fault">${fault}</span>`;
      return html`<span class="faint">${texts.transfer.notTriedYet}</span>`;
    },
  },
];
