/** The browser and the system that a `User-Agent` header names, as far as people know them by name. */

import { texts } from './texts.js';

/** Browsers name those they resemble, too, so the more special ones come first. @type {[RegExp, string][]} */
const BROWSERS = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** Such as `Firefox on Windows`; of what is none of these, the text itself. @param {string} agent */
export function deviceIn(agent) {
  const browser = nameIn(agent, BROWSERS);
  const system = nameIn(agent, SYSTEMS);
  return browser && system ? texts.sessions.on(browser, system) : agent;
}

/** @param {string} agent @param {[RegExp, string][]} names */
const nameIn = (agent, names) => names.find(([form]) => form.test(agent))?.[1];
