"""A mail server at its worst, while the service is killed now and then."""

import asyncio
import time
from collections import Counter

import check
from client import Client
from faulty_smtp import FaultySmtp
from ledger import Ledger
from service import Service
from setup import Violated

TIMEOUT_SECONDS = 2
# Every pause between two tries is over then.
AHEAD_SECONDS = 3 * 3600
# A kill so soon after an email was accepted may have kept the service from noting that; so may one just
# before, where the server has still read what the service had sent.
NOTED_SECONDS = 3


async def run(setup):
    """Every email arrives, unless its recipient was refused; twice only if its sender could not know that it had."""
    server = FaultySmtp(setup, late_seconds=TIMEOUT_SECONDS + 1)
    await server.start()
    service = _service(setup, server)
    key = service.key()
    await service.start()
    async with Client(service, key=key) as client:
        ledger = Ledger(setup, client, workers=4)
        server.faulty = True
        until = time.monotonic() + setup.seconds
        _, kills = await asyncio.gather(ledger.work(setup.seconds), _kill(setup, service, until))
        server.faulty = False
        kills.append(await _again(service, AHEAD_SECONDS))
        await ledger.settle()
        waiting = await check.all_sent(client, 60)
        setup.require(waiting == 0, f"{waiting} emails still wait after the faults have ended")
        parked = await client.pages("mail/find", {"state": "undeliverable"})
        await check.check(ledger)
    missing = _missing(setup, server, ledger, parked)
    doubled = _doubled(setup, server, kills)
    setup.require(await service.terminate() == 0, "SIGTERM does not end it with 0")
    service.check_log()
    server.stop()
    return {
        "faults": server.faults, "kills": len(kills), "acknowledged": ledger.acknowledged,
        "emails": len(server.accepted), "parked": len(parked), "doubled": doubled, "lost": missing,
    }


def _service(setup, server):
    flags = [f"--smtp-url=smtp://torture:secret@localhost:{server.port}?tls=required"]
    service = Service(setup, flags=flags)
    service.variables["SSL_CERT_FILE"] = str(setup.folder / "authority.pem")
    if "--smtp-timeout-seconds" not in service.command("serve", "--help"):
        raise Violated("the program has no smtp_timeout_seconds, without which silence is waited for too long")
    service.flags.append(f"--smtp-timeout-seconds={TIMEOUT_SECONDS}")
    return service


async def _kill(setup, service, until):
    kills = []
    while time.monotonic() < until:
        await asyncio.sleep(setup.random.uniform(1, 4))
        # Pauses and leases are over sooner then, and so every email is tried more often.
        kills.append(await _again(service, 70))
    return kills


async def _again(service, ahead):
    service.kill()
    killed = time.time()
    service.ahead += ahead
    await service.start()
    return killed


def _missing(setup, server, ledger, parked):
    """Only refused recipients make an email undeliverable; all others arrive. Returns how many are missing."""
    for one in parked:
        setup.require(one["to"] in server.refused, f"parked, though its recipient was never refused: {one}")
    aside = Counter(one["to"] for one in parked)
    arrived = {(message.to, message.code.partition(".")[0]) for _, message in server.accepted if message.code}
    lost = 0
    for subject in ledger.subjects:
        invite = (subject.record or {}).get("invite")
        if invite and (subject.email, invite) not in arrived and not aside[subject.email]:
            lost += 1
            setup.violated(f"{subject.email}: its open invite neither arrived nor is listed as undeliverable")
    return lost


def _doubled(setup, server, kills):
    """How many emails arrived more than once; each must have a reason."""
    moments = {}
    for at, message in server.accepted:
        moments.setdefault(message.id, []).append(at)
    doubled = {id: times for id, times in moments.items() if len(times) > 1}
    for id, times in doubled.items():
        was_killed = any(abs(killed - at) <= NOTED_SECONDS for at in times for killed in kills)
        has_reason = id in server.unsure or was_killed
        setup.require(has_reason, f"{id} was accepted {len(times)} times, each time with a reply")
    return len(doubled)
