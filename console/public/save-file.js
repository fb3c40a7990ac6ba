/** Has the browser save a text as a file, and writes what programs read. */

/**
 * @param {string} name
 * @param {BlobPart[]} parts
 */
export function saveFile(name, parts) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(
    new Blob(parts, { type: name.endsWith('.csv') ? 'text/csv' : 'application/x-ndjson' }),
  );
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {object} record */
export const ndjsonLine = (record) => `${JSON.stringify(record)}\n`;

/** A table as CSV (RFC 4180), with the names of the columns. @param {Record<string, unknown>[]} rows */
export function csv(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('');
}

/** What begins as a formula is one to programs that show sheets, unless it is told to be a text. @param {unknown} value */
function cell(value) {
  const text = String(value ?? '').replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
