"""An alternative: PocketBase with as many users, which gets the same calls."""

import contextlib
import json
import sqlite3

from harness.guestlist import Client, Service
from harness.processes import free_port, run, running
from harness.samples import CALLERS, MOST_USERS, PAGE, Call, Row
from harness.stores import PASSWORD, SIGNING_IN

OPERATOR = {"identity": "operator@example.com", "password": PASSWORD}
FIRST = {"email": "first@example.com", "name": "Ada", "password": PASSWORD, "passwordConfirm": PASSWORD}
USERS = "/api/collections/users/records"
# Copies of the first user, with its password.
FILL = """
INSERT INTO users (id, email, name, password, tokenKey, verified, created, updated)
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
SELECT printf('user%011d', n), printf('user%07d@example.com', n), 'Ada ' || n, password,
    lower(hex(randomblob(25))), 1, created, updated
FROM users, numbers
"""


class PocketBase:
    """The program, and an empty folder for its data."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    @property
    def name(self):
        return f"PocketBase {run(self.binary, '--version').split()[-1]}"

    @contextlib.contextmanager
    def serving(self, users):
        """The service with that many users, for as long as the block lasts."""
        self.folder.mkdir()
        run(*self._command("superuser", "upsert", *OPERATOR.values()))
        with self._running() as service:
            Client(service.address).post(USERS, self._token(service), FIRST)
        with contextlib.closing(sqlite3.connect(self.folder / "data.db")) as file, file:
            file.execute(FILL, [users - 1])
        with self._running() as service:
            self.token = self._token(service)
            # As with the other: requests are not logged.
            Client(service.address).send("PATCH", "/api/settings", self.token, {"logs": {"maxDays": 0}})
            yield service

    def rows(self, service, users, deep):
        """The comparable calls, by the key of the row that each is compared with."""
        client = Client(service.address)
        ids = [f"user{number:011}" for number in range(1, users, max(1, users // MOST_USERS))]
        own = [self._own(client, user) for user in ids[:CALLERS]]
        # It is not asked for the total, which Guestlist does not give either and which takes it as long again.
        page = f"{USERS}?perPage={PAGE}&sort=id&skipTotal=1&page="
        return [
            Row("get_self", "own record", "get", own),
            Row("get_id", "record by id", "get", self._gets(f"{USERS}/{user}" for user in ids)),
            Row("find_first", "25 by id, page 1", "page", self._gets([f"{page}1"])),
            Row("find_deep", f"25 by id, page {deep:,}", "page", self._gets([f"{page}{deep}"])),
            Row("sign_in", "sign-in (bcrypt)", "get", [sign_in(number + 1) for number in range(SIGNING_IN)], slow=True),
        ]

    def _gets(self, paths):
        return Call.gets(f"Authorization: Bearer {self.token}", paths)

    def _command(self, *words):
        return [self.binary, "--dir", self.folder, *words]

    @contextlib.contextmanager
    def _running(self):
        log = self.folder / "service.log"
        with running(self._command("serve", "--http", f"127.0.0.1:{free_port()}"), log) as process:
            yield Service(process, log)

    def _token(self, service):
        path = "/api/collections/_superusers/auth-with-password"
        return Client(service.address).post(path, "", OPERATOR)["token"]

    def _own(self, client, user):
        path = f"/api/collections/users/impersonate/{user}"
        token = client.post(path, self.token, {"duration": 36_000})["token"]
        return Call("GET", f"{USERS}/{user}", "", [f"Authorization: Bearer {token}"])


def sign_in(number):
    body = {"identity": f"user{number:07}@example.com", "password": PASSWORD}
    return Call("POST", "/api/collections/users/auth-with-password", json.dumps(body), [])
