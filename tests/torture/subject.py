"""A user that only one worker changes, so that its record is known at any time."""

import time
from collections import Counter
from dataclasses import dataclass, field

# What an operation on the user may change without being asked to.
ALONG = {"updated", "version", "invite", "inviteSent", "inviteExpires", "purgeAfter", "formerState"}
UNIQUE = ("username", "externalId")


@dataclass
class Operation:
    """A call about a subject, and what the record must say after it."""

    call: str
    body: dict
    after: dict
    once: str
    invites: bool = False
    tries: int = 0
    # Whether the record has been seen as it is after the call, without a reply to it.
    seen: bool = False


@dataclass
class Subject:
    """Everything acknowledged about one user."""

    email: str
    record: dict | None = None
    holds: set = field(default_factory=set)
    actions: Counter = field(default_factory=Counter)
    codes: set = field(default_factory=set)
    pending: Operation | None = None
    # When each record was acknowledged, the oldest first.
    history: list = field(default_factory=list)

    @property
    def is_live(self):
        """Whether the user is there and not in the trash."""
        return self.record is not None and self.record["state"] != "trashed"

    def choose(self, random, once):
        """An operation that must succeed now."""
        if self.record is None:
            return self._create(random, once)
        if not self.is_live:
            return Operation("trash/restore", {"id": self.record["id"]}, {"state": self.record["formerState"]}, once)
        kinds = ["update"] * 4 + ["username", "place", "place", "invite"]
        kinds += ["release"] * 2 if self.holds else ["remove"]
        return getattr(self, f"_{random.choice(kinds)}")(random, once)

    def _create(self, random, once):
        name = self.email.partition("@")[0]
        fields = {"email": self.email, "username": name, "externalId": f"x-{name}", "first": "F"}
        body = dict(fields)
        invites = random.random() < 0.5
        if invites:
            body["sendInvite"] = True
        after = {**fields, "state": "invited", "role": "user", "holds": 0}
        return Operation("user/create", body, after, once, invites)

    def _update(self, random, once):
        change = {"first": f"F{random.randrange(10**9)}", "preferences": {"n": random.randrange(10**9)}}
        body = {"id": self.record["id"], "version": self.record["version"], **change}
        return Operation("user/update", body, change, once)

    def _username(self, random, once):
        name = f"{self.email.partition('@')[0]}-{random.randrange(10**9)}"
        change = {"username": name, "externalId": f"x-{name}"}
        return Operation("user/update", {"email": self.email, "id": self.record["id"], **change}, change, once)

    def _place(self, random, once):
        ref = str(random.randrange(10**9))
        after = {"holds": len(self.holds) + 1}
        return Operation("hold/place", {"id": self.record["id"], "kind": "box", "ref": ref}, after, once)

    def _release(self, random, once):
        ref = random.choice(sorted(self.holds))
        after = {"holds": len(self.holds) - 1}
        return Operation("hold/release", {"id": self.record["id"], "kind": "box", "ref": ref}, after, once)

    def _invite(self, _random, once):
        return Operation("user/create", {"email": self.email, "sendInvite": True}, {}, once, invites=True)

    def _remove(self, _random, once):
        return Operation("user/remove", {"id": self.record["id"]}, {"state": "trashed"}, once)

    def selectors(self, record):
        """A selector for each unique value of the user."""
        names = ("id", "email", *UNIQUE)
        return [{name: record[name]} for name in names if record and name in record]

    def is_before(self, record):
        """Whether a record is the one before the operation."""
        return record == self.record

    def wrong_after(self, record, operation):
        """What is wrong with a record after the operation; `None` if nothing is."""
        before = self.record or {}
        version = before.get("version", 0) + 1
        if record.get("version") != version:
            return f"version {record.get('version')} instead of {version}"
        wanted = {name: value for name, value in before.items() if name not in ALONG} | operation.after
        has = {name: value for name, value in record.items() if name not in ALONG}
        if self.record is None:
            has = {name: value for name, value in has.items() if name in wanted}
        if has != wanted:
            return f"{has} instead of {wanted}"
        if operation.invites and record.get("invite") in (None, before.get("invite")):
            return "no fresh invite"
        if operation.invites and not (record.get("inviteSent") and record.get("inviteExpires")):
            return "an invite that does not say since when and until when"
        return None

    def acknowledged(self, operation, record):
        """Notes that the operation was carried out; `record` is the user since then."""
        self.record = record
        self.history.append((time.time(), record))
        self.actions[operation.call] += 1
        if operation.call == "hold/place":
            self.holds.add(operation.body["ref"])
        if operation.call == "hold/release":
            self.holds.discard(operation.body["ref"])
        if operation.invites:
            self.codes.add(record["invite"])
        self.pending = None

    def after_hold(self):
        """The record after placing or releasing a hold, whose reply does not contain it."""
        return {**self.record, **self.pending.after, "version": self.record["version"] + 1}
