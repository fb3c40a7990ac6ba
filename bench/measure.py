"""Measures the service and prints the table; started by `bench/run`, which builds everything first."""

import argparse
import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

from harness.better_auth import BetterAuth
from harness.chart import svg
from harness.compare import compare as compare_programs
from harness.dynamo import on_dynamo
from harness.guestlist import Client, Program
from harness.load import CONNECTIONS, Load, Tools, steady
from harness.pocketbase import PocketBase
from harness.processes import CoresUsed, Failed, anonymous_mb, run
from harness.report import markdown
from harness.samples import PAGE, Sample, reading_rows, sign_in_row, writing_rows
from harness.soak import markdown as soak_table
from harness.soak import soak
from harness.soak import svg as soak_chart
from harness.stalls import Stalls
from harness.stores import FEWEST, PASSWORD, Stores, search_prefixes, signing_in
from harness.targets import judged
from harness.yardsticks import BareHyper, RawEngine, Recorder, argon2_alone

# A store of this size is made in each run, to see what that takes; larger ones are kept.
IMPORTED = 100_000
STARTS = 5
# For writes beside reads: writes at this share of their maximum, reads at half of theirs.
WRITES_SHARE = 0.25
# `user/get` per second beside a crowd that signs in, and the size of the crowd.
READS_BESIDE_CROWD, CROWD = 1000, 8 * CONNECTIONS


@dataclasses.dataclass
class Pace:
    """Seconds for each row, and for rows that are slow or beside another load; which rows have a fixed load, too."""

    row: int
    beside: int
    fixed_at_all_sizes: bool


QUICK = Pace(row=1, beside=2, fixed_at_all_sizes=False)
FULL = Pace(row=5, beside=10, fixed_at_all_sizes=True)


class Run:
    """One run: the programs, a working folder, and the pace."""

    def __init__(self, options, work):
        self.binary, self.work = options.program, work
        self.pace = FULL if options.full else QUICK
        self.tools = tools_of(options)
        self.stores = Stores(self.binary, self.tools, work, options.cache)
        self.engine = RawEngine(self.tools, work)
        self.load = Load(self.tools, work)
        self.counts = options.users
        self.others = []
        if options.others:
            pocketbase = options.cache / "others" / "bin" / "pocketbase"
            self.others = [PocketBase(pocketbase, work / "pocketbase"), BetterAuth(work / "better-auth")]

    def results(self):
        machine = about_machine(self.work)
        plans = self.recorded()
        argon2 = [self.argon2()]
        sizes, imported = [], None
        for count in self.counts:
            say(f"{count:,} users: making or copying the store")
            store = self.stores.provide(count, keep=count > IMPORTED)
            if count == IMPORTED:
                imported = store
            sizes.append(self.size(store, plans, last=count == self.counts[-1]))
            run("rm", "-r", store.folder)
        argon2.append(self.argon2())
        results = {
            "machine": machine,
            "row_seconds": self.pace.row,
            "program_mb": os.path.getsize(self.binary) / 1e6,
            "argon2": argon2,
            "import_peak_mb": imported and imported.import_peak_mb,
            "import_seconds": imported and imported.import_seconds,
            "noise": max(noise(*argon2, "per_second"), *(size["noise"] for size in sizes)),
            "sizes": sizes,
        }
        results["targets"] = [dataclasses.asdict(target) for target in judged(results)]
        return results

    def argon2(self):
        say("Argon2 alone")
        with Stalls() as stalls:
            found = argon2_alone(self.tools, self.stores.password_hash, self.pace.beside)
        return {**found, "stalls": stalls.figures()}

    def recorded(self):
        """What calls write, seen on a small store."""
        say("recording what calls write")
        store = self.stores.provide(FEWEST, keep=False)
        program = Program(self.binary, store.folder)
        with program.serving() as service:
            client = Client(service.address)
            recorder = Recorder(self.engine, program, store, client)
            # The first call of a key is noted, and numbers are taken in advance: not with each call.
            recorder.create_unrecorded()
            user = client.post("/user/get", store.key, {"email": "user0000007@example.com"})
            plans = {"update": recorder.update(user), "create": recorder.create()}
        run("rm", "-r", store.folder)
        return plans

    def size(self, store, plans, last):
        """All figures of one store."""
        program = Program(self.binary, store.folder)
        # The engine's own, with the users as they are now.
        engine_file = store.folder / "engine.db"
        run("cp", "--reflink=auto", program.file, engine_file)
        start_ms = statistics.median(program.start_seconds() for _ in range(STARTS)) * 1e3
        with contextlib.ExitStack() as stack:
            service = stack.enter_context(program.serving())
            address = service.address
            time.sleep(1)
            idle_mb = anonymous_mb(service.pid)
            say(f"{store.users:,} users: looking at them")
            sample = Sample(Client(address), program, store)
            self.load.each_once(address, sample.as_themselves("/user/login", {}))
            reading = reading_rows(sample, search_prefixes(store.users))
            bare = BareHyper(stack, self.tools, self.work, address, reading)
            fixed = last or self.pace.fixed_at_all_sizes
            before = self.bare(bare)
            rows = [self.row(service, row, fixed) for row in reading]
            loaded_mb = anonymous_mb(service.pid)
            engine = self.engine.reads(engine_file, sample, self.pace.row)
            writing = [sign_in_row(signing_in(), PASSWORD), *writing_rows(sample)]
            rows += [self.row(service, row, fixed) for row in writing]
            found = {}
            if last:
                found["beside"] = self.beside(service, reading, writing, rows)
                found["crowd"] = self.crowd(service, reading, writing)
                deep = sample.deep // PAGE + 1
                found["others"] = [self.other(other, store.users, deep) for other in self.others]
            after = self.bare(bare)
        say(f"{store.users:,} users: the raw engine's commits")
        engine |= self.engine.writes(engine_file, sample, plans, self.pace.row, CONNECTIONS)
        if store.users == self.counts[0]:
            say("DynamoDB, and the raw SDK")
            found["dynamo"] = on_dynamo(self.tools, self.work, self.load, program, reading, self.pace.row)
        compare(itertools.chain(rows, *(other["rows"] for other in found.get("others", []))), before, after)
        return {
            "users": store.users,
            "start_ms": start_ms,
            "idle_mb": idle_mb,
            "loaded_mb": loaded_mb,
            "bare": {"before": before, "after": after},
            "noise": max(noise(before[key], after[key], "cpu_us") for key in before),
            "engine": engine,
            "rows": rows,
            **found,
        }

    def bare(self, bare):
        say("bare hyper")
        return bare.measure(self.load, self.pace.row)

    def row(self, service, row, fixed):
        say(row.label)
        seconds = self.pace.beside if row.slow else self.pace.row
        measure = self.load.slow if row.slow else self.load.full
        figures = measure(service.pid, service.address, row.calls, seconds)
        if fixed:
            figures["half"] = self.load.fixed(service.address, row.calls, figures["per_second"] / 2, seconds)
        return {"key": row.key, "label": row.label, "size": row.size, **figures}

    def other(self, other, users, deep):
        """The alternatives, with as many users."""
        say(f"{other.name}: making the store")
        with other.serving(users) as service:
            rows = [self.row(service, row, fixed=False) for row in other.rows(service, users, deep)]
            found = {"name": other.name, "rows": rows, "loaded_mb": anonymous_mb(service.pid)}
        run("rm", "-r", other.folder)
        return found

    def beside(self, service, reading, writing, rows):
        """Reads at half load: alone, with some writes beside them, and with as many writes as possible."""
        say("reads and writes beside each other")
        most = {row["key"]: row["per_second"] for row in rows}
        reads, writes = calls_of(reading, "get_id"), calls_of(writing, "create")
        reads = reads, most["get_id"] / 2

        def with_writes(rate=None):
            found = self.together(service, reads, self.pace.beside, writes, rate=rate)
            return {**found, "others": steady(found["others"])}

        return {
            "alone": self.together(service, reads, self.pace.beside),
            "some": with_writes(most["create"] * WRITES_SHARE),
            "most": with_writes(),
        }

    def crowd(self, service, reading, writing):
        """Far more sign-ins than can be served, and reads next to them."""
        say("a crowd that signs in")
        reads = calls_of(reading, "get_id"), READS_BESIDE_CROWD
        found = self.together(service, reads, 2 * self.pace.beside, calls_of(writing, "sign_in"), CROWD)
        return {"callers": CROWD, **found}

    def together(self, service, reads, seconds, others=None, callers=CONNECTIONS, rate=None):
        """Reads at a fixed rate, other calls beside them, and how many cores this takes."""
        address, (calls, reads_rate) = service.address, reads
        with contextlib.ExitStack() as stack:
            cores = stack.enter_context(CoresUsed(service.pid))
            beside = others and stack.enter_context(self.load.beside(address, others, callers, seconds, rate))
            found = {"reads": self.load.fixed(address, calls, reads_rate, seconds)}
            if beside:
                found["others"] = beside()
        load = sum(one["cpu_seconds"] for one in found.values()) / cores.seconds
        others = cores.busy - cores.process - load
        return {**found, "cores": {"service": cores.process, "load": load, "others": others}}


def calls_of(rows, key):
    return next(row.calls for row in rows if row.key == key)


def compare(rows, before, after):
    """Adds to each row its CPU and its requests/s as multiples of bare hyper's, by the mean of the two
    measurements."""
    for row in rows:
        bare = (before[row["size"]]["cpu_us"] + after[row["size"]]["cpu_us"]) / 2
        row["times_bare"] = row["cpu_us"] / bare
        bare = (before[row["size"]]["per_second"] + after[row["size"]]["per_second"]) / 2
        row["share_bare"] = row["per_second"] / bare


def noise(before, after, figure):
    """How much two measurements of the same thing differ."""
    low, high = sorted([before[figure], after[figure]])
    return high / low - 1


def about_machine(folder):
    with open("/proc/cpuinfo") as info:
        names = [line.partition(": ")[2].strip() for line in info if line.startswith("model name")]
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": names[0] if names else "unknown",
        "load": f"{os.getloadavg()[0]:.1f}",
        "file_system": run("stat", "-f", "-c", "%T", folder).strip(),
    }


def say(text):
    print(f"bench: {text}", file=sys.stderr)


def parse_options():
    parser = argparse.ArgumentParser(prog="bench/run")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--quick", action="store_true", help="under 3 minutes, up to 100,000 users (the default)")
    pace.add_argument("--full", action="store_true", help="5 s a row, up to 1,000,000 users")
    parser.add_argument("--users", type=counts, metavar="N,N", help="sizes of the stores, instead of the mode's")
    parser.add_argument("--out", type=pathlib.Path, metavar="FOLDER", help="for the results")
    parser.add_argument("--program", type=pathlib.Path, metavar="FILE", help="another guestlist, built elsewhere")
    parser.add_argument("--others", action="store_true", help="PocketBase and better-auth, too")
    parser.add_argument(
        "--compare", metavar="COMMIT", help="instead: the CPU of each call, beside that of another commit"
    )
    parser.add_argument("--soak", action="store_true", help="instead: a long mixed load, minute by minute")
    parser.add_argument("--minutes", type=int, default=10, metavar="N", help="how long that takes (default: 10)")
    # What bench/run knows.
    parser.add_argument("--built", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--cache", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--commit", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--before", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    usual = [1_000_000] if options.soak else [1_000, 100_000] + ([1_000_000] if options.full else [])
    options.users = options.users or usual
    options.out = options.out or options.cache / "results"
    if options.program:
        options.commit = "built elsewhere"
    options.program = (options.program or options.built / "guestlist").resolve()
    return options


def counts(text):
    found = sorted({int(part) for part in text.split(",")})
    if found[0] < FEWEST:
        raise argparse.ArgumentTypeError(f"a store must have {FEWEST} users or more")
    return found


def compared(options, work):
    """The table that compares this program with an earlier one."""
    tools = tools_of(options)
    programs = options.before.resolve(), options.program
    seconds = (FULL if options.full else QUICK).row
    return compare_programs(programs, (options.compare, options.commit), tools, work, options.cache, seconds, say)


def soaked(options, work):
    """Runs the long mixed load, and writes its results."""
    found = soak(options, tools_of(options), work, options.minutes, options.users[-1], say)
    results = {"commit": options.commit, **found}
    names = ("soak.json", "soak.md", "soak.svg")
    write(options.out, names, results, soak_table(results), soak_chart(results))


def write(folder, names, results, table, chart):
    """Writes the results, their table and their chart; prints the table."""
    texts = json.dumps(results, indent=1) + "\n", table, chart
    for name, text in zip(names, texts):
        (folder / name).write_text(text)
    print(table, end="")


def tools_of(options):
    return Tools(pathlib.Path(__file__).with_name("calls.lua"), options.built)


def main():
    options = parse_options()
    # So that all processes are ended and all files removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options.cache.mkdir(parents=True, exist_ok=True)
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix="run-", dir=options.cache) as work:
            if options.compare:
                print(compared(options, pathlib.Path(work)), end="")
                return
            if options.soak:
                soaked(options, pathlib.Path(work))
                return
            results = {"commit": options.commit, **Run(options, pathlib.Path(work)).results()}
    except Failed as why:
        sys.exit(f"bench: {why}")
    except KeyboardInterrupt:
        sys.exit(130)
    names = ("results.json", "table.md", "chart.svg")
    write(options.out, names, results, markdown(results), svg(results))


main()
