"""People who sign in with a provider: the first time, again, and with a second identity that they link and unlink."""

import asyncio
import base64
import json
import time

from provider import NAME

# The token that is shown has expired, or its sign-in is not fresh any more.
STALE = ("unauthenticated", "reauthentication_required")
# As often as somebody may change identities without having to wait.
CHANGES = 6


class Linked:
    """A person with two identities at the provider; the second one is linked at times."""

    def __init__(self, crowd, number):
        self.crowd = crowd
        self.setup = crowd.setup
        self.email = f"linked-{number}@example.com"
        self.address = f"10.8.{number // 250}.{number % 250 + 1}"
        self.first, self.second = f"{number}-first", f"{number}-second"
        self.invite = None
        # What the service calls the person, from the first time on.
        self.subject = None
        self.token = None
        # Whether the second identity is linked; `None` if nobody knows.
        self.is_linked = False
        self.was_linked = False

    async def _call(self, path, body, token=""):
        return await self.crowd.client.call(path, body, token=token, address=self.address)

    async def invited(self):
        """Creates the user, as invited; returns whether that is known to have happened."""
        once, body = f"create {self.email}", {"email": self.email, "sendInvite": True}
        reply = await self.crowd.client.call("user/create", body, once=once)
        if reply.code == "reply_lost":
            reply = await self.crowd.client.call("user/get", {"email": self.email})
        if reply.is_lost:
            return False
        if self.setup.require(reply.status == 200, f"{self.email}: cannot be made: {reply}"):
            self.invite = reply.body.get("invite")
        return True

    async def sign_in(self, identity):
        """Goes to the provider and back; returns the service's reply."""
        # Only who is there for the first time, or does not know of it, comes by the invite.
        invite = {} if self.subject else {"invite": self.invite}
        begun = await self._call("provider/begin", {"provider": NAME, **invite})
        if begun.status != 200:
            return begun
        back = self.crowd.provider.consent(begun.body["url"], identity, self.email)
        reply = await self._call("provider/finish", {**back, "key": begun.body["key"]})
        if reply.status == 200:
            self._entered(identity, reply)
        return reply

    def _entered(self, identity, reply):
        """Either identity is the same person, however often the service was killed."""
        token = reply.body.get("accessToken")
        if not self.setup.require(token, f"{self.email}: {identity} is let in without a token: {reply}"):
            return
        payload = token.split(".")[1]
        subject = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]
        self.setup.require(
            self.subject in (None, subject), f"{self.email}: {identity} leads to {subject} and not to {self.subject}"
        )
        self.subject, self.token = self.subject or subject, token
        self.crowd.sign_ins += 1

    async def come_in(self):
        """Signs in with the first identity; returns whether the result is known."""
        reply = await self.sign_in(self.first)
        if not reply.is_lost:
            # A state that a lost call has used up is no more good; nothing else may stand in the way.
            self.setup.require(reply.status == 200, f"{self.email}: {self.first} is refused: {reply}")
        return not reply.is_lost

    async def link(self):
        """Links the second identity."""
        begun = await self._call("provider/beginLink", {"provider": NAME}, self.token)
        if begun.status == 200:
            back = self.crowd.provider.consent(begun.body["url"], self.second, self.email)
            reply = await self._call("provider/finishLink", {**back, "key": begun.body["key"]}, self.token)
            self._changed(reply, True)
        else:
            self._not_begun(begun, "beginLink")

    async def unlink(self):
        """Unlinks the second identity."""
        body = {"issuer": self.crowd.provider.issuer, "subject": self.second}
        self._changed(await self._call("provider/remove", body, self.token), False)

    def _changed(self, reply, is_linked):
        if reply.is_lost:
            self.is_linked = None
        elif reply.status == 200:
            self.is_linked = is_linked
            self.was_linked |= is_linked
            self.crowd.changes += 1
        else:
            self._not_begun(reply, "link" if is_linked else "remove")

    def _not_begun(self, reply, what):
        """Replaces an expired session the next time."""
        stale = reply.is_lost or reply.code in STALE
        self.setup.require(stale, f"{self.email}: provider/{what} is refused: {reply}")

    async def find_out(self):
        """Asks which identities are linked, in a new session; returns whether there is a reply."""
        if not await self.come_in():
            return False
        found = await self._call("provider/find", {}, self.token)
        if found.status != 200:
            self._not_begun(found, "find")
            return False
        listed = sorted(one["subject"] for one in found.body["linked"])
        known = [[self.first], sorted((self.first, self.second))]
        if self.is_linked is None and listed in known:
            self.is_linked = listed == known[1]
            self.was_linked |= self.is_linked
        self.setup.require(listed == known[bool(self.is_linked)], f"{self.email}: {listed} are linked, not {self.is_linked}")
        return True

    async def live(self, until):
        """Does all of this, and knows the results at the end, unless the time is up."""
        steps = [self.invited, self.come_in]
        for step in steps:
            while not await step():
                if time.monotonic() > until:
                    return
                await asyncio.sleep(0.05)
        for _ in range(CHANGES):
            if time.monotonic() > until:
                return
            await self._change_or_not()
            await asyncio.sleep(0.05)

    async def _change_or_not(self):
        if self.is_linked is None:
            await self.find_out()
        elif self.setup.chance(0.3) or not await self.come_in():
            await self.come_in()
        elif self.is_linked:
            await self.unlink()
        else:
            await self.link()

    async def check(self):
        """Checks that a linked identity leads to the person, and an unlinked one does not."""
        if not (self.invite or self.subject):
            await self._until_known(self.invited)
        await self._until_known(self.find_out)
        user = (await self.crowd.client.sure("user/get", {"email": self.email})).body
        self.setup.require(user.get("state") == "active", f"{self.email}: has signed in, and is {user}")
        if self.was_linked:
            reply = await self.sign_in(self.second)
            wanted = (200, None) if self.is_linked else (401, "link_required")
            self.setup.require((reply.status, reply.code) == wanted, f"{self.email}: linked {self.is_linked}, but {reply}")


    async def _until_known(self, step, seconds=60):
        until = time.monotonic() + seconds
        while not await step():
            if time.monotonic() > until:
                self.setup.violated(f"{self.email}: no answer to {step.__name__} within {seconds} s")
                return
            await asyncio.sleep(0.1)


class LinkedCrowd:
    """One person after the other, so that most actions happen for the first time."""

    def __init__(self, setup, client, provider, number):
        self.setup = setup
        self.number = number
        self.client = client
        self.provider = provider
        self.people = []
        self.sign_ins = 0
        self.changes = 0

    async def live(self, until):
        """Works until the time is up."""
        while time.monotonic() < until:
            self.people.append(Linked(self, 10_000 * self.number + len(self.people)))
            await self.people[-1].live(until)

    async def check(self):
        """Finishes open calls, and compares."""
        for person in self.people:
            await person.check()
