/** Small pictures beside words: lines in the colour of the text. */

import { html } from './vendor/preact.js';

/** What is drawn of each in a square of 16, by the path of the page that it stands for. @type {Record<string, string>} */
const LINES = {
  overview: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  users:
    'M8.5 5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM1 14c0-3 2-5 5-5s5 2 5 5M11 2.6a2.5 2.5 0 0 1 0 4.8M12.5 9.4c1.6.7 2.5 2.3 2.5 4.6',
  invitations: 'M1.5 3.5h13v9h-13zM1.5 4.5 8 9l6.5-4.5',
  trash: 'M2 4h12M6 4V2h4v2M3.5 4l.7 10h7.6l.7-10M6.5 7v4M9.5 7v4',
  transfer: 'M5 14V3M2 6l3-3 3 3M11 2v11M8 10l3 3 3-3',
  account: 'M2 14.500h12M3.5 14.500v-12h6v12M9.5 6.500h3v8M5.5 5.500h2M5.5 8.500h2M5.5 11.500h2',
  'all-accounts':
    'M1.5 14.500h13M2.5 14.500v-9h4v9M6.5 14.500v-12h6v12M8.5 5.500h2M8.5 8.500h2M8.5 11.500h2',
  keys: 'M8.5 10.500a3 3 0 1 1-3-3c.9 0 1.7.4 2.2 1L14 2M11.5 4.5 14 7',
  audit: 'M5.5 3.500h9M5.5 8h9M5.5 12.500h9M1.5 3.500h1M1.5 8h1M1.5 12.500h1',
  mail: 'M14.5 1.5 1.5 6.500l5 3 3 5zM14.5 1.500l-8 8',
  me: 'M10.5 6a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM3.5 13c.6-2 2.3-3 4.5-3s3.9 1 4.5 3M14.5 8a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0z',
  accounts: 'M8 1.5 14.5 5 8 8.5 1.5 5zM1.5 8.5 8 12l6.5-3.500M1.5 11.5 8 15l6.5-3.5',
  search: 'M11 11l4 4M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z',
  menu: 'M1.5 4h13M1.5 8h13M1.5 12h13',
  copy: 'M5.5 5.500h9v9h-9zM3.5 10.500h-2v-9h9v2',
  done: 'M2 8.5 6 12.500l8-9',
};

/** @param {{ of: keyof typeof LINES }} props */
export const Icon = ({ of }) =>
  html`<svg class="icon" aria-hidden="true" width="16" height="16" viewBox="0 0 16 16">
    <path d=${LINES[of]} fill="none" stroke="currentcolor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" />
  </svg>`;
