"""Power cuts: disks as they could be at any moment, made from a trace of everything that was written."""

import asyncio
import json
import math
import shutil
import sqlite3
import subprocess

import check
import emails
import trace
from client import Client
from image import Disk, copy
from ledger import Ledger
from service import Service
from setup import Violated

IMAGES_A_SECOND = 2.5
# Of this many images, the service runs on one.
SERVED = 8
FIRST_STARTS = 8
# Each round begins with an empty table and traces it for a third of its time, so that twice the time is twice the work.
ROUND_SECONDS = 60


async def run(setup):
    """The service starts on every image, and everything acknowledged before the cut is there."""
    if not shutil.which("strace"):
        raise Violated("please install strace")
    figures = {"first_starts": await _first_starts(setup)}
    figures |= {"rounds": 0, "images": 0, "served": 0, "acknowledged": 0, "syncs": 0}
    rounds = math.ceil(setup.seconds / ROUND_SECONDS)
    for number in range(rounds):
        await _round(setup, number, setup.seconds / rounds, figures)
    return figures


async def _round(setup, number, seconds, figures):
    """Traces a service with a new table, and examines what is left of the table after power cuts."""
    home = setup.folder / f"round-{number}"
    home.mkdir()
    service = Service(setup, folder=home)
    key = service.key()
    base = home / "base"
    copy(service.folder / "data", base)
    ledger = await _traced(setup, service, key, seconds / 3)
    # For examining a violation: what was acknowledged, and when.
    (home / "ledger.json").write_text(json.dumps([subject.history for subject in ledger.subjects]))
    disk = Disk(base, service.folder / "data", trace.read(home / "trace", service.folder / "data"))
    figures["rounds"] += 1
    figures["acknowledged"] += ledger.acknowledged
    figures["syncs"] += disk.synced()
    begun = len(setup.violations)
    for image, at in enumerate(disk.moments(setup.random, max(20, int(seconds * IMAGES_A_SECOND)))):
        folder = home / f"image-{image}"
        disk.cut(at, setup.random, folder / "data")
        before = len(setup.violations)
        await _examine(setup, ledger, key, folder, at, serve=image % SERVED == 0)
        figures["images"] += 1
        figures["served"] += image % SERVED == 0
        if len(setup.violations) > before:
            setup.violations[before] += f" (image {folder}, cut at {at})"
        else:
            shutil.rmtree(folder)
    if len(setup.violations) == begun:
        shutil.rmtree(home)


async def _first_starts(setup):
    """Cuts the power during the very first start; the service must start on whatever is left. Returns how often."""
    folder = setup.folder / "first"
    empty = setup.folder / "empty"
    (folder / "data").mkdir(parents=True, mode=0o700)
    empty.mkdir()
    service = Service(setup, folder=folder)
    service.prefix = [*trace.STRACE, "-o", str(folder / "trace")]
    await service.start()
    service.kill()
    disk = Disk(empty, folder / "data", trace.read(folder / "trace", folder / "data"))
    for number, at in enumerate(disk.moments(setup.random, FIRST_STARTS)):
        again = setup.folder / f"first-{number}"
        disk.cut(at, setup.random, again / "data")
        started = Service(setup, folder=again)
        try:
            await started.start()
        except Violated as violated:
            setup.violated(f"after a power cut during the first start ({again}): {violated}")
        started.kill()
    return FIRST_STARTS


async def _traced(setup, service, key, seconds):
    """Works for some seconds under `strace`; returns the ledger."""
    service.prefix = [*trace.STRACE, "-o", str(service.folder / "trace")]
    await service.start()
    async with Client(service, key=key) as client:
        ledger = Ledger(setup, client)
        await ledger.work(max(3.0, seconds))
    service.kill()
    return ledger


async def _examine(setup, ledger, key, folder, at, serve):
    """Opens the table of an image, and looks for what was acknowledged."""
    service = Service(setup, folder=folder)
    if serve:
        await _serve(setup, service, key)
    exported = await asyncio.to_thread(_export, service)
    if exported is None:
        setup.violated(f"the table cannot be read: {service.last_lines()}")
        return
    for subject in ledger.subjects:
        _look_for(setup, subject, exported.get(subject.email), at)
    known = {subject.email for subject in ledger.subjects}
    setup.require(set(exported) <= known, f"nobody has made {set(exported) - known}")
    database = sqlite3.connect(folder / "data" / "guestlist.db")
    sound = database.execute("PRAGMA integrity_check").fetchall()
    database.close()
    setup.require(sound == [("ok",)], f"SQLite finds {sound[:3]}")


def _export(service):
    """All users of the table by email, as `guestlist user export` prints them."""
    command = [service.setup.program, "user", "export", *service.common()]
    done = subprocess.run(
        command, env=service.environment(), cwd=service.folder, capture_output=True, text=True, timeout=60
    )
    service.log.write_text(done.stderr)
    if done.returncode != 0:
        return None
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["email"]: record for record in records}


def _look_for(setup, subject, record, at):
    """The user must be as last acknowledged before the cut, or as one of the later calls has left it."""
    before = [one for moment, one in subject.history if moment < at]
    versions = {one["version"]: one for _, one in subject.history}
    last = before[-1] if before else None
    if record is None:
        # Those in the trash are not exported, whether they got there before the cut or were on their way.
        begun = _begun(subject, last)
        gone = not last or last["state"] == "trashed" or any(one["state"] == "trashed" for one in begun)
        setup.require(gone, f"{subject.email} was acknowledged with {last}, and is gone")
        return
    if last and record["version"] < last["version"]:
        setup.violated(f"{subject.email} has version {record['version']}, but {last['version']} was acknowledged")
    known = versions.get(record["version"])
    if known:
        shown = {name: value for name, value in known.items() if name != "invite"}
        setup.require(record == shown, f"{subject.email} is {record} instead of {shown}")
    elif not subject.pending or record["version"] != len(subject.history) + 1:
        setup.violated(f"{subject.email} is {record}, as nobody has made it")


def _begun(subject, last):
    """The records after the last acknowledged one, even of a call that was never acknowledged."""
    version = last["version"] if last else 0
    later = [one for _, one in subject.history if one["version"] > version]
    unfinished = [{"state": subject.pending.after.get("state")}] if subject.pending else []
    return later[:1] or unfinished


async def _serve(setup, service, key):
    """Starts the service on the image, checks that its parts are consistent, and lets the emails be sent."""
    # Leases of before the cut have expired.
    service.ahead = 120
    await service.start()
    async with Client(service, key=key) as client:
        overview = (await client.sure("account/overview", {})).body
        live = sum(row["count"] for row in overview["users"] if row["state"] != "trashed")
        users = {record["email"]: record for record in await client.pages("user/find", {})}
        listed = (await client.sure("user/list?limit=1", {})).body["total"]
        setup.require(live == listed == len(users), f"{live} counted, {listed} listed, {len(users)} found")
        for record in users.values():
            await _claims(setup, client, record)
        waiting = await check.all_sent(client, 30)
        setup.require(waiting == 0, f"{waiting} emails still wait")
    sent = {mail.code.partition(".")[0] for mail in emails.in_folder(service.folder / "data" / "mail") if mail.code}
    lost = [one["email"] for one in users.values() if one.get("invite") not in {None, *sent}]
    setup.require(not lost, f"{len(lost)} emails with an open invite are lost, such as the one to {lost[:1]}")
    setup.require(await service.terminate() == 0, "SIGTERM does not end it with 0")
    service.check_log()


async def _claims(setup, client, record):
    """Every unique value leads to the user, and the audit trail is as complete as the record."""
    for name in ("id", "email", "username", "externalId"):
        found = await client.sure("user/get", {name: record[name]})
        setup.require(found.body == record, f"{name} {record[name]} leads to {found}")
    trail = await client.pages("audit/find", {"userId": record["id"]})
    entries, changes = len(trail), record["version"]
    setup.require(entries == changes, f"{record['email']}: {entries} entries in the trail for {changes} changes")
