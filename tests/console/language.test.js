// The language of a browser, and what of it the service takes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ownLanguage } from "../../console/public/language.js";

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
