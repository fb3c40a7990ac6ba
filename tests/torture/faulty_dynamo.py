"""A proxy between the service and DynamoDB that causes faults."""

import asyncio
import json
import time

import aiohttp
from aiohttp import web

SHARE = 0.04
HOP = {"content-length", "transfer-encoding", "connection", "host", "content-encoding"}


class FaultyDynamo:
    """The proxy. While it is `faulty`, it applies one of the faults to a share of the requests."""

    def __init__(self, setup, endpoint):
        self.setup = setup
        self.endpoint = endpoint
        self.faulty = False
        self.faults = {}
        self.outage_until = 0.0
        self.session = None
        self.runner = None
        self.url = None

    async def start(self):
        """Listens on a free port."""
        self.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
        application = web.Application(client_max_size=2**25)
        application.router.add_route("*", "/{path:.*}", self._serve)
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    async def stop(self):
        """Stops listening."""
        await self.runner.cleanup()
        await self.session.close()

    @property
    def injected(self):
        """The number of requests with a fault."""
        return sum(self.faults.values())

    async def outages(self, until):
        """Sometimes, everything fails for a while."""
        while time.monotonic() < until:
            await asyncio.sleep(self.setup.random.uniform(2, 6))
            self.fail_for(self.setup.random.uniform(0.3, 3))

    def fail_for(self, seconds):
        """Makes DynamoDB unavailable for some seconds."""
        self.outage_until = time.monotonic() + seconds

    async def _serve(self, request):
        body = await request.read()
        call = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        fault = self._choose(call)
        if not fault:
            return await self._answer(request, body)
        self.faults[fault] = self.faults.get(fault, 0) + 1
        return await getattr(self, f"_{fault}")(request, body)

    def _choose(self, call):
        if not self.faulty:
            return None
        if time.monotonic() < self.outage_until:
            return self.setup.random.choice(("reset_before", "unavailable"))
        if not self.setup.chance(SHARE):
            return None
        faults = ["throttle", "reset_before", "reset_after", "truncate", "delay", "fail_before", "fail_after"]
        if call == "TransactWriteItems":
            faults += ["conflict"] * 3 + ["reset_after", "truncate"]
        return self.setup.random.choice(faults)

    async def _forward(self, request, body):
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP}
        async with self.session.request(request.method, self.endpoint, data=body, headers=headers) as answer:
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
            return answer.status, await answer.read(), kept

    async def _answer(self, request, body):
        status, content, headers = await self._forward(request, body)
        return web.Response(status=status, body=content, headers=headers)

    async def _throttle(self, _request, _body):
        return refusal(400, "ProvisionedThroughputExceededException", "The level of configured throughput was exceeded")

    async def _unavailable(self, _request, _body):
        return refusal(503, "ServiceUnavailable", "The service is unavailable")

    async def _fail_before(self, _request, _body):
        return refusal(500, "InternalServerError", "Internal server error")

    async def _fail_after(self, request, body):
        await self._forward(request, body)
        return refusal(500, "InternalServerError", "Internal server error")

    async def _conflict(self, _request, body):
        count = len(json.loads(body)["TransactItems"])
        hit = self.setup.random.randrange(count)
        reasons = [{"Code": "TransactionConflict" if number == hit else "None"} for number in range(count)]
        codes = ", ".join(reason["Code"] for reason in reasons)
        text = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
        return refusal(400, "TransactionCanceledException", text, CancellationReasons=reasons)

    async def _delay(self, request, body):
        await asyncio.sleep(self.setup.random.uniform(0.05, 2))
        return await self._answer(request, body)

    async def _reset_before(self, request, _body):
        return cut(request)

    async def _reset_after(self, request, body):
        await self._forward(request, body)
        return cut(request)

    async def _truncate(self, request, body):
        status, content, headers = await self._forward(request, body)
        response = web.StreamResponse(status=status, headers={**headers, "Content-Length": str(len(content))})
        await response.prepare(request)
        await response.write(content[:self.setup.random.randrange(len(content))] if content else b"")
        return cut(request, response)


def refusal(status, kind, text, **more):
    """A refusal as DynamoDB words it."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": text, "Message": text, **more}
    return web.Response(status=status, text=json.dumps(body), content_type="application/x-amz-json-1.0")


def cut(request, response=None):
    """Resets the connection."""
    if request.transport:
        request.transport.abort()
    return response or web.Response()
