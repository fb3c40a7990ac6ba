/** The parts that pages are made of, from one place. */

export * from './ui/dialog.js';
export * from './ui/fields.js';
export * from './ui/menu.js';
export * from './ui/name.js';
export * from './ui/parts.js';
export * from './ui/row-keys.js';
export * from './ui/skeleton.js';
export * from './ui/table.js';
export * from './ui/text.js';
export * from './ui/times.js';
export * from './ui/toast.js';
export * from './ui/work.js';
