/** Has the browser save a text as a file. */

/**
 * @param {string} name
 * @param {BlobPart[]} parts
 */
export function saveFile(name, parts) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type: 'application/x-ndjson' }));
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {object} record */
export const ndjsonLine = (record) => `${JSON.stringify(record)}\n`;
