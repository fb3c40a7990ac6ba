/** What pages are made with: Preact, its hooks, and htm, which writes its trees as text. */

import htm from 'htm';
import { h } from 'preact';

export { createContext, h, render } from 'preact';
export * from 'preact/hooks';
export const html = htm.bind(h);
