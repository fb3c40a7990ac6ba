"""Work for the service, and a ledger of what it has acknowledged, to compare with at the end."""

import asyncio
import time
import uuid

from subject import Subject

OPERATIONS_OF_ONE = 12


class Ledger:
    """Several concurrent workers, each with its own users."""

    def __init__(self, setup, client, *, workers=6):
        self.setup = setup
        self.client = client
        self.workers = workers
        self.subjects = []
        self.named = {}
        self.removals = []
        self.acknowledged = 0
        self.unknown = 0
        self.invites = 0
        self.stopped = False

    async def work(self, seconds):
        """Works for some seconds, and then stops; unknown calls stay unknown."""
        self.stopped = False
        until = time.monotonic() + seconds
        await asyncio.gather(*(self._worker(number, until) for number in range(self.workers)))

    async def settle(self, seconds=90):
        """Repeats unknown calls until each is known to have been carried out once."""
        until = time.monotonic() + seconds
        left = [subject for subject in self.subjects if subject.pending]
        while left and time.monotonic() < until:
            await asyncio.gather(*(self._resolve(subject) for subject in left[:8]))
            left = [subject for subject in self.subjects if subject.pending]
            await asyncio.sleep(0.1)
        for subject in left:
            self.setup.violated(f"{subject.email}: no answer to {subject.pending} within {seconds} s")
        await self._settle_named(until)

    async def _worker(self, number, until):
        own, made = [], 0
        while time.monotonic() < until and not self.stopped:
            if len(own) < 4:
                made += 1
                own.append(self._subject(f"w{number}-{made}-{len(self.subjects)}@example.com"))
            subject = self.setup.random.choice(own)
            if subject.pending:
                await self._resolve(subject)
                await asyncio.sleep(0.05)
            else:
                await self._operate(subject)
            if sum(subject.actions.values()) >= OPERATIONS_OF_ONE and not subject.pending:
                own.remove(subject)
            if self.setup.chance(0.03):
                await self._make_named()

    def _subject(self, email):
        subject = Subject(email)
        self.subjects.append(subject)
        return subject

    def once(self):
        """An `Idempotency-Key` that was never used."""
        return str(uuid.UUID(int=self.setup.random.getrandbits(128)))

    async def _operate(self, subject):
        subject.pending = subject.choose(self.setup.random, self.once())
        await self._send(subject)

    async def _send(self, subject):
        operation = subject.pending
        operation.tries += 1
        reply = await self.client.call(operation.call, operation.body, once=operation.once)
        if reply.is_lost:
            if operation.tries == 1:
                self.unknown += 1
        elif reply.status == 200:
            self._take(subject, reply)
        elif reply.code == "reply_lost" and operation.tries > 1:
            await self._take_without_reply(subject)
        else:
            self._broken(subject, f"refused with {reply}")

    def _take(self, subject, reply):
        operation = subject.pending
        if operation.seen and not reply.replayed:
            self.setup.violated(f"{subject.email}: {operation} was carried out twice")
        if operation.call.startswith("hold/"):
            if reply.body.get("ref") != operation.body["ref"]:
                self._broken(subject, f"the reply is {reply}")
                return
            record = subject.after_hold()
        else:
            record = reply.body
            wrong = subject.wrong_after(record, operation)
            if wrong:
                self._broken(subject, wrong)
                return
        self._acknowledge(subject, record)

    async def _take_without_reply(self, subject):
        record = await self.look(subject)
        if record is None:
            return
        wrong = "is nowhere" if not record else subject.wrong_after(record, subject.pending)
        if wrong:
            self._broken(subject, f"its reply is lost, but {wrong}")
        else:
            self._acknowledge(subject, record)

    def _acknowledge(self, subject, record):
        self.invites += subject.pending.invites
        self.acknowledged += 1
        subject.acknowledged(subject.pending, record)

    def _broken(self, subject, what):
        """Reports what is broken about a subject, and stops using it."""
        self.setup.violated(f"{subject.email}: {subject.pending}: {what}; before it: {subject.record}")
        subject.pending = None
        self.subjects.remove(subject)
        self.stopped = True

    async def _resolve(self, subject):
        """Finds out what happened to a call whose reply was lost, and sends it again."""
        record = await self.look(subject)
        if record is None:
            return
        operation = subject.pending
        if not subject.is_before(record or None):
            wrong = subject.wrong_after(record, operation) if record else "is nowhere"
            if wrong:
                self._broken(subject, f"neither wholly there nor not at all: {wrong}")
                return
            operation.seen = True
        elif operation.seen:
            self._broken(subject, "was there, and is there no more")
            return
        await self._send(subject)

    async def look(self, subject):
        """The user as found by every selector: `{}` if none finds it, `None` without a reply."""
        found = await self.client.call("user/get", {"email": subject.email})
        if found.is_lost:
            return None
        if found.status == 404:
            return await self._look_in_trash(subject)
        record = found.body
        after = {**(subject.record or {}), **(subject.pending.after if subject.pending else {})}
        for selector in [*subject.selectors(subject.record), *subject.selectors(after), *subject.selectors(record)]:
            reply = await self.client.call("user/get", selector)
            if reply.is_lost:
                return None
            names_it = all(record.get(name) == value for name, value in selector.items())
            if not self._agrees(reply, record if names_it else None):
                again = await self.client.call("user/get", {"email": subject.email})
                # A person who has lost a reply may find that the call is carried out in between.
                if again.body == record:
                    self.setup.violated(f"{subject.email}: {selector} finds {reply}, email finds {record}")
                return None
        return record

    async def _look_in_trash(self, subject):
        trash = await self.client.call("trash/find", {"email": subject.email})
        if trash.status != 200:
            return None
        after = {**(subject.record or {}), **(subject.pending.after if subject.pending else {})}
        for selector in [*subject.selectors(subject.record), *subject.selectors(after)]:
            reply = await self.client.call("user/get", selector)
            if reply.is_lost:
                return None
            if reply.status != 404:
                again = await self.client.call("user/get", {"email": subject.email})
                if again.status == 404:
                    self.setup.violated(f"{subject.email}: {selector} finds {reply}, but its email nobody")
                return None
        data = trash.body["data"]
        return data[0] if data else {}

    @staticmethod
    def _agrees(reply, record):
        return reply.body == record if record else reply.status == 404

    async def _make_named(self):
        """A key or an account, which is recognised only by its name."""
        kind = self.setup.random.choice(("key", "account"))
        name = f"{kind}-{len(self.named)}"
        body = {"name": name, "role": "user"} if kind == "key" else {"name": name}
        self.named[name] = call = {"call": f"{kind}/create", "body": body, "once": self.once(), "id": None}
        await self._send_named(call)

    async def _send_named(self, call):
        reply = await self.client.call(call["call"], call["body"], once=call["once"])
        if reply.status == 200:
            call["id"] = reply.body["id"]
            self.acknowledged += 1
            if call["call"] == "key/create" and self.setup.chance(0.5):
                self.removals.append({"id": reply.body["id"], "name": call["body"]["name"], "done": False})
                await self._remove_key(self.removals[-1])
        elif reply.code == "reply_lost":
            call["id"] = "unknown"
        elif not reply.is_lost:
            self.setup.violated(f"{call} is refused with {reply}")
            call["id"] = "refused"

    async def _remove_key(self, removal):
        removal["once"] = removal.get("once") or self.once()
        reply = await self.client.call("key/remove", {"id": removal["id"]}, once=removal["once"])
        if not reply.is_lost:
            removal["done"] = reply.status == 200 or reply.code == "reply_lost"
            self.setup.require(removal["done"], f"{removal} is refused with {reply}")
            self.acknowledged += 1

    async def _settle_named(self, until):
        for call in self.named.values():
            while not call["id"] and time.monotonic() < until:
                await self._send_named(call)
                await asyncio.sleep(0.1 if not call["id"] else 0)
            self.setup.require(call["id"], f"no answer to {call}")
        for removal in self.removals:
            while not removal["done"] and time.monotonic() < until:
                await self._remove_key(removal)
                await asyncio.sleep(0 if removal["done"] else 0.1)
            self.setup.require(removal["done"], f"no answer to {removal}")
