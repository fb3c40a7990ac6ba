"""A full or read-only disk, with the table, the emails and the log on it."""

import asyncio
import subprocess
import time

import aiohttp

import check
import emails
from client import Client
from ledger import Ledger
from service import Service, probe
from setup import Violated

# Twice what the write-ahead log takes before it starts over, and more; and what the work of a second adds to the table.
SIZE_MIB = 160
SECOND_MIB = 0.7
FULL_SECONDS = 2.0
# What is left for table and log to fill by themselves.
SPARE_MIB = 16
# Within so long `/readyz` has to know that nothing can be written, and that it can again.
NOTICE_SECONDS = 4
# A user who is written to, to see whether anything can be.
WRITTEN = "written@example.com"
AHEAD_SECONDS = 3600


async def run(setup):
    """Everything acknowledged stays, `/readyz` reports the state, and everything recovers once there is space."""
    disk = _mount(setup)
    service = Service(setup, folder=disk, flags=["--log=debug"])
    key = service.key()
    await service.start()
    async with Client(service, key=key) as client:
        await client.sure("user/create", {"email": WRITTEN})
        ledger = Ledger(setup, client, workers=3)
        until = time.monotonic() + setup.seconds
        _, times = await asyncio.gather(ledger.work(setup.seconds + FULL_SECONDS), _fill(setup, client, disk, until))
        await _fills_by_itself(setup, client, service, disk)
        await _stop_while_full(setup, service, disk)
        await _start_while_read_only(setup, service, disk)
        service.ahead = AHEAD_SECONDS
        service.flags.remove("--log=debug")
        await service.start()
        await ledger.settle()
        await check.check(ledger, check.Counter({("invited", "user"): 1}))
        waiting = await check.all_sent(client, 60)
        setup.require(waiting == 0, f"{waiting} emails still wait")
        arrived = emails.in_folder(disk / "data" / "mail")
        lost = check.emails_missing(ledger, arrived)
        setup.require(500 not in client.statuses, f"replies: {client.statuses}")
    setup.require(await service.terminate() == 0, "SIGTERM does not end it with 0")
    service.check_log()
    return {
        "full": times, "acknowledged": ledger.acknowledged, "unknown": ledger.unknown, "emails": len(arrived),
        "replies": "/".join(f"{status}:{count}" for status, count in sorted(client.statuses.items())), "lost": lost,
    }


def _mount(setup):
    """A small disk, which is removed after the run."""
    disk = setup.folder / "disk"
    disk.mkdir()
    size = SIZE_MIB + int(setup.seconds * SECOND_MIB)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=0700", "tmpfs", str(disk)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Violated(f"please run this as somebody who may mount: {done.stderr.strip()}")
    setup.at_end.append(lambda: _keep_and_unmount(setup, disk))
    return disk


def _keep_and_unmount(setup, disk):
    if setup.violations:
        subprocess.run(["cp", "-r", str(disk), str(setup.folder / "kept")], check=False)
    subprocess.run(["umount", "-l", str(disk)], check=False)


async def _fill(setup, client, disk, until):
    """Fills the disk and empties it; returns how often."""
    (service,), times = client.services, 0
    while time.monotonic() < until:
        await asyncio.sleep(setup.random.uniform(0.5, 2))
        filler = fill(disk, spare=setup.random.choice((0, 0, 4096, 65536, SPARE_MIB << 20)))
        times += 1
        await _notices(setup, client)
        await asyncio.sleep(setup.random.uniform(0, FULL_SECONDS))
        if not setup.require(service.is_running(), f"it ends where the disk is full: {service.last_lines()}"):
            raise Violated("there is nothing left to torture")
        filler.unlink()
        await _is_ready(setup, service)
    return times


async def _notices(setup, client):
    """Checks that `/readyz` reports when nothing can be written. SQLite can find room in its files for a while."""
    (service,) = client.services
    until, failing_since = time.monotonic() + 2 * NOTICE_SECONDS, None
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while time.monotonic() < until:
            written = await client.call("user/update", {"email": WRITTEN, "first": str(time.monotonic())})
            if await probe(session, f"{service.url}/readyz") == 503:
                return
            failing_since = None if written.status == 200 else failing_since or time.monotonic()
            if failing_since and time.monotonic() - failing_since > NOTICE_SECONDS:
                setup.violated(f"/readyz says 200 while a write is answered {written}")
                return
            await asyncio.sleep(0.2)


def fill(disk, spare=0):
    """Fills a disk except for a few bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
        file.truncate(max(0, file.tell() - spare))
    return filler


async def _is_ready(setup, service):
    """Waits until `/readyz` is 200 again."""
    until = time.monotonic() + NOTICE_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while (said := await probe(session, f"{service.url}/readyz")) != 200:
            if time.monotonic() > until:
                setup.violated(f"/readyz says {said} once there is room again")
                return
            await asyncio.sleep(0.1)


async def _fills_by_itself(setup, client, service, disk):
    """Table and log never take the space that is needed to move the log into the table."""
    # It begins without a log, which may have room for long.
    code = await service.terminate()
    setup.require(code == 0, f"SIGTERM ends it with {code}")
    await service.start()
    filler = fill(disk, spare=SPARE_MIB << 20)
    refused = await _write_until_refused(client)
    setup.require(refused.status == 503, f"what the disk has no room for is answered {refused}")
    code = await service.terminate()
    setup.require(code == 0, f"SIGTERM ends it with {code} where table and log have filled the disk")
    log = disk / "data" / "guestlist.db-wal"
    setup.require(not log.exists(), "the log could not be moved into the table")
    filler.unlink()
    await service.start()


async def _write_until_refused(client, seconds=60):
    """Creates users until one is refused; returns the last reply."""
    until, reply, number = time.monotonic() + seconds, None, 0
    while time.monotonic() < until:
        number += 1
        reply = await client.call("account/create", {"name": "x" * 100 + str(number)})
        if reply.status != 200:
            break
    return reply


async def _stop_while_full(setup, service, disk):
    filler = fill(disk)
    code = await service.terminate()
    setup.require(code == 0, f"SIGTERM ends it with {code} where the disk is full")
    filler.unlink()


async def _start_while_read_only(setup, service, disk):
    """On a read-only disk, the service exits with the reason, or is not ready; afterwards, it works again."""
    log, service.log = service.log, setup.folder / "read-only.log"
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    await service.start(ready=False)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(20):
            said = await probe(session, f"{service.url}/readyz")
            setup.require(said != 200, "/readyz says 200 on a read-only disk")
            if not service.is_running() or said:
                break
            await asyncio.sleep(0.1)
    if not service.is_running():
        code = service.process.returncode
        setup.require(code == 1, f"it ends with {code} on a read-only disk: {service.last_lines()}")
    service.kill()
    service.check_log()
    service.log = log
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


