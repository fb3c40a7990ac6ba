// What the links in emails lead to: `#invite=CODE` and its like, on whichever page of the app.

const KINDS = ['invite', 'verify', 'reset', 'confirm-email', 'undo-email'] as const;

/** What a link in an email asks for, and the code that it brings. */
export interface EmailLink {
  kind: (typeof KINDS)[number];
  code: string;
}

/** The link that has led to this page, if one has. It stays in the URL until it is dealt with: people load pages anew. */
export function linkInUrl(): EmailLink | undefined {
  const brought = new URLSearchParams(location.hash.slice(1));
  for (const kind of KINDS) {
    const code = brought.get(kind);
    if (code) return { kind, code };
  }
  return undefined;
}

/** Takes it out of the URL and the history: it has a code. */
export function forgetLink(): void {
  if (linkInUrl()) history.replaceState(history.state, '', location.pathname + location.search);
}
