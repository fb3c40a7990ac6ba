/** The types of what is used of `lean-qr.js`, which is `index.mjs` of the package lean-qr 2.7.4. */

export interface Code {
  /** Modules on each side. */
  readonly size: number;
  /** Whether a module is dark; outside the code none is. */
  get(x: number, y: number): boolean;
}
export declare function generate(text: string): Code;
