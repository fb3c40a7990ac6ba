/** What stands where something is about to appear, as large as that will be. */

import { html } from '../vendor/preact.js';
import { texts } from '../texts.js';

const Waiting = () => html`<span class="unseen" role="status">${texts.ui.busy}</span>`;

/** @param {{ count: number, kind: string }} props */
const Bones = ({ count, kind }) =>
  Array.from(
    { length: count },
    (_, at) => html`<span key=${at} class=${`bone ${kind}`} aria-hidden="true"></span>`,
  );

/** Where rows are about to appear; `plain` ones are of no person. @param {{ rows?: number, plain?: boolean }} props */
export const Skeleton = ({ rows = 5, plain }) =>
  html`<div class="skeleton">
    <${Waiting} /><${Bones} count=${rows} kind=${plain ? 'plain' : ''} />
  </div>`;

/** Where the parts of a record are about to appear. @param {{ parts?: number, low?: boolean }} props */
export const SkeletonParts = ({ parts = 2, low }) =>
  html`<div class="columns">
    <${Waiting} />
    ${Array.from({ length: parts }, (_, at) => html`<div key=${at} class=${`card skeleton-part ${low ? 'low' : ''}`}><${Bones} count=${low ? 2 : 4} kind="line" /></div>`)}
  </div>`;

/** Where a page is about to appear: its heading and rows. */
export const SkeletonPage = () =>
  html`<div class="skeleton-head"><${Bones} count=${1} kind="line" /></div><${Skeleton} plain />`;
