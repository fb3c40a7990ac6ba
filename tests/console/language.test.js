// The language of a browser, and what of it the service takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ownLanguage, readingOf } from "../../console/public/language.js";

/** @param {string} tag @param {string} [taken] */
const check = (tag, taken) =>
  test(tag, () => assert.equal(ownLanguage(tag), taken));

check("de", "de");
check("pt-BR", "pt-BR");
check("gsw-CH", "gsw-CH");
check("es-419", "es-419");
check("zh-Hans-CN", "zh-Hans-CN");
check("de-DE-1996", "de-DE-1996");
check("en-US-u-hc-h12", "en-US");
check("x-klingon", undefined);
check("", undefined);
check("C", undefined);
check("en_US", undefined);

/** @param {(string | undefined)[]} wanted @param {string} language @param {string} [locale] */
const checkReading = (wanted, language, locale = language) =>
  test(`${wanted} is read in ${language}`, () =>
    assert.deepEqual(readingOf(wanted), { language, locale }));

checkReading([], "en");
checkReading(["fr", "it-CH"], "en");
checkReading(["de"], "de");
checkReading(["de-AT", "en"], "de", "de-AT");
checkReading([undefined, undefined, "en-GB", "en"], "en", "en-GB");
// The first that there are texts in.
checkReading(["fr", "de-CH", "en"], "de", "de-CH");
// What was chosen says the language, what the browser is set to the country.
checkReading([undefined, "de", "en-GB", "de-AT"], "de", "de-AT");
checkReading(["en", undefined, "de-DE"], "en");
checkReading(["no language", "de"], "de");
