"""The baselines: bare hyper, the raw engine, and Argon2 alone."""

import json
import re
import time

from harness.guestlist import recorded
from harness.processes import TICKS_PER_SECOND, Failed, announced, run, running
from harness.samples import new_name, new_user

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# After this time, records that are written after a call are on disk.
SETTLED_SECONDS = 2
ARGON2 = re.compile(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/$]+")


class BareHyper:
    """A server for each size of reply; each sends what the service has replied to that row."""

    def __init__(self, stack, tools, work, address, rows):
        self.rows = {}
        for row in rows:
            if row.size in self.rows:
                continue
            answer, log = work / f"answer-{row.size}", work / f"bare-{row.size}.log"
            answer.write_bytes(recorded(address, row.calls[0]))
            process = stack.enter_context(running([tools.bare_hyper, answer], log))
            self.rows[row.size] = (process.pid, announced(process, log), row.calls, answer.stat().st_size)

    def measure(self, load, seconds):
        """Bare hyper's figures by size."""
        return {
            size: {**load.full(pid, address, calls, seconds), "bytes": length}
            for size, (pid, address, calls, length) in self.rows.items()
        }


class RawEngine:
    """SQLite without the service, on a store's file."""

    def __init__(self, tools, work):
        self.tools, self.work = tools, work

    def rows(self, file):
        """All rows of a small store, by key."""
        rows = map(json.loads, run(self.tools.raw_engine, "rows", file).splitlines())
        return {(row[0], row[1]): row for row in rows}

    def reads(self, file, sample, seconds):
        """Reads of the rows that the service reads."""
        account = f"account#{sample.account}"
        by_id = [f"{account}\tuser#{user['id']}\n" for user in sample.users]
        by_email = [f"{account}\temail#{user['email']}\n" for user in sample.users]
        return {
            "point": self._measure("get", file, "".join(by_id), seconds),
            "page_id": self._measure("page-primary", file, "".join(by_id), seconds),
            "page_email": self._measure("page-gs1", file, "".join(by_email), seconds),
        }

    def writes(self, file, sample, plans, seconds, callers):
        """Grouped commits of the transactions that the service makes."""
        account = {"{account}": sample.account}
        people = [
            {
                **account,
                "{id}": user["id"],
                "{email}": user["email"],
                "{Last}": user["last"],
                "{last}": user["last"].lower(),
                "{before}": user["first"].lower(),
            }
            for user in sample.users
        ]
        values = {"create": [account], "update": people}
        given = {name: json.dumps({"transaction": plan, "values": values[name]}) for name, plan in plans.items()}
        return {name: self._measure("write", file, text, seconds, callers) for name, text in given.items()}

    def _measure(self, what, file, text, *arguments):
        given = self.work / "engine"
        given.write_text(text)
        figures = json.loads(run(self.tools.raw_engine, what, file, given, *arguments))
        given.unlink()
        return {
            "per_second": figures["operations"] / figures["seconds"],
            "cpu_us": figures["cpu_ticks"] / TICKS_PER_SECOND / figures["operations"] * 1e6,
            "p50_ms": figures["p50_ms"],
            "p99_ms": figures["p99_ms"],
        }


class Recorder:
    """Records what calls write, by comparing all rows before and after."""

    def __init__(self, engine, program, store, client):
        self.engine, self.file, self.key, self.client = engine, program.file, store.key, client

    def create_unrecorded(self):
        """Does what only the first `user/create` causes."""
        self.client.post("/user/create", self.key, new_user("unrecorded@example.com"))
        time.sleep(SETTLED_SECONDS)

    def create(self):
        """What `user/create` writes."""
        email = "recorded@example.com"
        before = self.engine.rows(self.file)
        user = self.client.post("/user/create", self.key, new_user(email))
        number = user["number"]
        names = {
            email: "new{number}@example.com",
            user["accountId"]: "{account}",
            f"number#{number}": "number#{number}",
            f'"number":{number},': '"number":{number},',
            f"{number:020}": "0" * 10 + "{number}",
        }
        return self._changes(before, names)

    def update(self, user):
        """What `user/update` of the first name writes."""
        name = new_name(1)
        names = {
            user["id"]: "{id}",
            user["accountId"]: "{account}",
            user["email"]: "{email}",
            user["last"]: "{Last}",
            user["last"].lower(): "{last}",
            name: "{after}",
            user["first"].lower(): "{before}",
        }
        before = self.engine.rows(self.file)
        self.client.post("/user/update", self.key, {"id": user["id"], "first": name})
        return self._changes(before, names)

    def _changes(self, before, names):
        after = self.engine.rows(self.file)
        puts = [row for key, row in after.items() if before.get(key) != row]
        deletes = [list(key) for key in before if key not in after]
        if not puts:
            raise Failed("a call that should write has written nothing")
        text = json.dumps(puts)
        known = set(UUID.findall(json.dumps(list(before.values()))))
        fresh = [uuid for uuid in dict.fromkeys(UUID.findall(text)) if uuid not in known]
        names = {**names, **{uuid: f"{{fresh{place}}}" for place, uuid in enumerate(fresh)}}
        replaced = [[renamed(column, names) for column in row] for row in puts]
        return {"puts": replaced, "deletes": [[renamed(part, names) for part in key] for key in deletes]}


def renamed(column, names):
    """A column with placeholders in place of the values."""
    if isinstance(column, str):
        for text, name in names.items():
            column = column.replace(text, name)
    return column


def stored_hash(rows):
    """The hash of a password, as the service stored it."""
    found = ARGON2.search(json.dumps(list(rows.values())))
    if not found:
        raise Failed("no password is stored as Argon2id")
    return found[0]


def argon2_alone(tools, password_hash, seconds):
    """Hashes per second on all cores, with the parameters of a hash that the service has stored."""
    kib, passes, lanes = ARGON2.fullmatch(password_hash).groups()
    figures = json.loads(run(tools.argon2_alone, kib, passes, lanes, seconds))
    return {
        "per_second": figures["operations"] / figures["seconds"],
        "parameters": f"m={kib},t={passes},p={lanes}",
    }
