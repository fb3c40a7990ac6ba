"""A client: if a reply is lost, it cannot know whether the call was carried out."""

import asyncio
from dataclasses import dataclass, field

import aiohttp


@dataclass
class Reply:
    """A reply."""

    status: int
    body: dict = field(default_factory=dict)
    replayed: bool = False
    retry_after: int = 0

    @property
    def code(self):
        """The error's code, if it is an error."""
        return self.body.get("code")

    @property
    def is_lost(self):
        """Whether it is unknown if the call was carried out."""
        return self.status in (0, 503)


LOST = Reply(0)


class Client:
    """Makes calls to one node, or to several in turn."""

    def __init__(self, *services, key="", seconds=20):
        self.services = services
        self.key = key
        self.turn = 0
        self.sent = 0
        self.statuses = {}
        self.session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=seconds), connector=aiohttp.TCPConnector(limit=0)
        )

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.session.close()

    async def call(self, path, body, *, token=None, once=None, address=None, service=None):
        """One call; `once` is its `Idempotency-Key`, `address` the address it seems to come from."""
        headers = {"Authorization": f"Bearer {self.key if token is None else token}"}
        if once:
            headers["Idempotency-Key"] = once
        if address:
            headers["X-Forwarded-For"] = address
        if token == "":
            del headers["Authorization"]
        self.turn += 1
        service = service or self.services[self.turn % len(self.services)]
        self.sent += 1
        reply = await self._send(f"{service.url}/{path}", body, headers)
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        return reply

    async def _send(self, url, body, headers):
        try:
            async with self.session.post(url, json=body, headers=headers) as answer:
                text = await answer.json(content_type=None)
                replayed, later = "Idempotency-Replayed" in answer.headers, answer.headers.get("Retry-After", "0")
                return Reply(answer.status, text, replayed, int(later))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return LOST

    async def sure(self, path, body, *, seconds=60, **more):
        """A call that reads, repeated until there is a reply."""
        until = asyncio.get_running_loop().time() + seconds
        while True:
            reply = await self.call(path, body, **more)
            if not reply.is_lost:
                return reply
            if asyncio.get_running_loop().time() > until:
                return reply
            await asyncio.sleep(0.05)

    async def pages(self, path, body):
        """Everything that a call lists, page after page."""
        found, query = [], "?limit=100"
        while True:
            reply = await self.sure(path + query, body)
            if reply.status != 200:
                raise LookupError(f"{path} {body}: {reply}")
            found += reply.body["data"]
            if "next" not in reply.body:
                return found
            query = f"?limit=100&next={reply.body['next']}"
