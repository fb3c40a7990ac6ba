"""A long mixed load, as apps cause it, and how the service copes from minute to minute."""

import contextlib
import dataclasses
import random
import threading
import time

from harness.chart import WIDTH, page
from harness.guestlist import Client, Program
from harness.load import CONNECTIONS, Load
from harness.processes import CoresUsed, Failed, anonymous_mb, run
from harness.samples import Sample, reading_rows, sign_in_row, writing_rows
from harness.stores import PASSWORD, Stores, search_prefixes, signing_in

# How many of 10,000 calls each row gets; nine of ten only read.
READS = {
    "get_only": 4000,
    "get_id": 1500,
    "get_email": 500,
    "login": 1500,
    "find_first": 400,
    "find_id": 400,
    "find_email": 300,
    "search": 400,
}
WRITES = {"update": 695, "create": 300}
SIGN_INS = {"sign_in": 5}
KINDS = {"reads": READS, "writes": WRITES, "sign_ins": SIGN_INS}
# The load is this share of what the service can do of the same mix.
SHARE = 0.6
# This many people renew their sessions once a second.
RENEWING = 10
# One person is invited after this many rounds: an account can send 500 invites a day before it has to wait.
ROUNDS_PER_INVITE = 8
CALLS = 20_000


@dataclasses.dataclass
class Minute:
    """The results of one minute."""

    reads: dict
    writes: dict
    sign_ins: dict
    refused: int
    others: dict
    cores: float
    memory_mb: float
    log_mb: float
    file_mb: float


def soak(options, tools, work, minutes, users, say):
    """Runs for some minutes on a store with some number of users; returns the results."""
    load = Load(tools, work)
    say(f"{users:,} users: making or copying the store")
    store = Stores(options.program, tools, work, options.cache).provide(users, keep=True)
    program = Program(options.program, store.folder)
    with program.serving() as service:
        sample = Sample(Client(service.address), program, store)
        load.each_once(service.address, sample.as_themselves("/user/login", {}))
        rows = rows_of(sample)
        calls = {kind: mixed(rows, shares) for kind, shares in KINDS.items()}
        say("what the service can do of the mix")
        # That many sign-ins would be refused.
        most = load.slow(service.pid, service.address, mixed(rows, {**READS, **WRITES}), 10)["per_second"]
        rates = {kind: most * SHARE * sum(shares.values()) / 10_000 for kind, shares in KINDS.items()}
        found = []
        with Others(service.address, store.key) as others:
            for number in range(minutes):
                found.append(minute(service, program, load, calls, rates, others))
                say(f"minute {number + 1}: {told(found[-1])}")
    run("rm", "-r", store.folder)
    return {"users": users, "most": most, "rates": rates, "minutes": [dataclasses.asdict(one) for one in found]}


def rows_of(sample):
    """The rows by their key."""
    rows = [*reading_rows(sample, search_prefixes(sample.store.users)), *writing_rows(sample)]
    return {row.key: row.calls for row in [*rows, sign_in_row(signing_in(), PASSWORD)]}


def mixed(rows, shares):
    """Calls of the rows by their shares, in an order that is random but always the same."""
    dice = random.Random(1)
    calls = []
    for key, share in shares.items():
        wanted = CALLS * share // sum(shares.values())
        calls += [rows[key][place % len(rows[key])] for place in range(max(wanted, 1))]
    dice.shuffle(calls)
    return calls


def minute(service, program, load, calls, rates, others, seconds=60):
    others.forget()
    with CoresUsed(service.pid) as cores:
        with contextlib.ExitStack() as stack:
            begun = {
                kind: stack.enter_context(load.beside(service.address, calls[kind], CONNECTIONS, seconds, rates[kind]))
                for kind in KINDS
            }
            found = {kind: figures() for kind, figures in begun.items()}
    log = program.file.with_name(program.file.name + "-wal")
    return Minute(
        **{kind: figures["done"] for kind, figures in found.items()},
        refused=sum(one["refused"]["count"] for one in found.values()),
        others=others.figures(),
        cores=cores.process,
        memory_mb=anonymous_mb(service.pid),
        log_mb=log.stat().st_size / 1e6 if log.exists() else 0.0,
        file_mb=program.file.stat().st_size / 1e6,
    )


class Others:
    """Calls that cannot be prepared, or must be rare: while the block lasts, sessions are renewed, each with the token
    from its last renewal, and people are invited."""

    def __init__(self, address, key):
        self.client, self.key = Client(address), key
        people = enumerate(signing_in()[-RENEWING:])
        self.tokens = [self._signed_in(email, f"10.200.{place}.1") for place, email in people]
        self.took, self.over, self.why = [], threading.Event(), None
        self.thread = threading.Thread(target=self._work)

    def _signed_in(self, email, address):
        body = {"email": email, "password": PASSWORD}
        reply = self.client.send("POST", "/session/create", None, body, X_Forwarded_For=address)
        return reply["refreshToken"]

    def _work(self):
        try:
            rounds = 0
            while not self.over.wait(1):
                for place, token in enumerate(self.tokens):
                    reply = self._timed("/session/refresh", None, {"refreshToken": token})
                    self.tokens[place] = reply["refreshToken"]
                rounds += 1
                if rounds % ROUNDS_PER_INVITE == 0:
                    guest = f"guest{time.time_ns()}@example.com"
                    self._timed("/user/create", self.key, {"email": guest, "first": "New", "sendInvite": True})
        except (Failed, OSError) as why:
            self.why = why

    def _timed(self, path, token, body):
        began = time.perf_counter()
        reply = self.client.post(path, token, body)
        self.took.append(time.perf_counter() - began)
        return reply

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def forget(self):
        self.took = []

    def figures(self):
        if self.why:
            raise Failed(f"a session was not renewed, or somebody not invited: {self.why}")
        took = sorted(self.took)
        return {"count": len(took), **{name: at(took, share) * 1e3 for name, share in SHARES.items()}}


# The names of the figures that the driver prints, and the share of the calls that took no longer.
SHARES = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}


def at(took, share):
    return took[min(int(len(took) * share), len(took) - 1)]


def told(one):
    """One minute, as one line."""
    reads, writes = (" / ".join(f"{kind[name]:.1f}" for name in SHARES) for kind in (one.reads, one.writes))
    return f"reads {reads} ms, writes {writes} ms, {one.memory_mb:.0f} MB, log {one.log_mb:.0f} MB"


HEAD = """\
| minute | reads: p50, ms | p99 | p99.9 | writes: p50 | p99 | p99.9 | sign-ins: p50 | p99 \
| renewals and invites: p50 | p99 | refused | cores used | memory, MB | log, MB | file, MB |
|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def markdown(results):
    """The results of each minute, as a table."""
    rates = results["rates"]
    lines = [
        f"Guestlist {results['commit']}, {results['users']:,} users, {rates['reads']:,.0f} reads and"
        f" {rates['writes']:,.0f} writes a second, {SHARE:.0%} of what the machine takes.",
        "",
        HEAD,
    ]
    for number, one in enumerate(results["minutes"], 1):
        figures = [one[kind][name] for kind in ("reads", "writes") for name in ("p50_ms", "p99_ms", "p999_ms")]
        figures += [one[kind][name] for kind in ("sign_ins", "others") for name in ("p50_ms", "p99_ms")]
        sizes = [f"{one[name]:,.0f}" for name in ("memory_mb", "log_mb", "file_mb")]
        used = [str(one["refused"]), f"{one['cores']:.2f}"]
        cells = [str(number), *(f"{figure:.1f}" for figure in figures), *used, *sizes]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


HEIGHT, LEFT, GAP = 150, 60, 60
# What lines look like, on light pages and on dark ones.
LINES = (
    """\
  polyline { fill: none; stroke-width: 2; }
  .line0 { stroke: #3d8bfd; } .line1 { stroke: #0a3f8f; } .line2 { stroke: #cf222e; }""",
    """\
    .line1 { stroke: #b6d4fe; } .line2 { stroke: #ff7b72; }""",
)


def svg(results):
    """The minutes as a chart: reads, writes, and what the service takes."""
    minutes = results["minutes"]

    def of(kind):
        names = {"p50": "p50_ms", "p99": "p99_ms", "p99.9": "p999_ms"}
        return {label: [one[kind][name] for one in minutes] for label, name in names.items()}

    panels = {
        "Reads, ms": of("reads"),
        "Writes, ms": of("writes"),
        "Memory and log, MB": {
            "memory": [one["memory_mb"] for one in minutes],
            "log": [one["log_mb"] for one in minutes],
        },
    }
    shapes = []
    for place, (title, series) in enumerate(panels.items()):
        shapes += panel(title, series, place * (HEIGHT + GAP) + 30)
    return page(shapes, len(panels) * (HEIGHT + GAP) + 30, LINES)


def panel(title, series, top):
    """One line chart by the minute, with a scale that begins at 0."""
    most = max(max(values) for values in series.values()) or 1
    count = len(next(iter(series.values())))
    # The last number is not to leave the picture.
    step = (WIDTH - LEFT - 20) / max(count - 1, 1)
    shapes = [f'<text class="title" x="0" y="{top - 12}">{title}</text>']
    for share in (0, 0.5, 1):
        y = top + HEIGHT * (1 - share)
        shapes.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}"/>')
        shapes.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{most * share:.3g}</text>')
    for number in range(count):
        place = f'x="{LEFT + number * step:.1f}" y="{top + HEIGHT + 16}"'
        name = f"minute {number + 1}" if number == 0 else number + 1
        shapes.append(f'<text class="quiet" {place} text-anchor="middle">{name}</text>')
    for place, (label, values) in enumerate(series.items()):
        points = " ".join(
            f"{LEFT + number * step:.1f},{top + HEIGHT * (1 - value / most):.1f}" for number, value in enumerate(values)
        )
        shapes.append(f'<polyline class="line{place}" points="{points}"/>')
        x = 200 + place * 90
        shapes.append(f'<polyline class="line{place}" points="{x},{top - 16} {x + 20},{top - 16}"/>')
        shapes.append(f'<text x="{x + 26}" y="{top - 12}">{label}</text>')
    return shapes
