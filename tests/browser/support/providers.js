// Providers that people sign in with: two public ones, run as they are.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";
import { CLIENT, serveOidcProvider } from "../../support/issuers/signing_in.mjs";
import { button, field } from "./console.js";
import { eventually, freePort } from "./service.js";

const PYTHON = process.env.GUESTLIST_TEST_PYTHON ?? "python3";

/** The npm package oidc-provider. */
export class Corp {
  name = "corp";
  label = "Corp & Co";
  /** What it claims of whom, by login name; of anybody else that the address is `NAME@example.com`, verified. */
  people = {};
  #server;

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
    const { name, people, port } = this;
    this.#server = await serveOidcProvider({ port, people, redirectUris: [`${api}/provider/${name}`] });
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
