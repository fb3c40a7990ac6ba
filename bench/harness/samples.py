"""The calls of each row, and samples of a store's users and pages for them."""

import dataclasses
import json
import random

# This many users are enough: whatever would be cold with all users is cold with these.
MOST_USERS, MOST_CURSORS = 20_000, 1_000
# How many users call with their own token.
CALLERS = 128
PAGE = 25
DEEP = 10_000 * PAGE
LIST = 50
LIST_PAGES = 20


@dataclasses.dataclass
class Call:
    """A request; `fields` are the header fields for the caller and the account."""

    method: str
    path: str
    body: str
    fields: list

    @staticmethod
    def native(path, token, body, account=None):
        fields = [f"Authorization: Bearer {token}"] + ([f"X-Account-Id: {account}"] if account else [])
        return Call("POST", path, json.dumps(body), fields)

    @staticmethod
    def gets(field, paths):
        return [Call("GET", path, "", [field]) for path in paths]

    def line(self):
        return "\t".join([self.method, self.path, self.body, *self.fields])


@dataclasses.dataclass
class Row:
    """Calls that are measured together; `size` is the bare reply that they are compared with, `slow` means that
    too few of them fit into a second."""

    key: str
    label: str
    size: str
    calls: list
    slow: bool = False


@dataclasses.dataclass
class Walk:
    """The result of a walk: some of the users, and pages, each with its offset and its query."""

    users: list
    cursors: list


def walk(client, key, path, index, count):
    """Walks all pages of a list of about `count` users; keeps an even sample."""
    # The first page has none.
    users, cursors, seen, query = [], [(0, "")], 0, ""
    step = max(1, count // MOST_USERS)
    while True:
        reply = client.post(f"{path}?index={index}&limit=100{query}", key, {})
        users += [user for place, user in enumerate(reply["data"], seen) if place % step == 0]
        seen += len(reply["data"])
        if "next" not in reply:
            break
        query = f"&next={reply['next']}"
        cursors.append((seen, query))
    # Behind the last one there may be less than a page.
    return Walk(users, [cursor for cursor in cursors if cursor[0] + PAGE <= seen])


class Sample:
    """Users and pages of one store, in an order that is random but always the same."""

    def __init__(self, client, program, store):
        self.store, self.key, dice = store, store.key, random.Random(1)
        by_id = walk(client, self.key, "/user/find", "primary", store.users)
        by_email = walk(client, self.key, "/user/find", "gs1", store.users)
        trash = walk(client, self.key, "/trash/find", "primary", 1)
        self.users = by_id.users
        dice.shuffle(self.users)
        self.deep, self.deep_cursor = min(by_id.cursors, key=lambda cursor: abs(cursor[0] - DEEP))
        self.by_id, self.by_email, self.trash = (some(found.cursors, dice) for found in (by_id, by_email, trash))
        # People who sign in with a password have no outside token.
        others = [user for user in self.users if user["email"].startswith("user")]
        self.callers = others[:CALLERS]
        self.tokens = [
            program.operate("token", user["email"], "--verified", "--minutes", "600")
            for user in self.callers
        ]

    @property
    def account(self):
        return self.users[0]["accountId"]

    def as_admin(self, path, *bodies):
        return [Call.native(path, self.key, body) for body in bodies]

    def as_themselves(self, path, body, account=None):
        return [Call.native(path, token, body, account) for token in self.tokens]

    def pages(self, path, index, cursors):
        head = f"{path}?index={index}&limit={PAGE}"
        return [call for cursor in cursors for call in self.as_admin(head + cursor, {})]


def some(cursors, dice):
    """At most this many of the cursors, in random order."""
    cursors = [cursor for _, cursor in cursors]
    return dice.sample(cursors, min(len(cursors), MOST_CURSORS))


def reading_rows(sample, prefixes):
    """The rows that only read, or nearly: `user/login` records activity every ten minutes."""
    native, gets = sample.as_admin, Call.gets
    ids, emails = ([{name: user[name]} for user in sample.users] for name in ("id", "email"))
    searches = [{"search": prefix} for prefix in prefixes]
    first_page = f"/user/find?index=primary&limit={PAGE}"
    deep_page = first_page + sample.deep_cursor
    lists = range(min(LIST_PAGES, sample.store.users // LIST))
    panel, meiro = f"Authorization: Bearer {sample.key}", f"X-Access-Token: {sample.key}"
    panel_list = [f"/api/application/users?per_page={LIST}&page={page + 1}" for page in lists]
    meiro_list = [f"/users?limit={LIST}&offset={page * LIST}" for page in lists]
    panel_get = [f"/api/application/users/{user['number']}" for user in sample.users]
    meiro_get = [f"/users/{user['number']}" for user in sample.users]
    return [
        Row("get_self", "user/get, oneself", "get", sample.as_themselves("/user/get", {}, sample.account)),
        Row("get_only", "user/get, oneself, account looked up", "get", sample.as_themselves("/user/get", {})),
        Row("get_id", "user/get, by id", "get", native("/user/get", *ids)),
        Row("get_email", "user/get, by email", "get", native("/user/get", *emails)),
        Row("login", "user/login, known user", "get", sample.as_themselves("/user/login", {})),
        Row("find_id", "user/find, 25 by id", "page", sample.pages("/user/find", "primary", sample.by_id)),
        Row("find_email", "user/find, 25 by email", "page", sample.pages("/user/find", "gs1", sample.by_email)),
        Row("find_first", "user/find, page 1", "page", native(first_page, {})),
        Row("find_deep", f"user/find, page {sample.deep // PAGE + 1:,}", "page", native(deep_page, {})),
        Row("search", "user/find, 25 by prefix", "page", native(first_page, *searches)),
        Row("trash", "trash/find, 25", "page", sample.pages("/trash/find", "primary", sample.trash)),
        Row("panel_list", "panel, list of 50", "list", gets(panel, panel_list)),
        Row("panel_get", "panel, get", "get", gets(panel, panel_get)),
        Row("meiro_list", "meiro, list of 50", "list", gets(meiro, meiro_list)),
        Row("meiro_get", "meiro, get", "get", gets(meiro, meiro_get)),
    ]


def new_user(email):
    return {"email": email, "first": "New", "last": "Person", "language": "en", "preferences": {"theme": "dark"}}


def new_name(number):
    """A first name that always differs from the current one: without a change, nothing is written."""
    return f"hedy{number}"


def writing_rows(sample):
    """The rows that write. `%d` is a number that was never used before."""
    # Of users from the whole store, by an admin: there are few callers, and two calls at once would change one of them.
    updates = ({"id": user["id"], "first": new_name("%d")} for user in sample.users)
    create = sample.as_admin("/user/create", new_user("new%d@example.com"))
    return [
        Row("update", "user/update", "get", sample.as_admin("/user/update", *updates)),
        Row("create", "user/create", "get", create),
    ]


def sign_in_row(emails, password):
    """Sign-ins of many people, each from its own network: from one network, they would soon be limited."""
    calls = [
        Call(
            "POST",
            "/session/create",
            json.dumps({"email": email, "password": password}),
            [f"X-Forwarded-For: 10.{place // 256}.{place % 256}.1"],
        )
        for place, email in enumerate(emails)
    ]
    return Row("sign_in", "session/create", "get", calls, slow=True)
