"""Instructions that a call takes, counted by callgrind: the same whoever else uses the machine."""

import contextlib
import http.client
import itertools
import re

from harness.guestlist import Program
from harness.load import new_number
from harness.processes import Failed, run

# So many calls are counted together, after as many that make everything warm.
CALLS = 100
# Under callgrind all takes fifty times as long.
PATIENCE_SECONDS = 120


class Counted(Program):
    """The program under callgrind."""

    def command(self, *words):
        out = f"--callgrind-out-file={self.folder}/callgrind.%p"
        return ["valgrind", "--quiet", "--tool=callgrind", out, *super().command(*words)]

    @contextlib.contextmanager
    def counting(self):
        """A service of which calls can be counted, for as long as the block lasts."""
        with self.serving() as service:
            yield Counter(self.folder, service)


class Counter:
    """Counts what calls take."""

    def __init__(self, folder, service):
        self.folder, self.pid = folder, service.pid
        self.connection = http.client.HTTPConnection(service.address, timeout=PATIENCE_SECONDS)
        self.numbers = itertools.count(new_number())
        self.dumps = itertools.count(1)

    def per_call(self, calls):
        """The instructions of one call, on average."""
        calls = itertools.cycle(calls)
        self._make(itertools.islice(calls, CALLS))
        self._tell("zero")
        self._make(itertools.islice(calls, CALLS))
        self._tell("dump")
        with open(self.folder / f"callgrind.{self.pid}.{next(self.dumps)}") as dump:
            found = re.search(r"^(?:summary|totals): (\d+)", dump.read(), re.MULTILINE)
        if not found:
            raise Failed("callgrind has counted nothing")
        return int(found[1]) / CALLS

    def _make(self, calls):
        for call in calls:
            body = call.body.replace("%d", str(next(self.numbers)))
            header = dict(field.split(": ", 1) for field in call.fields)
            if body:
                header["Content-Type"] = "application/json"
            self.connection.request(call.method, call.path, body, header)
            answer = self.connection.getresponse()
            reply = answer.read()
            if answer.status != 200:
                raise Failed(f"{call.path}: {answer.status} {reply.decode()}")

    def _tell(self, command):
        run("vgdb", f"--pid={self.pid}", command)
