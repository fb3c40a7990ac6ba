// Providers that people sign in with: two public ones, run as they are.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";
import { CLIENT, serveOidcProvider } from "../../support/issuers/signing_in.mjs";
import { button, field, heading, signOut as signOutByMenu } from "./console.js";
import { eventually, freePort } from "./service.js";

/** Where the pages of the one in Python have a style sheet of somebody else's. */
const STYLES = "https://cdn.jsdelivr.net";

/** A window whose person may go to these providers. */
export async function openAt(open, service, providers, options) {
  const window = await open(options);
  for (const { issuer } of providers) window.expectOrigin(issuer);
  window.expectOrigin(STYLES);
  await window.context.route(`${STYLES}/**`, (route) => route.fulfill({ contentType: "text/css", body: "" }));
  await window.page.goto(service.console);
  await heading(window.page, "Sign in").waitFor();
  return window;
}

/** Goes to a provider from a page with its button. */
export async function goTo(page, { label, issuer }, verb = "Continue") {
  await button(page, `${verb} with ${label}`).click();
  await page.waitForURL(`${issuer}/**`);
}

/** Goes there and says who one is. */
export async function goAs(page, provider, login, verb) {
  await goTo(page, provider, verb);
  await provider.signIn(page, login);
}

export async function signOut({ page }) {
  await signOutByMenu(page);
  await heading(page, "Sign in").waitFor();
}

/** Out of the page that is shown to who is in no account. */
export async function signOutHere(page) {
  await button(page, "Sign out").click();
  await heading(page, "Sign in").waitFor();
}

const PYTHON = process.env.GUESTLIST_TEST_PYTHON ?? "python3";

/** The npm package oidc-provider. */
export class Corp {
  name = "corp";
  label = "Corp & Co";
  /** What it claims of whom, by login name; of anybody else that the address is `NAME@example.com`, verified. */
  people = {};
  /** Whether each of its tokens says when the person signed in there. */
  tellsAuthTime = false;
  #server;
  #held = { path: undefined, until: undefined };

  static async reserve() {
    const corp = new Corp();
    corp.port = await freePort();
    corp.issuer = `http://localhost:${corp.port}`;
    after(() => corp.close());
    return corp;
  }

  /** What the service is started with, besides what a test adds. */
  flag(more = "trust_email=true") {
    const { name, label, issuer } = this;
    const parts = { name, label, issuer, client_id: CLIENT.id, client_secret: CLIENT.secret };
    const text = Object.entries(parts).map(([key, value]) => `${key}=${value}`);
    return `--provider=${[...text, ...(more ? [more] : [])].join(",")}`;
  }

  /** Serves this service, with new keys each time. */
  async open({ api }) {
    await this.close();
    const { name, people, port, tellsAuthTime } = this;
    const redirectUris = [`${api}/provider/${name}`];
    const gate = async (url) => url.startsWith(this.#held.path) && this.#held.until;
    this.#server = await serveOidcProvider({ port, people, redirectUris, tellsAuthTime, gate });
  }

  /** From now on it does not answer what is asked for on a path; until what this returns is called. */
  hold(path) {
    let release;
    const until = new Promise((resolve) => (release = resolve));
    this.#held = { path, until };
    return release;
  }

  async close() {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  /** Says there who one is. */
  async signIn(page, login) {
    await field(page, "Login name").fill(login);
    await button(page, "Go on").click();
  }

  async deny(page) {
    await button(page, "Say no").click();
  }
}

/** The Python package oidc-provider-mock. */
export class Mock {
  name = "mock";
  label = "Mock";

  static async start(...people) {
    const mock = new Mock();
    mock.port = await freePort();
    mock.issuer = `http://localhost:${mock.port}`;
    const known = people.map((claims) => `--user-claims=${JSON.stringify(claims)}`);
    const child = spawn(PYTHON, ["-m", "oidc_provider_mock", `--port=${mock.port}`, ...known]);
    let log = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text));
    after(async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    });
    await eventually("the Python provider", async () => {
      assert.equal(child.exitCode, null, log);
      return fetch(`${mock.issuer}/jwks`).then(({ ok }) => ok, () => false);
    });
    return mock;
  }

  flag(more = "") {
    const { name, label, issuer } = this;
    const text = `name=${name},label=${label},issuer=${issuer},client_id=guestlist,client_secret=any`;
    return `--provider=${text}${more && `,${more}`}`;
  }

  async signIn(page, subject) {
    await button(page, subject).click();
  }

  async deny(page) {
    await button(page, "Deny").click();
  }
}
