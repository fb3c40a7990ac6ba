"""Two nodes on a DynamoDB that throttles, conflicts, resets, truncates, delays and goes away."""

import asyncio
import time
from collections import Counter

import check
import people
from client import Client
from faulty_dynamo import FaultyDynamo
from ledger import Ledger
from races import Races
from service import SECRET, Service
from setup import Violated

# Reservations and leases of calls that have failed expire, and so nobody waits for them.
AHEAD_SECONDS = 120


async def run(setup):
    """Everything acknowledged is there; everything else is there completely or not at all; races have one winner."""
    if not setup.dynamodb:
        raise Violated("GUESTLIST_TEST_DYNAMODB does not say where DynamoDB Local is: start localstack/dynamodb")
    proxy = FaultyDynamo(setup, setup.dynamodb)
    await proxy.start()
    first, second = _nodes(setup, proxy.url)
    await asyncio.to_thread(first.command, "table", "create")
    key = await asyncio.to_thread(first.key)
    await first.start()
    await second.start()
    mail = setup.folder / "mail"
    async with Client(first, second, key=key) as client:
        crowd = await people.join(setup, client, 3, mail)
        ledger = Ledger(setup, client)
        races = Races(setup, client, ledger)
        kills = await _torture(setup, proxy, ledger, races, crowd, second)
        for node in (first, second):
            setup.require(await node.terminate() == 0, "SIGTERM does not end it with 0")
            node.ahead = AHEAD_SECONDS
            await node.start()
        await ledger.settle()
        await races.settle()
        others = Counter({("active", "user"): len(crowd), ("invited", "user"): races.won})
        await check.check(ledger, others, invited=len(crowd))
        for person in crowd:
            await person.check()
        arrived, lost = await check.emails_arrived(setup, client, ledger, mail)
        setup.require(500 not in client.statuses, f"replies: {client.statuses}")
    for node in (first, second):
        node.check_log()
    await proxy.stop()
    return {
        "faults": proxy.injected, "kills": kills, "acknowledged": ledger.acknowledged, "unknown": ledger.unknown,
        "races": races.count, "emails": len(arrived), "turned": sum(person.turned for person in crowd), "lost": lost,
    }


async def _torture(setup, proxy, ledger, races, crowd, node):
    """Works while DynamoDB is faulty and a node is sometimes killed; returns how often."""
    proxy.faulty = True
    until = time.monotonic() + setup.seconds
    kills, *_ = await asyncio.gather(
        _kill(setup, proxy, node, until), proxy.outages(until), ledger.work(setup.seconds),
        races.run(lambda: time.monotonic() > until), *(person.live(until) for person in crowd),
    )
    proxy.faulty = False
    await node.ready()
    return kills


async def _kill(setup, proxy, node, until):
    """Kills a node and starts it again, whether or not DynamoDB is there; returns how often."""
    kills = 0
    while time.monotonic() < until:
        await asyncio.sleep(setup.random.uniform(1, 4))
        node.kill()
        kills += 1
        if setup.chance(0.2):
            proxy.fail_for(setup.random.uniform(1, 8))
        await node.start(ready=False)
    return kills


def _nodes(setup, endpoint):
    """Two nodes on one table, which only this run uses."""
    flags = [f"--dynamodb-endpoint={endpoint}", f"--secret={SECRET}", f"--mail-folder={setup.folder / 'mail'}"]
    table = f"dynamodb:{setup.folder.name}"
    nodes = [Service(setup, flags=flags, table=table) for _ in range(2)]
    for node in nodes:
        node.variables = {f"AWS_{name}": "torture" for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "REGION")}
    return nodes
