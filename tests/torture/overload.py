"""More than the service can handle: silent and slow connections, pipelines, and a crowd that signs in."""

import asyncio
import contextlib
import resource
import shutil
import time

import aiohttp

from client import Client
from service import Service, probe

SILENT = 1500
SLOW = 200
PIPELINES = 10
PIPELINED = 100
CROWD = 60
# The usual soft limit of open files; the service has to raise it.
FILES = 1024
PROBE_SECONDS = 3
READ_SECONDS = 5
MEMORY_MIB = 512
PASSWORD = "a right password of some length"


async def run(setup):
    """Probes and an admin's reads always get replies, memory is bounded, and afterwards everything is as before."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    service = Service(setup)
    key = service.key()
    if shutil.which("prlimit"):
        service.prefix = ["prlimit", f"--nofile={FILES}:{hard}"]
    await service.start()
    figures = {"pipelined": 0, "signed_in": 0, "put_off": 0, "probes": 0, "reads": 0, "peak_mib": 0}
    slowest = {"probe": 0.0, "read": 0.0}
    async with Client(service, key=key, seconds=60) as client:
        for number in range(20):
            body = {"email": f"crowd-{number}@example.com", "password": PASSWORD}
            await client.sure("user/create", body)
        figures["idle_mib"] = service.memory_mib()
        until = time.monotonic() + setup.seconds
        await asyncio.gather(
            *(_silent(service, until) for _ in range(SILENT)), *(_slow(service, until) for _ in range(SLOW)),
            *(_pipeline(setup, service, key, until, figures) for _ in range(PIPELINES)),
            *(_crowd(setup, client, number, until, figures) for number in range(CROWD)),
            _watch(setup, service, key, until, figures, slowest),
        )
        await _as_before(setup, client)
    setup.require(figures["peak_mib"] < MEMORY_MIB, f"it took {figures['peak_mib']} MiB")
    setup.require(await service.terminate() == 0, "SIGTERM does not end it with 0")
    service.check_log()
    return figures | {f"slowest_{name}": f"{seconds:.2f}s" for name, seconds in slowest.items()}


@contextlib.asynccontextmanager
async def _connection(service):
    """A connection, or `None` if there is none."""
    writer = None
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        yield reader, writer
    except OSError:
        await asyncio.sleep(0.5)
    finally:
        if writer:
            writer.close()


async def _silent(service, until):
    """Connects and sends nothing; reconnects when disconnected."""
    while (left := until - time.monotonic()) > 0:
        async with _connection(service) as (reader, _):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(), left)
        await asyncio.sleep(0.2)


async def _slow(service, until):
    """Sends a request head byte by byte."""
    while time.monotonic() < until:
        async with _connection(service) as (_, writer):
            for byte in b"POST /user/find HTTP/1.1\r\nHost: localhost\r\n" * 10:
                if time.monotonic() > until:
                    break
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.3)
        await asyncio.sleep(0.2)


async def _pipeline(setup, service, key, until, figures):
    """Sends many requests before reading the first reply; each gets one, in order."""
    body = b'{"email":"crowd-1@example.com"}'
    head = f"POST /user/get HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
    request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    last = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    while time.monotonic() < until:
        async with _connection(service) as (reader, writer):
            writer.write(request * PIPELINED + last)
            text = await reader.read(-1)
            answers = text.count(b"HTTP/1.1 200 OK\r\n")
            figures["pipelined"] += answers
            setup.require(
                answers in (0, PIPELINED + 1), f"{answers} of {PIPELINED + 1} pipelined requests were answered with 200"
            )
        await asyncio.sleep(0.5)


async def _crowd(setup, client, number, until, figures):
    """Signs in again and again, sometimes with a wrong password."""
    while time.monotonic() < until:
        is_right = not setup.chance(0.1)
        email = f"crowd-{setup.random.randrange(20)}@example.com"
        body = {"email": email, "password": PASSWORD if is_right else "a wrong password of some length"}
        address = f"10.{number}.{setup.random.randrange(256)}.{setup.random.randrange(1, 255)}"
        reply = await client.call("session/create", body, token="", address=address)
        figures["signed_in"] += reply.status == 200
        figures["put_off"] += reply.status in (429, 503)
        setup.require(reply.status in (0, 200, 401, 429, 503), f"signing in is answered {reply}")
        await asyncio.sleep(0.05)


async def _watch(setup, service, key, until, figures, slowest):
    """Probes the service and reads from it, each time on a new connection."""
    await asyncio.sleep(1)
    connector = aiohttp.TCPConnector(force_close=True)
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        while time.monotonic() < until:
            for path in ("healthz", "readyz"):
                begun = time.monotonic()
                said = await probe(session, f"{service.url}/{path}")
                took = time.monotonic() - begun
                figures["probes"] += 1
                slowest["probe"] = max(slowest["probe"], took)
                good = said == 200 and took < PROBE_SECONDS
                setup.require(good, f"/{path} is answered {said} after {took:.1f} s")
            await _read(setup, service, session, key, figures, slowest)
            figures["peak_mib"] = max(figures["peak_mib"], service.memory_mib())
            await asyncio.sleep(0.2)


async def _read(setup, service, session, key, figures, slowest):
    begun, status = time.monotonic(), None
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        headers = {"Authorization": f"Bearer {key}"}
        async with session.post(f"{service.url}/user/find", json={}, headers=headers) as answer:
            await answer.read()
            status = answer.status
    took = time.monotonic() - begun
    figures["reads"] += 1
    slowest["read"] = max(slowest["read"], took)
    setup.require(status == 200 and took < READ_SECONDS, f"an admin's read is answered {status} after {took:.1f} s")


async def _as_before(setup, client):
    """Checks that nothing is left over."""
    await asyncio.sleep(1)
    made = await client.call("user/create", {"email": "after@example.com", "password": PASSWORD})
    body = {"email": "after@example.com", "password": PASSWORD}
    begun = time.monotonic()
    signed_in = await client.call("session/create", body, token="", address="10.200.0.1")
    setup.require(made.status == signed_in.status == 200, f"afterwards: {made}, {signed_in}")
    setup.require(time.monotonic() - begun < 3, "afterwards signing in takes more than 3 s")
