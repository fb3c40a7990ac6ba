"""SIGKILL, again and again, during mixed writes on SQLite."""

import asyncio
import time

import check
import people
from client import Client
from ledger import Ledger
from linked import LinkedCrowd
from provider import Provider
from service import Service

# Later each time: reservations and leases of the dead expire, and refresh tokens turn.
AHEAD_SECONDS = 35


async def run(setup):
    """Everything acknowledged is there; everything else is there completely or not at all."""
    service = Service(setup)
    provider = Provider(service)
    key = service.key()
    await service.start()
    mail = service.folder / "data" / "mail"
    async with provider, Client(service, key=key) as client:
        crowd = await people.join(setup, client, 4, mail)
        linked = [LinkedCrowd(setup, client, provider, number) for number in range(2)]
        ledger = Ledger(setup, client)
        until = time.monotonic() + setup.seconds
        _, kills, *_ = await asyncio.gather(
            ledger.work(setup.seconds), _kill(setup, service, until),
            *(person.live(until) for person in crowd), *(one.live(until) for one in linked),
        )
        await _again(service)
        await ledger.settle()
        for one in linked:
            await one.check()
        joined = len(crowd) + sum(len(one.people) for one in linked)
        await check.check(ledger, check.Counter({("active", "user"): joined}), invited=joined)
        for person in crowd:
            await person.check()
        arrived, lost = await check.emails_arrived(setup, client, ledger, mail)
        setup.require(200 in client.statuses and 500 not in client.statuses, f"replies: {client.statuses}")
    setup.require(await service.terminate() == 0, "SIGTERM does not end it with 0")
    service.check_log()
    return {
        "kills": kills, "acknowledged": ledger.acknowledged, "unknown": ledger.unknown, "emails": len(arrived),
        "refreshed": sum(person.refreshes for person in crowd), "turned": sum(person.turned for person in crowd),
        "passwords": sum(person.passwords for person in crowd),
        "by_provider": sum(len(one.people) for one in linked), "again": sum(one.sign_ins for one in linked),
        "links": sum(one.changes for one in linked),
        "slowest_start": f"{service.slowest_start:.1f}s", "lost": lost,
    }


async def _kill(setup, service, until):
    """Kills the service at any moment, even while it starts, and sometimes asks it to stop; returns how often."""
    kills, is_ready = 0, True
    while time.monotonic() < until:
        await asyncio.sleep(setup.random.uniform(0.02, 1.2))
        if is_ready and setup.chance(0.15):
            code = await service.terminate()
            setup.require(code == 0, f"SIGTERM in the middle of writes ends it with {code}")
        is_ready = setup.chance(0.8)
        await _again(service, is_ready)
        kills += 1
    return kills


async def _again(service, ready=True):
    service.kill()
    service.ahead += AHEAD_SECONDS
    await service.start(ready)
