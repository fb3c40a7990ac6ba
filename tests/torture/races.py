"""Races: several callers want what only one can have."""

import asyncio


class Races:
    """For each race, its callers and its winner."""

    def __init__(self, setup, client, ledger):
        self.setup = setup
        self.client = client
        self.ledger = ledger
        self.count = 0
        self.open = []
        self.won = 0

    async def run(self, ended):
        """Runs one race after the other until `ended()`."""
        while not ended():
            self.count += 1
            calls = self._calls(self.count)
            self.open.append(calls)
            await asyncio.gather(*(self._try(call) for call in calls))
            await asyncio.sleep(0.2)

    def _calls(self, number):
        """Several callers want the same email, username or external id."""
        field = self.setup.random.choice(("email", "username", "externalId"))
        calls = []
        for place in range(4):
            body = {"email": f"race-{number}-{place}@example.com", "username": f"race-{number}-{place}"}
            body[field] = f"race-{number}" + ("@example.com" if field == "email" else "")
            calls.append({"field": field, "body": body, "once": self.ledger.once(), "reply": None})
        return calls

    async def _try(self, call):
        reply = await self.client.call("user/create", call["body"], once=call["once"])
        if not reply.is_lost:
            call["reply"] = reply

    async def settle(self):
        """Repeats unknown calls, and checks that each race has one winner, whose record is there."""
        for calls in self.open:
            for call in calls:
                for _ in range(300):
                    if call["reply"]:
                        break
                    await self._try(call)
                    await asyncio.sleep(0 if call["reply"] else 0.2)
            await self._judge(calls)

    async def _judge(self, calls):
        taken = {"email": "email_taken", "username": "username_taken", "externalId": "external_id_taken"}
        field, value = calls[0]["field"], calls[0]["body"][calls[0]["field"]]
        replies = [call["reply"] for call in calls]
        if None in replies:
            self.setup.violated(f"a race for {field} {value}: no answer to some calls")
            return
        # A reply that is lost for good says that the call was carried out.
        winners = [call for call in calls if call["reply"].status == 200 or call["reply"].code == "reply_lost"]
        others = [reply for reply in replies if reply.status == 409 and reply.code == taken[field]]
        fair = len(winners) == 1 and len(winners) + len(others) == len(calls)
        if not self.setup.require(fair, f"a race for {field} {value}: {replies}"):
            return
        found = await self.client.sure("user/get", {field: value})
        email = winners[0]["body"]["email"]
        self.setup.require(found.body.get("email") == email, f"a race for {field} {value}: {email} won, {found} has it")
        for call in calls:
            if call["body"]["email"] != email:
                loser = await self.client.sure("user/get", {"email": call["body"]["email"]})
                self.setup.require(loser.status == 404, f"a race for {field} {value}: the loser is there: {loser}")
        self.won += 1
