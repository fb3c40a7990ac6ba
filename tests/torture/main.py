"""Runs the torture tests: see README.md."""

import argparse
import asyncio
import importlib
import logging
import os
import shutil
import signal
import sys
import time
import traceback

from setup import Setup, Violated

TORTURES = ("kills", "power", "dynamo", "mail", "disk", "clock", "overload")
SHORT_SECONDS = 10


def main():
    """Runs the named ones, one after the other; returns the exit code."""
    given = _arguments()
    # On SIGTERM, everything that was started ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Connections break on purpose; the libraries need not log each one.
    logging.disable(logging.CRITICAL)
    seed = given.seed if given.seed is not None else int.from_bytes(os.urandom(4))
    seconds = given.minutes * 60 if given.minutes else SHORT_SECONDS
    results = [_torture(name, seed, seconds) for name in given.names or TORTURES]
    return 0 if all(results) else 1


def _arguments():
    description = "Runs the service under conditions that it must survive."
    parser = argparse.ArgumentParser(prog="tests/torture/run", description=description)
    parser.add_argument("--minutes", type=float, help=f"duration of each one (default: {SHORT_SECONDS} s)")
    parser.add_argument("--seed", type=int, help="repeat the choices of the run that printed this seed")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(TORTURES)} (default: all)")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in TORTURES]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}, only {', '.join(TORTURES)}")
    return given


def _torture(name, seed, seconds):
    """Runs one; returns whether every promise was kept."""
    setup = Setup(name, seed, seconds, os.environ["GUESTLIST_TEST_PROGRAM"], os.environ.get("GUESTLIST_TEST_DYNAMODB"))
    begun, figures = time.monotonic(), {}
    try:
        figures = asyncio.run(importlib.import_module(name).run(setup))
    except Violated as violated:
        setup.violated(str(violated))
    except Exception:
        setup.violated(traceback.format_exc())
    finally:
        setup.end_services()
    kept = not setup.violations
    shown = " ".join(f"{name}={value}" for name, value in figures.items())
    print(f"{name} seed={seed} {shown} took={time.monotonic() - begun:.0f}s", flush=True)
    for violation in setup.violations[:20]:
        print(f"  violated: {violation}", file=sys.stderr)
    if kept:
        shutil.rmtree(setup.folder, ignore_errors=True)
    else:
        print(f"{name}: {len(setup.violations)} violations; kept: {setup.folder}", file=sys.stderr)
    return kept


if __name__ == "__main__":
    sys.exit(main())
