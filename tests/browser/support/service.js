// The program itself, run as people run it, with data of its own; and the letters that it has sent.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How long anything may take. Far longer than it does even on a busy machine. */
export const PATIENCE = 60_000;

/** Makes programs see another time. */
const FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1";

const built = fileURLToPath(new URL("../../../target/debug/guestlist", import.meta.url));
const program = process.env.GUESTLIST_TEST_PROGRAM ?? built;

/** Looks until there is something to be seen; fails with what the look says of that. */
export async function eventually(what, look) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `no sign of ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A running service on a free port, whose letters lead to itself. */
export class Service {
  #child;
  #folder;
  #flags;
  #stdout = "";
  #log = "";
  #tolerated = [];
  /** The codes that tests have read. */
  #told = new Set();

  static async start(...flags) {
    const service = new Service();
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const base = flags.find((flag) => flag.startsWith("--base-path="))?.slice("--base-path=".length) ?? "";
    service.origin = origin;
    /** Where the calls are. */
    service.api = `${origin}${base}`;
    /** Where the console is. */
    service.console = `${origin}${base}/`;
    service.#folder = await mkdtemp(join(tmpdir(), "guestlist-browser-"));
    /** Where the links in emails lead. */
    service.app = flags.find((flag) => flag.startsWith("--app-url="))?.slice("--app-url=".length) ?? service.console;
    // People may register and emails lead to the console, unless a test says otherwise.
    const usual = ["--registration=open", `--app-url=${service.console}`];
    const isSaid = (setting) => flags.some((flag) => flag.startsWith(`${setting.split("=")[0]}=`));
    const unsaid = usual.filter((setting) => !isSaid(setting));
    const listen = `--listen=127.0.0.1:${port}`;
    service.#flags = [...unsaid, listen, `--table=sqlite:${join(service.#folder, "data")}`, "--log-codes=true", ...flags];
    await service.#serve();
    return service;
  }

  /** Has it go on at a later time, such as `11m` from now; to browsers it is as late as before. */
  async later(span) {
    await this.#end();
    await this.#serve({ LD_PRELOAD: FAKETIME, FAKETIME: `+${span}`, DONT_FAKE_MONOTONIC: "1" });
  }

  /** Has it go on with these flags, each in place of those of its name. */
  async again(...flags) {
    await this.#end();
    const isSaidAnew = (flag) => flags.some((one) => one.split("=")[0] === flag.split("=")[0]);
    this.#flags = [...this.#flags.filter((flag) => !isSaidAnew(flag)), ...flags];
    await this.#serve();
  }

  async #serve(env = {}) {
    this.#stdout = "";
    this.#child = this.#spawn(["serve"], env);
    this.#child.stdout.setEncoding("utf8").on("data", (text) => (this.#stdout += text));
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
    await eventually("the service", () => {
      assert.equal(this.#child.exitCode, null, this.#log);
      return this.#stdout.includes("Guestlist serves on");
    });
  }

  async #end() {
    this.#child.kill("SIGTERM");
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    assert.equal(this.#child.exitCode, 0, this.#log);
  }

  /** The setup code, which it prints as long as nobody runs it. */
  setupCode() {
    return eventually("the setup code", () => this.#stdout.match(/^ +([\w-]{24})$/m)?.[1]);
  }

  /** The link that has the setup code, which it prints, too. */
  setupLink() {
    return eventually("the set-up link", () => this.#stdout.match(/http:\S+#setup=\S+/)?.[0]);
  }

  /** Makes somebody with the setup code; returns an access token. */
  async root(person) {
    const invite = await this.setupCode();
    const account = { name: "Analytical Engines" };
    const { accessToken } = await this.call("identity/create", "", { invite, account, ...person });
    return accessToken;
  }

  /** Makes somebody who can sign in; returns the record. */
  async user(token, person) {
    return this.call("user/create", token, person);
  }

  /** A call that must succeed. */
  async call(name, token, body) {
    const { status, reply } = await this.ask(name, token, body);
    assert.equal(status, 200, `${name}: ${JSON.stringify(reply)}`);
    return reply;
  }

  /** A call, whatever it is answered. */
  async ask(name, token, body, account) {
    const headers = {
      "Content-Type": "application/json",
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(account && { "X-Account-Id": account }),
    };
    const answer = await fetch(`${this.api}/${name}`, { method: "POST", headers, body: JSON.stringify(body) });
    return { status: answer.status, reply: await answer.json() };
  }

  /** Signs in; returns the tokens. */
  signIn({ email, password }) {
    return this.call("session/create", "", { email, password });
  }

  /** Runs a command on the same table to its end, with this input. */
  async run(args, input = "") {
    const child = this.#spawn(args);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    }
    child.stdin.end(input);
    const [code] = await once(child, "close");
    assert.equal(code, 0, output);
    return output;
  }

  /** The newest link to `#kind=…` in the letters to this email, once there is one. */
  link(to, kind) {
    const found = new RegExp(`${this.app}#${kind}=[\\w-]+(\\.[\\w-]+)?`);
    return eventually(`a letter with #${kind} to ${to}`, async () => (await this.#found(to, found)).at(-1)?.[0]);
  }

  /** From now on its log may warn so. */
  tolerate(warning) {
    this.#tolerated.push(warning);
  }

  /** Asks it to end, sees that it does, and clears away. */
  async stop() {
    await this.#end();
    await rm(this.#folder, { recursive: true });
    const isFault = (line) => / (WARN|ERROR) /.test(line) && !this.#tolerated.some((one) => one.test(line));
    const faults = this.#log.split("\n").filter(isFault);
    assert.deepEqual(faults, [], "the service's log");
  }

  /** All letters, the oldest first, as their readers' programs decode them. */
  async #letters() {
    const folder = join(this.#folder, "data", "mail");
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".eml")).sort();
    const letters = await Promise.all(names.map((name) => readFile(join(folder, name), "latin1")));
    return letters.map(quotedPrintable);
  }

  /** The newest code of 8 digits in the letters to this email that was not told before. */
  async code(to) {
    const code = await eventually(`a letter with a code to ${to}`, async () => {
      const codes = (await this.#found(to, /^(\d{8})\r?$/m)).map(([, code]) => code);
      return codes.filter((code) => !this.#told.has(code)).at(-1);
    });
    this.#told.add(code);
    return code;
  }

  /** What is found in the letters to this email; letters of other kinds may come between. */
  async #found(to, what) {
    const letters = (await this.#letters()).filter((letter) => new RegExp(`^To: .*${to}`, "m").test(letter));
    return letters.map((letter) => letter.match(what)).filter((match) => match !== null);
  }

  #spawn(args, env = {}) {
    return spawn(program, [...args, ...this.#flags], { cwd: this.#folder, env });
  }
}

/** A letter as its reader's program decodes it. */
export function quotedPrintable(text) {
  const joined = text.replace(/=\r?\n/g, "");
  return joined.replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
}

/** The service is told its address before it starts, because its letters have it. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
