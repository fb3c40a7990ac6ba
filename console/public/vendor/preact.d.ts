/** The types of `preact.js`, which is `htm/preact/standalone.module.js` of the package htm 3.1.1, and has Preact 10.5.14 in it. */

import type { ComponentChild, ComponentChildren, Ref, VNode } from 'preact';

export { Component, createContext, h } from 'preact';
export * from 'preact/hooks';
export type { ComponentChild, ComponentChildren, Ref, VNode };
export declare function render(tree: ComponentChild, parent: Element): void;
export declare function html(parts: TemplateStringsArray, ...values: unknown[]): VNode;
