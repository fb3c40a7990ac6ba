// A mail server (RFC 5321), which takes all letters or refuses them for good.

import { once } from "node:events";
import { createServer } from "node:net";
import { quotedPrintable } from "./service.js";

export class PostOffice {
  /** What it has taken, as its readers' programs decode it. */
  letters = [];
  /** Whom it has refused a letter to, each time. */
  refused = [];
  /** Whether it takes letters. */
  isOpen = true;
  /** What it says to a command in place of "fine", and in place of its greeting. */
  says = {};
  #server = createServer((socket) => this.#serve(socket));
  #sockets = new Set();

  async listen(port) {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async close() {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #serve(socket) {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
    socket.setEncoding("latin1").write(`${this.says.greeting ?? "220 post.example.com"}\r\n`);
    let text = "";
    let isLetter = false;
    socket.on("data", (chunk) => {
      text += chunk;
      for (;;) {
        const end = isLetter ? "\r\n.\r\n" : "\r\n";
        const at = text.indexOf(end);
        if (at < 0) return;
        const part = text.slice(0, at);
        text = text.slice(at + end.length);
        if (isLetter) this.letters.push(quotedPrintable(part));
        const answer = isLetter ? "250 taken" : this.#answer(part);
        isLetter = answer.startsWith("354");
        socket.write(`${answer}\r\n`);
      }
    });
  }

  /** To a line of a client. */
  #answer(line) {
    const verb = line.slice(0, 4).toUpperCase();
    if (this.says[verb]) return this.says[verb];
    if (verb === "RCPT" && !this.isOpen) {
      this.refused.push(line.match(/<(.*?)>/)[1]);
      return "550 5.1.1 nobody of that name lives here";
    }
    if (verb === "DATA") return "354 go on";
    return verb === "QUIT" ? "221 bye" : "250 fine";
  }
}
