/** The types of `preact.js`, which is made of what `console/build/preact.js` names. */

import type { VNode } from 'preact';

export { createContext, h, render } from 'preact';
export * from 'preact/hooks';
export type { ComponentChild, ComponentChildren, Ref, VNode } from 'preact';
export declare function html(parts: TemplateStringsArray, ...values: unknown[]): VNode;
