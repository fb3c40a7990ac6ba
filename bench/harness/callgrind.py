"""Counts instructions with valgrind's callgrind: a figure that does not depend on what else the machine is doing."""

import contextlib
import itertools
import re

from harness.guestlist import Client, Program
from harness.load import new_number
from harness.processes import Failed, run

# A program is about fifty times slower there, so few calls must be enough. The first of them fill caches, such as that of
# the callers' tokens.
WARMING, COUNTED = 150, 100


class Counter:
    """A program that runs under callgrind, on a store of its own."""

    def __init__(self, binary, folder):
        self.folder, self.numbers = folder, itertools.count(new_number())
        self.prefix, self.dumps = folder / "vgdb", folder / "counts"
        files = [f"--vgdb-prefix={self.prefix}", f"--callgrind-out-file={self.dumps}"]
        # Quiet, so that the service's address is the first line.
        self.program = Program(binary, folder, ["valgrind", "--quiet", "--tool=callgrind", *files])

    @contextlib.contextmanager
    def serving(self):
        with self.program.serving() as self.service:
            self.client = Client(self.service.address)
            yield

    def instructions(self, calls):
        """The instructions of one call of a row: the mean of a hundred, one after another."""
        calls = itertools.cycle(calls)
        for call in itertools.islice(calls, WARMING):
            self._make(call)
        self._tell("zero")
        for call in itertools.islice(calls, COUNTED):
            self._make(call)
        self._tell("dump")
        return self._dumped() / COUNTED

    def _make(self, call):
        number = str(next(self.numbers))
        header = dict(field.replace("%d", number).split(": ", 1) for field in call.fields)
        if call.body:
            header["Content-Type"] = "application/json"
        path, body = (text.replace("%d", number) for text in (call.path, call.body))
        self.client.exchange(call.method, path, body or None, header)

    def _tell(self, order):
        run("vgdb", f"--vgdb-prefix={self.prefix}", f"--pid={self.service.pid}", order)

    def _dumped(self):
        """The total of the dump that was just made, of all threads."""
        (file,) = self.folder.glob(f"{self.dumps.name}.*")
        found = re.search(r"^totals: (\d+)", file.read_text(), re.MULTILINE)
        file.unlink()
        if not found:
            raise Failed(f"callgrind's dump has no total: {file}")
        return int(found[1])
