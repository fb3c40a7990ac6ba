#!/usr/bin/env python3
"""Calls per second that DynamoDB's partitions serve: `bench/partitions.py [--check FILE|--write FILE|--burst CALL]`.

Replays calls against the limits of partitions, with the keys and request units that the service itself has touched
(touches.json, which tests/it/budgets.rs writes), and compares the result with the arithmetic: a limit divided by the
units that a call takes from its hottest partition. Prints the tables of docs/scaling.md, or checks or rewrites those in
a file. Needs only Python; each run draws the same random numbers.
"""

import argparse
import collections
import dataclasses
import difflib
import itertools
import json
import math
import pathlib
import random
import re
import statistics
import sys
import zlib

# What each partition serves per second, and for how many seconds it saves unused capacity.
LIMITS = {"reads": 3_000, "writes": 1_000}
BURST_SECONDS = 300
# The partitions of a new table in on-demand mode, and of its index: 12,000 reads, 4,000 writes each.
NEW_PARTITIONS = 4
# About how many calls a replay with random choices makes.
CALLS = 10_000
# How far a replay with random choices can be from the arithmetic.
TOLERANCE = 0.05
PLACINGS = 5
TOUCHES = json.loads(pathlib.Path(__file__).with_name("touches.json").read_text())
SHARD = re.compile(r"(outbox|purge)#(\d)")


@dataclasses.dataclass
class Load:
    """Calls with their shares, and their callers: `skew` is the exponent of Zipf's law, for accounts and their users.
    New users and new accounts have keys of their own."""

    label: str
    calls: dict
    accounts: int = 1
    users: int = 10_000
    skew: float = 0.0
    new: str = ""

    def seconds(self, rate):
        """How many seconds to replay it, for an even load."""
        return max(1, round(CALLS / rate)) if self.skew else 1


# What people do on a day in an office, as shares of all calls.
DAY = {
    "user/get oneself": 0.5,
    "user/login known": 0.2,
    "user/login known, activity noted": 0.05,
    "user/find by id, 25": 0.1,
    "session/refresh": 0.1,
    "session/create": 0.03,
    "user/update name": 0.015,
    "user/create with names": 0.005,
}
INVITE = ("user/create with invite", "(checking the outbox, an invite is sent)")

ONE_ACCOUNT = [
    "user/get by id",
    "user/get by email",
    "user/find by id, 25",
    "user/find by email, 25",
    "user/find search, 25",
    "user/list by number, 25",
    "user/login known",
    "user/login known, activity noted",
    "user/login known, the first of a day",
    "account/overview",
    "audit/find",
    "user/update preferences",
    "user/update name",
    "user/updateRole",
    "user/create",
    "user/create with names",
    "user/remove",
]
MANY = {"accounts": 1_000, "users": 1_000, "skew": 1.0}
SERVICE = [
    Load("`user/get` of oneself", {"user/get oneself": 1}, **MANY),
    Load("a day", DAY, **MANY),
    Load("a day, all in one account of 100,000 users", DAY, users=100_000, skew=1.0),
    Load("`session/create`, one user alone", {"session/create": 1}, users=1),
    Load("`user/create` with an invite that is sent", {INVITE: 1}, **MANY, new="users"),
    Load("`user/login` that registers an account", {"user/login register": 1}, new="accounts"),
]


def rows(call):
    """What a call touches, or several calls made together."""
    names = call if isinstance(call, tuple) else (call,)
    return [row for name in names for row in TOUCHES[name]]


def split(row):
    """Index, partition without its owner, and owner of a row: an account, a user, all, or a shard."""
    index, partition = row[:2]
    if match := SHARD.fullmatch(partition):
        return index, match[1], int(match[2])
    kind, _, owner = partition.partition("{")
    return index, kind, owner.rstrip("}") or "all"


def shards(pattern):
    """Over how many partitions a queue is spread."""
    found = (split(row) for row in itertools.chain.from_iterable(TOUCHES.values()))
    return len({whose for _, kind, whose in found if kind == pattern})


SHARDS = {pattern: shards(pattern) for pattern in ("outbox", "purge")}


def zipf(count, exponent):
    """The shares of `count` items, the largest first."""
    weights = [1 / rank**exponent for rank in range(1, count + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


class Replay:
    """Draws calls of a load, one after the other; yields what each touches, as key, reads and writes. A key is an
    index, a partition as in touches.json, and its owner."""

    def __init__(self, load, seed):
        self.load, self.dice = load, random.Random(seed)
        self.fresh = itertools.count()
        self.calls = {call: [(*split(row), row[2] / 2, row[3]) for row in rows(call)] for call in load.calls}
        self.accounts, self.users = (
            list(itertools.accumulate(zipf(count, load.skew))) for count in (load.accounts, load.users)
        )

    def __iter__(self):
        names, shares = list(self.load.calls), list(self.load.calls.values())
        while True:
            drawn = zip(
                self.dice.choices(names, shares, k=1000),
                self.dice.choices(range(self.load.accounts), cum_weights=self.accounts, k=1000),
                self.dice.choices(range(self.load.users), cum_weights=self.users, k=1000),
            )
            for name, account, user in drawn:
                yield self.touches(self.calls[name], account, user)

    def touches(self, touched, account, user):
        if self.load.new:
            user = f"new {next(self.fresh)}"
        if self.load.new == "accounts":
            account = user
        turn = self.dice.randrange(math.lcm(*SHARDS.values()))
        owners = {"account": account, "user": (account, user), "all": None}
        return [
            ((index, pattern, owners[whose] if whose in owners else (whose + turn) % SHARDS[pattern]), reads, writes)
            for index, pattern, whose, reads, writes in touched
        ]


def alone(key):
    """Each key has its own partition, as hot keys get."""
    return key


def placed(seed):
    """Keys share the partitions of a new table, by hash."""
    return lambda key: (key[0], zlib.crc32(f"{seed} {key}".encode()) % NEW_PARTITIONS)


class Partitions:
    """The units used of each partition, out of its capacity for `seconds`."""

    def __init__(self, place, seconds):
        self.place, self.seconds = place, seconds
        self.used = {kind: {} for kind in LIMITS}

    def take(self, touches):
        """Serves a call, unless a partition of the table or of `gs1` has too little left: then none of it is applied,
        because a throttled index throttles the table, too. Returns what is short and the key, or `None` if served."""
        taken = []
        for key, reads, writes in touches:
            for kind, units in (("reads", reads), ("writes", writes)):
                if not units:
                    continue
                used, partition = self.used[kind], self.place(key)
                used[partition] = total = used.get(partition, 0) + units
                taken.append((used, partition, units))
                if total > LIMITS[kind] * self.seconds:
                    for used, partition, units in taken:
                        used[partition] -= units
                    return kind, key
        return None

    def refill(self):
        """One second passes."""
        for kind, used in self.used.items():
            for partition in used:
                used[partition] = max(0, used[partition] - LIMITS[kind])


def first_throttled(load, place, seconds, seed=1):
    """How many calls per second are served before the first is throttled, and where that happens."""
    partitions = Partitions(place, seconds)
    for count, touches in enumerate(Replay(load, seed)):
        if short := partitions.take(touches):
            return count / seconds, short


def refused_share(load, rate):
    """The share of calls that is throttled at `rate` calls per second."""
    partitions, calls, refused = Partitions(alone, 1), iter(Replay(load, 2)), 0
    seconds = load.seconds(rate)
    for _ in range(seconds):
        refused += sum(partitions.take(next(calls)) is not None for _ in range(round(rate)))
        partitions.refill()
    return refused / seconds / rate


def arithmetic(load):
    """The same, calculated from the expected units of a call: calls per second, what is short at which key, and the
    units that a call takes of it."""
    account, user = zipf(load.accounts, load.skew)[0], zipf(load.users, load.skew)[0]
    shares = {"account": account, "user": account * user, "all": 1}
    if load.new:
        shares["user"] = 0
    if load.new == "accounts":
        shares["account"] = 0
    expected = collections.Counter()
    for call, share in load.calls.items():
        for row in rows(call):
            index, pattern, whose = split(row)
            share_of_key = share * (shares[whose] if whose in shares else 1 / SHARDS[pattern])
            expected["reads", (index, pattern)] += row[2] / 2 * share_of_key
            expected["writes", (index, pattern)] += row[3] * share_of_key
    (kind, key), units = max(expected.items(), key=lambda item: item[1] / LIMITS[item[0][0]])
    return LIMITS[kind] / units, (kind, key), units


def compared(load):
    """Calls per second by replay and by arithmetic, what is short where, and its units; the two must agree."""
    calculated, where, units = arithmetic(load)
    simulated, (kind, (index, pattern, whose)) = first_throttled(load, alone, load.seconds(calculated))
    is_alike = abs(simulated / calculated - 1) <= TOLERANCE
    # The busiest account and user by arithmetic are the first.
    is_there = (kind, (index, pattern)) == where and (pattern in SHARDS or whose in (None, 0, (0, 0)))
    if not is_alike or not is_there:
        found = f"{kind} of {index} {pattern}{whose}"
        sys.exit(f"{load.label}: {simulated:.0f}/s, {found}, but by arithmetic {calculated:.0f}/s, {where}")
    return simulated, calculated, where, units


def name_of(where):
    """A key as readers see it."""
    kind, (index, pattern) = where
    last = f"#0…{SHARDS[pattern] - 1}" if pattern in SHARDS else "A" if pattern.endswith("#") else ""
    return f"{kind} of `{pattern}{last}`" + (" in `gs1`" if index == "gs1" else "")


def one_account():
    """The table for one account."""
    lines = [
        "| call | limited by | units per call | calls/s | replayed | in a new table |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for call in ONE_ACCOUNT:
        load = Load(call, {call: 1})
        simulated, calculated, where, units = compared(load)
        new = statistics.median(first_throttled(load, placed(seed), 1)[0] for seed in range(PLACINGS))
        lines.append(f"| {call} | {name_of(where)} | {units:g} | {calculated:,.0f} | {simulated:,.0f} | {new:,.0f} |")
    return lines


def whole_service():
    """The table for all accounts together."""
    lines = [
        "| load | limited by | units per call | calls/s | replayed | throttled at 1.5 × | at most in a new table |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for load in SERVICE:
        simulated, calculated, where, units = compared(load)
        refused = refused_share(load, 1.5 * calculated)
        most = evenly(load)
        figures = f"{units:.3g} | {calculated:,.0f} | {simulated:,.0f} | {refused:.0%} | {most:,.0f}"
        lines.append(f"| {load.label} | {name_of(where)} | {figures} |")
    return lines


def evenly(load):
    """How many calls per second a new table would serve if they were spread evenly over its partitions."""
    units = collections.Counter()
    for call, share in load.calls.items():
        for index, _, half_reads, writes in rows(call):
            units["reads", index] += half_reads / 2 * share
            units["writes", index] += writes * share
    return min(NEW_PARTITIONS * LIMITS[kind] / total for (kind, _), total in units.items() if total)


def burst(call):
    """How many seconds one account's saved units last at 1.5 × its lasting maximum."""
    load = Load(call, {call: 1})
    rate, where, _ = arithmetic(load)
    partitions, calls = Partitions(alone, BURST_SECONDS), iter(Replay(load, 1))
    for second in itertools.count():
        if any(partitions.take(next(calls)) for _ in range(round(1.5 * rate))):
            return f"{call}: {1.5 * rate:.0f}/s for {second} s, then {name_of(where)} are short"
        partitions.refill()


def with_tables(text, tables):
    """The text, with each table replaced that has the same header row."""
    for lines in tables:
        head, rest = lines[0] + "\n", "\n".join(lines) + "\n"
        before, found, after = text.partition(head)
        if not found:
            sys.exit(f"there is no table with the header {head}")
        _, blank, after = after.partition("\n\n")
        text = before + rest + ("\n" if blank else "") + after
    return text


def main():
    parser = argparse.ArgumentParser(prog="bench/partitions.py")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", type=pathlib.Path, metavar="FILE", help="fail unless its tables are up to date")
    what.add_argument("--write", type=pathlib.Path, metavar="FILE", help="update the tables in it")
    what.add_argument("--burst", metavar="CALL", help="how long saved capacity lasts, for example for 'user/create'")
    options = parser.parse_args()
    if options.burst:
        print(burst(options.burst))
        return
    tables = [one_account(), whole_service()]
    file = options.check or options.write
    if file is None:
        print("\n\n".join("\n".join(lines) for lines in tables))
        return
    text = file.read_text()
    wanted = with_tables(text, tables)
    if options.write:
        file.write_text(wanted)
    elif text != wanted:
        sys.exit("".join(difflib.unified_diff(text.splitlines(True), wanted.splitlines(True), str(file), "replayed")))


if __name__ == "__main__":
    main()
