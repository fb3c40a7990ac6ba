"""A mail server that refuses, stops answering, hangs up and replies late, at every stage."""

import asyncio
import base64
import ssl
import time

import emails
from certificates import write_certificates

SHARE = 0.05
STAGES = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "end")
# Server-wide refusals: none of them is the recipient's fault.
REFUSALS = {
    "greeting": "554 5.3.2 No service here", "ehlo": "550 5.7.1 Not from you", "starttls": "502 5.5.1 No TLS today",
    "auth": "535 5.7.8 Wrong credentials", "mail": "553 5.1.8 Not this sender", "rcpt": "554 5.7.1 Relaying denied",
    "data": "554 5.5.1 No", "end": "554 5.7.1 Over the quota of the sender",
}
OK = {
    "greeting": "220 torture ESMTP", "starttls": "220 Go ahead", "auth": "235 2.7.0 Welcome", "mail": "250 2.1.0 OK",
    "rcpt": "250 2.1.5 OK", "data": "354 Go ahead", "end": "250 2.0.0 Kept",
}
LOGIN = base64.b64encode(b"\0torture\0secret").decode()


class HungUp(Exception):
    """This side has closed the connection."""


class FaultySmtp:
    """Keeps the emails that it accepts. While it is `faulty`, a share of the replies has one of the faults."""

    def __init__(self, setup, late_seconds):
        self.setup = setup
        self.late_seconds = late_seconds
        self.faulty = False
        self.faults = 0
        self.accepted = []
        # Message ids of which the client may not know that they were accepted, and addresses that were refused.
        self.unsure = set()
        self.refused = set()
        self.tls = self.wrong_tls = self.listener = self.port = None

    async def start(self):
        """Listens on a free port, with a certificate that clients can trust, and one that they cannot."""
        write_certificates(self.setup.folder)
        self.tls = _context(self.setup.folder / "leaf.pem")
        self.wrong_tls = _context(self.setup.folder / "wrong.pem")
        self.listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**22)
        self.port = self.listener.sockets[0].getsockname()[1]

    def stop(self):
        """Stops listening."""
        self.listener.close()

    async def _serve(self, reader, writer):
        try:
            await _Conversation(self, reader, writer).hold()
        except (HungUp, ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError,
                asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def keep(self, raw, is_sure):
        """Records an accepted message; `is_sure` says whether its sender gets the reply."""
        message = emails.parse(raw)
        self.accepted.append((time.time(), message))
        if not is_sure:
            self.unsure.add(message.id)


class _Conversation:
    """One connection."""

    def __init__(self, server, reader, writer):
        self.server = server
        self.reader = reader
        self.writer = writer
        self.is_encrypted = False
        self.recipient = ""

    async def hold(self):
        """Replies until one side hangs up."""
        await self._reply("greeting")
        while line := (await self.reader.readline()).decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "EHLO":
                await self._reply("ehlo")
            elif verb == "STARTTLS":
                await self._start_tls()
            elif verb == "AUTH":
                knows = line.endswith(LOGIN)
                await (self._reply("auth") if knows else self._reply(None, REFUSALS["auth"]))
            elif verb == "MAIL":
                await self._reply("mail")
            elif verb == "RCPT":
                await self._recipient(line)
            elif verb == "DATA":
                await self._data()
            elif verb in ("RSET", "NOOP"):
                await self._reply(None, "250 2.0.0 OK")
            elif verb == "QUIT":
                await self._reply(None, "221 2.0.0 Bye")
                return
            else:
                await self._reply(None, "500 5.5.1 What?")

    async def _recipient(self, line):
        self.recipient = line.partition("<")[2].partition(">")[0]
        if self.server.faulty and self.server.setup.chance(SHARE / 2):
            self.server.faults += 1
            self.server.refused.add(self.recipient)
            await self._reply(None, "550 5.1.1 No such mailbox")
        else:
            await self._reply("rcpt")

    async def _data(self):
        if not await self._reply("data"):
            return
        raw = await self.reader.readuntil(b"\r\n.\r\n")
        raw = raw.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        await self._reply("end", kept=raw)

    async def _start_tls(self):
        if not await self._reply("starttls"):
            return
        is_wrong = self.server.faulty and self.server.setup.chance(SHARE)
        self.server.faults += is_wrong
        await self.writer.start_tls(self.server.wrong_tls if is_wrong else self.server.tls)
        self.is_encrypted = True

    async def _reply(self, stage, text=None, kept=None):
        """Replies, or applies a fault of the stage; returns whether the client can continue."""
        fault = self._choose(stage)
        if fault in ("hang", "hang_up", "late", "never_said") and kept is not None and fault != "hang_up":
            self.server.keep(kept, is_sure=False)
        if fault == "hang":
            await asyncio.wait_for(self.reader.read(), 120)
        if fault in ("hang", "hang_up", "never_said"):
            raise HungUp
        if fault == "late":
            await asyncio.sleep(self.server.late_seconds)
        if fault in ("later", "never"):
            text = f"421 4.3.2 Later ({stage})" if fault == "later" else REFUSALS[stage]
            await self._say(text)
            return False
        if kept is not None and fault is None:
            self.server.keep(kept, is_sure=True)
        await self._say(text or self._ok(stage))
        return True

    def _choose(self, stage):
        server = self.server
        if stage is None or not server.faulty or not server.setup.chance(SHARE):
            return None
        server.faults += 1
        faults = ["later", "later", "never", "never", "hang_up", "late", "hang"]
        return server.setup.random.choice([*faults, "never_said"] if stage == "end" else faults)

    def _ok(self, stage):
        if stage != "ehlo":
            return OK[stage]
        return "250-torture\r\n250-8BITMIME\r\n250 " + ("AUTH PLAIN" if self.is_encrypted else "STARTTLS")

    async def _say(self, text):
        self.writer.write(f"{text}\r\n".encode())
        await self.writer.drain()


def _context(path):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context
