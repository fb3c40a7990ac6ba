"""People who sign up with an invite, refresh their sessions, and change their passwords."""

import asyncio
import time

import emails

# The token that is shown has expired, or its sign-in is not fresh any more.
STALE = ("unauthenticated", "reauthentication_required")
# Each change sends an email, and a mailbox gets only so many of these.
LIMITED = "too_many_requests"


class Person:
    """A person with a password and a session; after a lost reply, the call is repeated."""

    def __init__(self, setup, client, number, mailbox):
        self.setup = setup
        self.client = client
        self.email = f"person-{number}@example.com"
        self.address = f"10.7.0.{number + 1}"
        self.mailbox = mailbox
        self.password = f"first password of {self.email}"
        self.passwords = 0
        self.may_change = True
        self.refresh_token = None
        self.refreshes = 0
        self.turned = 0

    async def join(self):
        """Is invited, reads the email and signs up with its code."""
        await self._until_ok("user/create", {"email": self.email, "sendInvite": True}, once=f"create {self.email}")
        code = await self._code()
        reply = await self.client.call(
            "identity/create", {"email": self.email, "password": self.password, "invite": code},
            token="", address=self.address,
        )
        if reply.status == 200:
            self.refresh_token = reply.body["refreshToken"]
        else:
            self.setup.violated(f"{self.email}: signing up with the emailed code: {reply}")

    async def _code(self, patience=60):
        until = time.monotonic() + patience
        while time.monotonic() < until:
            mine = [mail.code for mail in self.mailbox() if mail.to == self.email and mail.code]
            if mine:
                return mine[-1]
            await asyncio.sleep(0.1)
        self.setup.violated(f"{self.email}: no invite in the mail within {patience} s")
        return ""

    async def live(self, until):
        """Refreshes, and sometimes changes the password or signs in."""
        while time.monotonic() < until:
            if self.setup.chance(0.1) and self.may_change:
                await self.change_password()
            else:
                await self.refresh()
            await asyncio.sleep(0.05)

    async def refresh(self):
        """Refreshes with the last acknowledged token."""
        body = {"refreshToken": self.refresh_token}
        reply = await self.client.call("session/refresh", body, token="", address=self.address)
        if reply.status == 200:
            self.turned += reply.body["refreshToken"] != self.refresh_token
            self.refresh_token = reply.body["refreshToken"]
            self.refreshes += 1
        elif not reply.is_lost:
            self.setup.violated(f"{self.email}: the last refresh token is refused: {reply}")

    async def sign_in(self, password=None):
        """Starts a new session; returns the reply, once there is one."""
        body = {"email": self.email, "password": password or self.password}
        return await self.client.sure("session/create", body, token="", address=self.address)

    async def change_password(self):
        """Changes the password, in a new session that stays open."""
        signed_in = await self.sign_in()
        if signed_in.status != 200:
            self.setup.violated(f"{self.email}: the right password is refused: {signed_in}")
            return
        self.refresh_token = signed_in.body["refreshToken"]
        self.passwords += 1
        new = f"password {self.passwords} of {self.email}"
        body = {"currentPassword": self.password, "newPassword": new}
        reply = await self._until_ok(
            "user/changePassword", body, token=signed_in.body["accessToken"], once=f"{self.email} {self.passwords}",
            allowed=(*STALE, LIMITED),
        )
        if reply.code in (*STALE, LIMITED):
            self.may_change = reply.code != LIMITED
            await self._find_out(new)
        elif not reply.is_lost:
            self.password = new

    async def _find_out(self, new):
        """For when replies are no longer repeated because of the clock, or a repetition is one too many: finds out by
        the passwords what happened to the call."""
        for password in (new, self.password):
            signed_in = await self.sign_in(password)
            if signed_in.status == 200:
                self.password, self.refresh_token = password, signed_in.body["refreshToken"]
                return
        self.setup.violated(f"{self.email}: neither the old nor the new password is right: {signed_in}")

    async def check(self):
        """Checks that the last password and the last token work."""
        await self.refresh()
        reply = await self.sign_in()
        self.setup.require(reply.status == 200, f"{self.email}: the password is refused: {reply}")

    async def _until_ok(self, path, body, seconds=300, allowed=(), **more):
        """A call with an `Idempotency-Key`, repeated until it is acknowledged. Whenever its node is killed, or cannot
        reach the table to release the key, the next attempt waits for 30 seconds; this can happen several times in a
        row."""
        until = time.monotonic() + seconds
        while True:
            reply = await self.client.call(path, body, address=self.address, **more)
            if not reply.is_lost:
                # A reply that is lost for good says that the call was carried out.
                done = reply.status == 200 or reply.code in ("reply_lost", *allowed)
                self.setup.require(done, f"{self.email}: {path} is refused: {reply}")
                return reply
            if time.monotonic() > until:
                self.setup.violated(f"{self.email}: no answer to {path} within {seconds} s")
                return reply
            await asyncio.sleep(0.1)


async def join(setup, client, count, folder):
    """Some people who have joined before the faults begin."""
    people = [Person(setup, client, number, lambda: emails.in_folder(folder)) for number in range(count)]
    await asyncio.gather(*(person.join() for person in people))
    return people
