"""Load as an app makes it, for minutes: whether anything drifts."""

import contextlib
import json
import math
import os
import random
import threading
import time

from harness.guestlist import Client, Program
from harness.load import CONNECTIONS, Load
from harness.processes import CoresUsed, Failed, anonymous_mb
from harness.samples import Sample, new_user, reading_rows, sign_in_row, writing_rows
from harness.stores import PASSWORD, Stores, search_prefixes, signing_in

# Of 1,000 calls so many are of each row: nine in ten read.
MIX = {
    "get_self": 300,
    "get_id": 250,
    "login": 150,
    "find_id": 80,
    "find_email": 40,
    "search": 40,
    "panel_list": 20,
    "meiro_get": 20,
    "update": 68,
    "create": 20,
    "invite": 10,
    "sign_in": 2,
}
# So many different lines make the load; then they come again, with other numbers.
LINES = 100_000
# The share of what the machine can do, which is found out in so many seconds.
SHARE, FINDING_SECONDS = 0.6, 10
# So many people have their session refreshed, together so often per second.
REFRESHING, REFRESHES_PER_SECOND = 20, 20

HEAD = """\
| minute | calls/s | p50, ms | p99, ms | p99.9, ms | refresh p99, ms | service, cores | others, cores | memory, MB \
| file, MB | log, MB |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


class Refreshing:
    """People whose sessions are refreshed for as long as the block lasts, each with the token that came last."""

    def __init__(self, address):
        self.client = Client(address)
        self.over = threading.Event()
        self.took, self.failed = [], None
        bodies = [{"email": email, "password": PASSWORD} for email in signing_in()[:REFRESHING]]
        self.tokens = [self.client.post("/session/create", "none", body)["refreshToken"] for body in bodies]
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def since(self):
        """How long the refreshes since the last look took, in ms."""
        if self.failed:
            raise Failed(f"a session could not be refreshed: {self.failed}")
        took, self.took = sorted(self.took), []
        return took

    def _run(self):
        place = 0
        while not self.over.wait(1 / REFRESHES_PER_SECOND):
            began = time.perf_counter()
            try:
                reply = self.client.post("/session/refresh", "none", {"refreshToken": self.tokens[place]})
            except (Failed, OSError) as why:
                self.failed = why
                return
            self.tokens[place] = reply["refreshToken"]
            self.took.append((time.perf_counter() - began) * 1e3)
            place = (place + 1) % len(self.tokens)


def mixed(sample):
    """The calls of the load, in an order that is random but always the same."""
    invites = sample.as_admin("/user/create", {**new_user("guest%d@example.com"), "sendInvite": True})
    rows = [
        *reading_rows(sample, search_prefixes(sample.store.users)),
        *writing_rows(sample),
        sign_in_row(signing_in(), PASSWORD),
    ]
    calls = {row.key: row.calls for row in rows} | {"invite": invites}
    dice = random.Random(2)
    keys = dice.choices(list(MIX), weights=MIX.values(), k=LINES)
    return [dice.choice(calls[key]) for key in keys]


def megabytes(file):
    return os.path.getsize(file) / 1e6 if file.exists() else 0.0


def soak(binary, tools, work, cache, users, minutes, say):
    """One minute after the other; what each was like."""
    store = Stores(binary, tools, work, cache).provide(users, keep=True)
    program, load = Program(binary, store.folder), Load(tools, work)
    log = program.file.with_name(program.file.name + "-wal")
    with program.serving() as service, contextlib.ExitStack() as stack:
        sample = Sample(Client(service.address), program, store)
        load.each_once(service.address, sample.as_themselves("/user/login", {}))
        calls = mixed(sample)
        say("finding out what the machine can do")
        most = load.callers(service.address, calls, FINDING_SECONDS)
        rate = SHARE * most["per_second"]
        refreshing = stack.enter_context(Refreshing(service.address))
        found = []
        for minute in range(1, minutes + 1):
            with CoresUsed(service.pid) as cores:
                figures = load.fixed(service.address, calls, rate, 60)
            took = refreshing.since()
            driver = figures["cpu_seconds"] / cores.seconds
            found.append({
                "minute": minute,
                **figures,
                "refresh_p99_ms": took[len(took) * 99 // 100],
                "cores": cores.process,
                "others_cores": cores.busy - cores.process - driver,
                "memory_mb": anonymous_mb(service.pid),
                "file_mb": megabytes(program.file),
                "log_mb": megabytes(log),
            })
            say(f"minute {minute}: p99 {figures['p99_ms']:.1f} ms, {found[-1]['memory_mb']:.0f} MB")
    return {"users": users, "most_per_second": most["per_second"], "rate": rate, "minutes": found}


def table(results, commit):
    """The minutes, as Markdown."""
    heading = (
        f"Guestlist {commit}, {results['users']:,} users, {results['rate']:,.0f} calls/s: {SHARE:.0%} of the"
        f" {results['most_per_second']:,.0f} that {CONNECTIONS} callers get who ask again at once"
    )
    rows = []
    for one in results["minutes"]:
        cells = [
            f"{one['minute']}",
            f"{one['per_second']:,.0f}",
            *(f"{one[key]:.2f}" for key in ["p50_ms", "p99_ms", "p999_ms", "refresh_p99_ms", "cores", "others_cores"]),
            *(f"{one[key]:,.0f}" for key in ["memory_mb", "file_mb", "log_mb"]),
        ]
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join([heading, "", HEAD, *rows]) + "\n"


def write(results, commit, out):
    """Leaves the results, the table and the chart in a folder."""
    (out / "soak.json").write_text(json.dumps({"commit": commit, **results}, indent=1) + "\n")
    (out / "soak.md").write_text(table(results, commit))
    (out / "soak.svg").write_text(svg(results))


# Chart: the latencies on a scale of powers of ten, the sizes as shares of their largest.
WIDTH, HEIGHT, LEFT, RIGHT, TOP, GAP = 860, 170, 70, 150, 44, 40
LATENCIES = {"p999_ms": "p99.9", "p99_ms": "p99", "p50_ms": "p50"}
SIZES = {"memory_mb": "memory", "file_mb": "file", "log_mb": "log"}
STYLE = """\
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #656d76; }
  .grid { stroke: #d0d7de; }
  .line { fill: none; stroke-width: 2; }
  .line0 { stroke: #9ec5fe; } .line1 { stroke: #3d8bfd; } .line2 { stroke: #0a3f8f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #8d96a0; }
    .grid { stroke: #30363d; }
    .line0 { stroke: #1f4f8f; } .line1 { stroke: #3d8bfd; } .line2 { stroke: #b6d4fe; }
  }"""


def svg(results):
    """The chart, for light and dark pages."""
    minutes = results["minutes"]
    title = f"{len(minutes)} minutes at {results['rate']:,.0f} calls/s, {results['users']:,} users"
    height = TOP + 2 * HEIGHT + GAP + 30
    powers = [0.1, 1, 10, 100, 1000]
    shapes = [f'<text class="title" x="0" y="16">{title}</text>']
    shapes += panel(minutes, LATENCIES, TOP, lambda value: place_of(value, powers), {f"{p:g} ms": p for p in powers})
    most = max(one[key] for one in minutes for key in SIZES) or 1
    steps = {f"{most * share / 4:,.0f} MB": most * share / 4 for share in range(5)}
    shapes += panel(minutes, SIZES, TOP + HEIGHT + GAP, lambda value: value / most, steps)
    x = (LEFT + WIDTH - RIGHT) / 2
    shapes.append(f'<text class="quiet" x="{x}" y="{height - 4}" text-anchor="middle">minute</text>')
    box = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">'
    return "\n".join([head, f"<style>\n{STYLE}\n</style>", *shapes, "</svg>"]) + "\n"


def place_of(value, powers):
    """Where a latency is between the first and the last of the powers of ten, from 0 to 1."""
    value = min(max(value, powers[0]), powers[-1])
    return math.log10(value / powers[0]) / math.log10(powers[-1] / powers[0])


def panel(minutes, lines, top, share, marks):
    """Lines over the minutes; `share` tells how high a value is, from 0 to 1."""
    bottom, end = top + HEIGHT, WIDTH - RIGHT
    shapes = []
    for label, value in marks.items():
        y = bottom - share(value) * HEIGHT
        shapes.append(f'<line class="grid" x1="{LEFT}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}"/>')
        shapes.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    step = (end - LEFT) / max(1, len(minutes) - 1)
    for place, (key, label) in enumerate(lines.items()):
        points = [(LEFT + at * step, bottom - share(one[key]) * HEIGHT) for at, one in enumerate(minutes)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        shapes.append(f'<polyline class="line line{place}" points="{path}"/>')
        x, y = points[-1]
        shapes.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}">{label} {minutes[-1][key]:,.1f}</text>')
    return shapes
