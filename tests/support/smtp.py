"""An SMTP server for the tests: real sockets, real TLS, and every message kept as a file.

`python smtp.py --port 0 --dir FOLDER` prints `listening on 127.0.0.1:PORT` once it does. Messages land in FOLDER as
`0001.eml`, `0002.eml`, … in the order of their arrival, each complete from the moment it can be seen. The server ends
on SIGTERM and when its standard input closes, so it never outlives the test that started it.
"""

import argparse
import asyncio
import logging
import os
import signal
import ssl
import sys
import threading
import warnings
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    """Keeps what it accepts, and refuses what it was told to refuse."""

    def __init__(self, folder, rejected, hanging, tempfails, script):
        self.folder = folder
        self.rejected = rejected
        self.hanging = hanging
        self.tempfails = tempfails
        self.script = script
        self.arrived = len(list(folder.glob("*.eml")))

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        print("EHLO", hostname, file=sys.stderr, flush=True)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if scripted := await self.script.next("mail"):
            return scripted
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        print("RCPT", address, file=sys.stderr, flush=True)
        if address.lower() in self.hanging:
            await asyncio.sleep(3600)
        if scripted := await self.script.next("rcpt"):
            return scripted
        if address.lower() in self.rejected:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.tempfails > 0:
            self.tempfails -= 1
            return "451 4.3.0 Try again later"
        scripted = await self.script.next("data")
        if scripted and not scripted.startswith("2"):
            return scripted
        self.arrived += 1
        path = self.folder / f"{self.arrived:04}.eml"
        part = path.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.rename(path)
        return f"250 2.0.0 Kept as {path.name}"


class Script:
    """What is answered instead of the usual, so many times, after so many seconds."""

    def __init__(self, answers):
        self.answers = {}
        for answer in answers:
            stage, count, delay, text = answer.split(":", 3)
            self.answers.setdefault(stage, []).append([int(count), float(delay), text])

    async def next(self, stage):
        for answer in self.answers.get(stage, []):
            if answer[0] > 0:
                answer[0] -= 1
                print("ANSWER", stage, answer[2], file=sys.stderr, flush=True)
                await asyncio.sleep(answer[1])
                return answer[2]
        return None


class Server(SMTP):
    """Greets as the script says."""

    greeted = False

    async def push(self, status):
        if not self.greeted:
            self.greeted = True
            if scripted := await self.event_handler.script.next("greeting"):
                await super().push(scripted)
                self.transport.close()
                return
        await super().push(status)


def authenticator(login):
    user, _, password = login.partition(":")
    expected = (user.encode(), password.encode())

    def authenticate(server, session, envelope, mechanism, data):
        # `handled=False` lets the server answer a refusal itself; otherwise the client waits for ever.
        return AuthResult(success=(data.login, data.password) == expected, handled=False)

    return authenticate


def arguments():
    parser = argparse.ArgumentParser(description="An SMTP server for the tests, on 127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    parser.add_argument("--dir", type=Path, required=True, help="where messages are kept")
    parser.add_argument("--auth", metavar="USER:PASSWORD", help="demand this login")
    parser.add_argument("--tls", choices=["implicit", "starttls"], help="demand TLS")
    parser.add_argument("--cert", help="the certificate and its chain, PEM")
    parser.add_argument("--key", help="the certificate's key, PEM")
    parser.add_argument("--reject", metavar="ADDRESS", action="append", default=[], help="answer 550 to this recipient")
    parser.add_argument("--hang", metavar="ADDRESS", action="append", default=[], help="never answer to this recipient")
    parser.add_argument(
        "--answer",
        metavar="STAGE:COUNT:SECONDS:TEXT",
        action="append",
        default=[],
        help="the next COUNT times at greeting, mail, rcpt or data, answer TEXT after SECONDS",
    )
    parser.add_argument("--tempfail-first", metavar="N", type=int, default=0, help="answer 451 to the first N messages")
    given = parser.parse_args()
    if given.tls and not (given.cert and given.key):
        parser.error("--tls needs --cert and --key")
    return given


async def main():
    given = arguments()
    given.dir.mkdir(parents=True, exist_ok=True)
    rejected, hanging = ({address.lower() for address in given} for given in (given.reject, given.hang))
    mailbox = Mailbox(given.dir, rejected, hanging, given.tempfail_first, Script(given.answer))
    tls = None
    if given.tls:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(given.cert, given.key)
    starttls = given.tls == "starttls"

    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    threading.Thread(target=wait_for_end_of_input, args=(loop, stopped), daemon=True).start()

    # A login without STARTTLS, which aiosmtpd warns of, is what some tests are about.
    warnings.filterwarnings("ignore", module="aiosmtpd")
    logging.disable(logging.WARNING)

    def connection():
        return Server(
            mailbox,
            hostname="localhost",
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            auth_required=bool(given.auth),
            # With implicit TLS there is no STARTTLS to wait for before a login.
            auth_require_tls=starttls,
            authenticator=authenticator(given.auth) if given.auth else None,
            loop=loop,
        )

    listener = await loop.create_server(connection, "127.0.0.1", given.port, ssl=None if starttls else tls)
    print(f"listening on 127.0.0.1:{listener.sockets[0].getsockname()[1]}", flush=True)
    await stopped.wait()
    listener.close()


def wait_for_end_of_input(loop, stopped):
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(stopped.set)


asyncio.run(main())
