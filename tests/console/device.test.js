// What browsers say that they are, in words that people know.

import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceIn } from "../../console/public/device.js";

/** @param {string} agent @param {string} name */
const check = (agent, name) =>
  test(name, () => assert.equal(deviceIn(agent), name));

const MOZILLA = "Mozilla/5.0";
const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";

check(
  `${MOZILLA} (X11; Linux x86_64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36`,
  "Chrome on Linux",
);
check(
  `${MOZILLA} (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`,
  "Edge on Windows",
);
check(
  `${MOZILLA} (Linux; Android 10; K) ${WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36`,
  "Chrome on Android",
);
check(
  `${MOZILLA} (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1`,
  "Safari on iPhone",
);
check(
  `${MOZILLA} (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0`,
  "Firefox on macOS",
);
check("curl/8.16.0", "curl/8.16.0");
check("Chrome", "Chrome");
