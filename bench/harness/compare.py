"""Compares two programs, call by call: what a change costs or saves."""

import contextlib
import statistics

from harness.callgrind import Counter
from harness.guestlist import Client, Program
from harness.load import Load
from harness.samples import Sample, reading_rows, writing_rows
from harness.stores import FEWEST, Stores, search_prefixes

# They take turns, so that other load on the machine affects both.
TURNS = 5

HEAD = """\
| call | instructions: before | after | after ÷ before | CPU, µs/request: before | after | after ÷ before | spread |
|---|--:|--:|--:|--:|--:|--:|--:|"""


class Side:
    """One of the programs, with its own store: the format of the file can differ."""

    def __init__(self, binary, tools, work, cache):
        work.mkdir()
        self.work, self.binary, self.load = work, binary, Load(tools, work)
        stores = Stores(binary, tools, work, cache)
        self.store = stores.provide(FEWEST, keep=False)

    @contextlib.contextmanager
    def serving(self):
        program = Program(self.binary, self.store.folder)
        with program.serving() as self.service:
            sample = Sample(Client(self.service.address), program, self.store)
            self.load.each_once(self.service.address, sample.as_themselves("/user/login", {}))
            self.rows = [*reading_rows(sample, search_prefixes(self.store.users)), *writing_rows(sample)]
            yield

    def cpu_us(self, place, seconds):
        """The CPU time of one call of a row, in µs."""
        row = self.rows[place]
        return self.load.full(self.service.pid, self.service.address, row.calls, seconds)["cpu_us"]

    def instructions(self):
        """The instructions of one call of each row."""
        counter = Counter(self.binary, self.store.folder)
        with counter.serving():
            return [counter.instructions(row.calls) for row in self.rows]


def compare(programs, commits, tools, work, cache, seconds, say):
    """The table of both, as Markdown; `programs` and `commits` are those before and after the change."""
    before, after = sides = [
        Side(binary, tools, work / name, cache) for name, binary in zip(["before", "after"], programs)
    ]
    turns = []
    with before.serving(), after.serving():
        for place, row in enumerate(after.rows):
            say(row.label)
            turns.append([[side.cpu_us(place, seconds) for side in sides] for _ in range(TURNS)])
    say("counting instructions")
    counts = zip(before.instructions(), after.instructions())
    lines = [f"Before: {commits[0]}. After: {commits[1]}.", "", HEAD]
    for row, counted, timed in zip(after.rows, counts, turns):
        medians = [statistics.median(of_side) for of_side in zip(*timed)]
        ratios = [other / one for one, other in timed]
        cells = [
            row.label,
            *(f"{count:,.0f}" for count in counted),
            f"{counted[1] / counted[0]:.3f}",
            *(f"{median:.1f}" for median in medians),
            f"{medians[1] / medians[0]:.2f}",
            f"{min(ratios):.2f}–{max(ratios):.2f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
