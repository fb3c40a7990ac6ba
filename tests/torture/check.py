"""Checks that everything acknowledged is there: every record, claim, hold, total, audit entry and email."""

import asyncio
from collections import Counter

import emails


async def check(ledger, others=None, invited=0):
    """Compares the ledger with the service.

    `others` are users of other workers by state and role, `invited` how many invites these have had; `None`
    where the days in which invites were made cannot all be seen.
    """
    gate = asyncio.Semaphore(8)

    async def one(subject):
        async with gate:
            await _subject(ledger, subject)

    await asyncio.gather(*(one(subject) for subject in list(ledger.subjects)))
    await _named(ledger)
    await _totals(ledger, others or Counter(), invited)


async def _subject(ledger, subject):
    setup, client = ledger.setup, ledger.client
    record = await ledger.look(subject)
    if (record or None) != subject.record:
        setup.violated(f"{subject.email}: acknowledged {subject.record}, but there is {record}")
        return
    if record is None or not subject.record:
        return
    user = subject.record["id"]
    entries = await client.pages("audit/find", {"userId": user})
    trail = Counter(entry["action"] for entry in entries)
    setup.require(trail == subject.actions, f"{subject.email}: the trail has {trail} instead of {subject.actions}")
    if subject.is_live:
        holds = Counter(hold["ref"] for hold in await client.pages("hold/find", {"id": user}))
        setup.require(holds == Counter(subject.holds), f"{subject.email}: holds {holds}, not {subject.holds}")


async def _named(ledger):
    for kind in ("key", "account"):
        wanted = Counter(name for name, call in ledger.named.items() if call["call"] == f"{kind}/create")
        wanted -= Counter(removal["name"] for removal in ledger.removals if kind == "key")
        there = Counter(item["name"] for item in await ledger.client.pages(f"{kind}/find", {}))
        there = Counter({name: count for name, count in there.items() if name.startswith(f"{kind}-")})
        ledger.setup.require(there == wanted, f"{kind}s: {there - wanted} too many, {wanted - there} missing")


async def _totals(ledger, others, invited):
    setup, client = ledger.setup, ledger.client
    known = [subject.record for subject in ledger.subjects if subject.record]
    wanted = Counter((record["state"], record["role"]) for record in known) + others
    overview = (await client.sure("account/overview", {})).body
    counted = Counter({(row["state"], row["role"]): row["count"] for row in overview["users"] if row["count"]})
    setup.require(counted == wanted, f"the totals are {counted} instead of {wanted}")
    if invited is not None:
        days = sum(day["invites"] for day in overview["days"])
        setup.require(days == ledger.invites + invited, f"{days} invites in all days, not {ledger.invites + invited}")
    live = sum(count for (state, _), count in wanted.items() if state != "trashed")
    for path, count in (("user/list", live), ("trash/list", wanted.total() - live)):
        total = (await client.sure(f"{path}?limit=1", {})).body.get("total")
        setup.require(total == count, f"{path} counts {total} instead of {count}")
    listed = Counter(record["email"] for record in await client.pages("user/find", {}))
    missing = [s.email for s in ledger.subjects if s.is_live and listed[s.email] != 1]
    setup.require(not missing, f"user/find does not list once: {missing[:5]}")


def emails_missing(ledger, emails):
    """Open invites without an email; reports codes that no one was given."""
    by_address = {}
    for email in emails:
        by_address.setdefault(email.to, []).append(email)
    missing = 0
    for subject in ledger.subjects:
        sent = {email.code.partition(".")[0] for email in by_address.get(subject.email, []) if email.code}
        ledger.setup.require(sent <= subject.codes, f"{subject.email}: emails with other codes than {subject.codes}")
        invite = (subject.record or {}).get("invite")
        if invite and invite not in sent:
            missing += 1
            ledger.setup.violated(f"{subject.email}: no email for its open invite, only {len(sent)} others")
    return missing


async def emails_arrived(setup, client, ledger, folder):
    """Requires that no email waits; returns those in the folder, and how many of the ledger's are missing."""
    waiting = await all_sent(client, 60)
    setup.require(waiting == 0, f"{waiting} emails still wait")
    arrived = emails.in_folder(folder)
    return arrived, emails_missing(ledger, arrived)


async def all_sent(client, seconds):
    """Waits until the outbox is empty; returns how many emails are left in it."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        waiting = await client.sure("mail/find?limit=100", {"state": "waiting"})
        count = len(waiting.body.get("data", [None]))
        if not count or asyncio.get_running_loop().time() > until:
            return count
        await asyncio.sleep(0.1)
