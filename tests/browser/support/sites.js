// Servers of pages that are not the service's, and what stands between it and the world. They end with the tests.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";

const PAGE = `<!doctype html><title>A page</title><link rel="icon" href="data:,">`;

/** A server of one empty page, at each of its paths; by https with a certificate. Returns its port. */
export function serveSite(tls) {
  return serve((_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end(PAGE), tls);
}

/** A proxy that leads to the service that `leadTo` names, and notes what has come by; by https with a certificate. */
export async function serveProxy(tls) {
  let target;
  /** The cookies of each request, as it has them, and the status of its answer; the oldest first. */
  const passed = [];
  const port = await serve((asked, answer) => {
    const { method, url: path, headers } = asked;
    const to = { host: "127.0.0.1", port: new URL(target.origin).port, method, path, agent: false };
    const there = request({ ...to, headers: { ...headers, connection: "close" } }, (answered) => {
      passed.push({ method, path, cookie: headers.cookie, status: answered.statusCode });
      answer.writeHead(answered.statusCode, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(there.on("error", () => answer.destroy()));
  }, tls);
  return { port, passed, leadTo: (service) => (target = service) };
}

/** A certificate that nobody has signed but itself, and its key. */
export async function selfSigned(name) {
  const folder = await mkdtemp(join(tmpdir(), "guestlist-certificate-"));
  const [keyFile, file] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await promisify(execFile)("openssl", ["req", ...kind, "-subj", `/CN=${name}`, "-keyout", keyFile, "-out", file]);
  const [key, cert] = await Promise.all([keyFile, file].map((path) => readFile(path)));
  await rm(folder, { recursive: true });
  return { key, cert };
}

async function serve(handle, tls) {
  const server = tls ? createSecureServer(tls, handle) : createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server.address().port;
}
