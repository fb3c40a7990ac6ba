"""A wall clock that steps by minutes, hours and days, in both directions."""

import asyncio
import time

import check
import emails
from client import Client
from ledger import Ledger
from service import Service, fake_time

STEPS = (90, 3600, 5 * 3600, 86_400, 2 * 86_400)
# How far behind it may come: invites that were made there must still be open when it is right again.
FARTHEST_SECONDS = 4 * 86_400
CALLER_SECONDS = 1
# Six wrong passwords are answered with a pause of seconds, wherever the clock stands.
LONGEST_PAUSE_SECONDS = 60
EMAIL_SECONDS = 20
PASSWORD = "a right password of some length"


async def run(setup):
    """Whatever the clock does, people without access are refused, all others can sign in, and emails are sent."""
    clock = Clock(setup)
    service = Service(setup, flags=[f"--caller-seconds={CALLER_SECONDS}"])
    service.variables = clock.variables
    key = service.key()
    await service.start()
    steps = []
    async with Client(service, key=key) as client:
        ledger = Ledger(setup, client, workers=2)
        working = asyncio.create_task(ledger.work(86_400))
        person = await Person.join(client, "refresh@example.com")
        number = 0
        while setup.left() > 0 or len(steps) < 3:
            number += 1
            await _round(setup, clock, service, client, person, number, steps)
        ledger.stopped = True
        await working
        clock.step(0)
        await ledger.settle()
        others = check.Counter({("active", "user"): 1 + number, ("invited", "user"): number})
        await check.check(ledger, others, invited=None)
        waiting = await check.all_sent(client, 30)
        setup.require(waiting == 0, f"{waiting} emails still wait")
        lost = check.emails_missing(ledger, emails.in_folder(service.folder / "data" / "mail"))
        setup.require(500 not in client.statuses, f"replies: {client.statuses}")
    setup.require(await service.terminate() == 0, "SIGTERM does not end it with 0")
    service.check_log()
    return {"steps": ",".join(steps), "acknowledged": ledger.acknowledged, "unknown": ledger.unknown, "lost": lost}


class Clock:
    """The wall clock of the service and of the commands beside it."""

    def __init__(self, setup):
        self.setup = setup
        self.file = setup.folder / "clock"
        self.offset = 0
        self.step(0)
        self.variables = fake_time() | {"FAKETIME_TIMESTAMP_FILE": str(self.file)}

    def step(self, offset):
        """Sets it ahead of the real clock, or behind, by some seconds; it continues from there."""
        draft = self.file.with_suffix(".new")
        draft.write_text(f"{offset:+d}s")
        draft.rename(self.file)
        self.offset = offset

    def anywhere(self):
        """Steps to another time, mostly back; returns the size of the step in words."""
        before = self.offset
        size = self.setup.random.choice(STEPS)
        back = before > 0 or (before - size > -FARTHEST_SECONDS and self.setup.chance(0.6))
        self.step(before - size if back else before + size)
        return f"{self.offset - before:+d}s"


class Person:
    """A person with a session."""

    def __init__(self, client, email, user, tokens):
        self.client = client
        self.email = email
        self.id = user
        self.access = tokens["accessToken"]
        self.refresh_token = tokens["refreshToken"]

    @classmethod
    async def join(cls, client, email):
        """Creates the user with a password, and signs in."""
        made = await client.sure("user/create", {"email": email, "password": PASSWORD})
        body = {"email": email, "password": PASSWORD}
        reply = await client.sure("session/create", body, token="", address="10.8.0.1")
        if made.status != 200 or reply.status != 200:
            raise LookupError(f"{email} does not get in: {made} {reply}")
        return cls(client, email, made.body["id"], reply.body)

    async def refresh(self):
        """The next token."""
        body = {"refreshToken": self.refresh_token}
        reply = await self.client.sure("session/refresh", body, token="", address="10.8.0.1")
        if reply.status == 200:
            self.access, self.refresh_token = reply.body["accessToken"], reply.body["refreshToken"]
        return reply


async def _round(setup, clock, service, client, person, number, steps):
    """One step; prepares before it everything that could break, and checks that afterwards."""
    key, account, foreign = await _known_callers(client, number)
    guessed = await Person.join(client, f"guessed-{number}@example.com")
    await _guess(client, guessed, number)
    blocked = f"blocked-{number}@example.com"
    mail = service.folder / "data" / "mail"
    await _block_mail(client, mail, blocked)
    steps.append(clock.anywhere())
    told = f"after a step of {steps[-1]} to {clock.offset:+d}s"
    await asyncio.to_thread(service.command, "key", "remove", key["id"])
    await asyncio.to_thread(service.command, "account", "update", account, "--state=suspended")
    before = _unblock_mail(mail)
    waiting = asyncio.create_task(_arrives(mail, blocked, before))
    refreshed = await person.refresh()
    setup.require(refreshed.status == 200, f"{told}: the refresh token is refused: {refreshed}")
    if await _sign_in_again(setup, client, guessed, number, told):
        await _suspend(setup, client, guessed, told)
    await asyncio.sleep(CALLER_SECONDS + 0.5)
    reply = await client.sure("user/find", {}, token=key["key"])
    setup.require(reply.status == 401, f"{told}: a removed key is answered {reply.status}")
    reply = await client.sure("user/find", {}, token=foreign)
    setup.require(reply.status == 403, f"{told}: a key of a suspended account is answered {reply.status}")
    setup.require(await waiting, f"{told}: an email that had failed before is not sent within {EMAIL_SECONDS} s")


async def _known_callers(client, number):
    """A key, an account and its key, all of them cached by the service."""
    key = (await client.sure("key/create", {"name": f"clock {number}", "role": "admin"})).body
    account = (await client.sure("account/create", {"name": f"Clock {number}"})).body["id"]
    foreign = await client.sure("key/create", {"name": "clock", "role": "admin", "accountId": account})
    for token in (key["key"], foreign.body["key"]):
        reply = await client.sure("user/find", {}, token=token)
        if reply.status != 200:
            raise LookupError(f"a new key is refused: {reply}")
    return key, account, foreign.body["key"]


async def _guess(client, person, number):
    for _ in range(6):
        body = {"email": person.email, "password": "a wrong password of some length"}
        await client.sure("session/create", body, token="", address=f"10.9.{number % 256}.1")


async def _sign_in_again(setup, client, person, number, told):
    """Whether the right password works within the pause that a few guesses cost."""
    body = {"email": person.email, "password": PASSWORD}
    until = time.monotonic() + LONGEST_PAUSE_SECONDS
    while True:
        reply = await client.sure("session/create", body, token="", address=f"10.9.{number % 256}.1")
        if reply.status != 429 or time.monotonic() > until:
            break
        if not setup.require(
            reply.retry_after <= LONGEST_PAUSE_SECONDS,
            f"{told}: a right password is answered Retry-After: {reply.retry_after}",
        ):
            return False
        await asyncio.sleep(min(reply.retry_after, 5) + 0.2)
    person.access = reply.body.get("accessToken")
    return setup.require(reply.status == 200, f"{told}: a right password is answered {reply}")


async def _suspend(setup, client, person, told):
    """A suspended user is refused immediately, on the node that suspended them."""
    reply = await client.sure("user/get", {}, token=person.access)
    setup.require(reply.status == 200, f"{told}: a new access token is answered {reply}")
    await client.sure("user/update", {"id": person.id, "state": "suspended"})
    reply = await client.sure("user/get", {}, token=person.access)
    setup.require(reply.status == 403, f"{told}: a suspended user is answered {reply}")
    await client.sure("user/update", {"id": person.id, "state": "active"})


async def _block_mail(client, mail, email):
    """An email that fails to be written once."""
    mail.mkdir(exist_ok=True)
    mail.rename(mail.with_name("mail-aside"))
    mail.touch()
    await client.sure("user/create", {"email": email, "sendInvite": True})
    until = time.monotonic() + 10
    while time.monotonic() < until:
        waiting = await client.pages("mail/find", {"state": "waiting"})
        if any(one["to"] == email and one["attempts"] for one in waiting):
            return
        await asyncio.sleep(0.1)


def _unblock_mail(mail):
    """Returns the emails that are there already."""
    mail.unlink()
    mail.with_name("mail-aside").rename(mail)
    return set(mail.glob("*.eml"))


async def _arrives(mail, email, known):
    # Each file is read once: after an hour there are thousands.
    until = time.monotonic() + EMAIL_SECONDS
    while time.monotonic() < until:
        new = {path for path in mail.glob("*.eml") if path not in known}
        if any(emails.parse(path.read_bytes()).to == email for path in sorted(new)):
            return True
        known = known | new
        await asyncio.sleep(0.2)
    return False
