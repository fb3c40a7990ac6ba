/** Days as the reader's clock has them, written as fields and URLs have them: `2026-01-31`. */

/** The day of a time. @param {Date} at */
export function dayOf(at) {
  const [year, month, day] = [at.getFullYear(), at.getMonth() + 1, at.getDate()];
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

/** The day so many days before the one of a time: not so many times 24 hours, since some days have 23 or 25. @param {number} count @param {Date} now */
export const dayBefore = (count, now) =>
  dayOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() - count));

/** When a day begins, or one some days later; what is no day stays as it is. @param {string} day @param {number} [later] */
export function startOf(day, later = 0) {
  const start = new Date(`${day}T00:00:00`);
  start.setDate(start.getDate() + later);
  return Number.isNaN(start.getTime()) ? day : start.toISOString();
}
