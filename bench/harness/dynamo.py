"""The service on a stand-in for DynamoDB, compared with the AWS SDK making the same calls to it."""

import contextlib
import http.client
import json

from harness.guestlist import Program, recorded
from harness.processes import announced, running

# The rows, and for how many requests the calls to DynamoDB are recorded for the raw SDK.
ROWS = ["get_id", "login", "find_id"]
PLANS = 500
TIMES = 3
# The calls that the service makes by itself.
OWN = ("outbox#", "purge#")


class OnDynamo(Program):
    """The program with a store's secret, on a DynamoDB at this address."""

    def __init__(self, binary, folder, address):
        super().__init__(binary, folder)
        self.address = address

    def command(self, *words):
        # It may begin with a hyphen.
        secret = (self.folder / "data" / "secret").read_text().strip()
        table = ["--table", "dynamodb:bench", "--dynamodb-endpoint", f"http://{self.address}"]
        table += ["--public-url", "http://bench.test"]
        return [self.binary, *table, f"--secret={secret}", "--log", "warn", *words]


class Canned:
    """A DynamoDB with the items of a store's file."""

    def __init__(self, stack, tools, work, file):
        log = work / "canned.log"
        self.address = announced(stack.enter_context(running([tools.canned_dynamodb, file], log)), log)
        self.connection = http.client.HTTPConnection(self.address, timeout=60)

    def asked(self, make):
        """The requests that it gets during an action, as operations and bodies."""
        self._post("/record")
        make()
        return [
            [operation, body] for operation, body in json.loads(self._post("/recorded")) if not is_own(body)
        ]

    def _post(self, path):
        self.connection.request("POST", path)
        return self.connection.getresponse().read()


def is_own(body):
    """Whether the service makes that call by itself."""
    partition = body.get("ExpressionAttributeValues", {}).get(":partition", {}).get("S", "")
    return partition.startswith(OWN)


def on_dynamo(tools, work, load, program, rows, seconds):
    """For each row, the figures of the service and of the raw SDK, which take turns in one run."""
    with contextlib.ExitStack() as stack:
        canned = Canned(stack, tools, work, program.file)
        service = stack.enter_context(OnDynamo(program.binary, program.folder, canned.address).serving())
        chosen = [next(row for row in rows if row.key == key) for key in ROWS]
        return [compared(tools, work, load, canned, service, row, seconds) for row in chosen]


def compared(tools, work, load, canned, service, row, seconds):
    calls = row.calls[:PLANS]
    # From here on, the caller is cached.
    load.each_once(service.address, calls)
    answer, plans, log = work / "raw-answer", work / "raw-plans", work / "raw.log"
    answer.write_bytes(recorded(service.address, calls[0]))
    asked = [canned.asked(lambda: recorded(service.address, call)) for call in calls]
    plans.write_text("".join(json.dumps(each) + "\n" for each in asked))
    with running([tools.raw_sdk, f"http://{canned.address}", answer, plans], log) as raw:
        address = announced(raw, log)
        figures = {"raw": [], "service": []}
        for _ in range(TIMES):
            figures["raw"].append(load.full(raw.pid, address, calls, seconds))
            figures["service"].append(load.full(service.pid, service.address, calls, seconds))
    found = {name: mean(each) for name, each in figures.items()}
    share = found["service"]["per_second"] / found["raw"]["per_second"]
    calls_to_table = sum(map(len, asked)) / len(asked)
    return {"key": row.key, "label": row.label, "table_calls": calls_to_table, "share": share, **found}


def mean(figures):
    return {name: sum(each[name] for each in figures) / len(figures) for name in figures[0]}
