"""An alternative: better-auth with as many users, which gets the same calls."""

import base64
import contextlib
import hashlib
import hmac
import json
import pathlib
import sqlite3
import urllib.parse

from harness.guestlist import Client, Service
from harness.processes import free_port, run, running
from harness.samples import CALLERS, MOST_USERS, PAGE, Call, Row
from harness.stores import PASSWORD, SIGNING_IN

PROGRAM = pathlib.Path(__file__).parents[1] / "better_auth"
SECRET = "the secret of a server that lives for one run"
OPERATOR = {"email": "operator@example.com", "name": "Operator", "password": PASSWORD}
# Copies of the operator, some with its password, some with a session; then the operator becomes one.
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)"
USERS = f"""
INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt, role, banned) {NUMBERS}
SELECT printf('user%011d', n), 'Ada ' || n, printf('user%07d@example.com', n), 1, createdAt, updatedAt, role, banned
FROM user, numbers
"""
PASSWORDS = f"""
INSERT INTO account (id, accountId, providerId, userId, password, createdAt, updatedAt) {NUMBERS}
SELECT printf('account%d', n), printf('user%011d', n), providerId, printf('user%011d', n), password,
    createdAt, updatedAt
FROM account, numbers
"""
SESSIONS = f"""
INSERT INTO session (id, token, expiresAt, createdAt, updatedAt, userId) {NUMBERS}
SELECT printf('session%d', n), printf('token%d', n), expiresAt, createdAt, updatedAt, printf('user%011d', n)
FROM session, numbers
"""
PROMOTE = "UPDATE user SET role = 'admin' WHERE email = ?"


class BetterAuth:
    """The server on Node, and an empty folder for its data."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "better-auth.db"

    @property
    def name(self):
        package = PROGRAM / "node_modules" / "better-auth" / "package.json"
        return f"better-auth {json.loads(package.read_text())['version']}"

    @contextlib.contextmanager
    def serving(self, users):
        """The service with that many users, for as long as the block lasts."""
        self.folder.mkdir()
        with self._running() as service:
            Client(service.address).post("/api/auth/sign-up/email", "", OPERATOR)
        with contextlib.closing(sqlite3.connect(self.file)) as file, file:
            (self.token,) = file.execute("SELECT token FROM session").fetchone()
            file.execute(USERS, [users - 1])
            file.execute(PASSWORDS, [SIGNING_IN])
            file.execute(SESSIONS, [CALLERS])
            file.execute(PROMOTE, [OPERATOR["email"]])
        with self._running() as service:
            yield service

    def rows(self, _service, users, deep):
        """The comparable calls, by the key of the row that each is compared with."""
        ids = [f"user{number:011}" for number in range(1, users, max(1, users // MOST_USERS))]
        own = [Call("GET", "/api/auth/get-session", "", [cookie(f"token{caller + 1}")]) for caller in range(CALLERS)]
        page = f"/api/auth/admin/list-users?limit={PAGE}&sortBy=id&sortDirection=asc&offset="
        return [
            Row("get_self", "get-session", "get", own),
            Row("get_id", "get-user", "get", self._gets(f"/api/auth/admin/get-user?id={user}" for user in ids)),
            Row("find_first", "list-users, 25 by id, page 1", "page", self._gets([f"{page}0"])),
            Row("find_deep", f"list-users, page {deep:,}", "page", self._gets([f"{page}{(deep - 1) * PAGE}"])),
            Row("sign_in", "sign-in (scrypt)", "get", [sign_in(number + 1) for number in range(SIGNING_IN)], slow=True),
        ]

    def _gets(self, paths):
        return Call.gets(cookie(self.token), paths)

    @contextlib.contextmanager
    def _running(self):
        log = self.folder / "service.log"
        command = ["node", PROGRAM / "server.js", self.file, free_port(), SECRET]
        env = {"PATH": run("printenv", "PATH").strip(), "NODE_ENV": "production"}
        with running(command, log, env=env) as process:
            yield Service(process, log)


def cookie(token):
    """The header field with a session: its token, signed."""
    signature = base64.b64encode(hmac.digest(SECRET.encode(), token.encode(), hashlib.sha256)).decode()
    return f"Cookie: better-auth.session_token={urllib.parse.quote(f'{token}.{signature}', safe='')}"


def sign_in(number):
    body = {"email": f"user{number:07}@example.com", "password": PASSWORD}
    return Call("POST", "/api/auth/sign-in/email", json.dumps(body), [])
