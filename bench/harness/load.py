"""Load: wrk for the maximum, our own driver for a fixed rate and for callers who retry later."""

import contextlib
import dataclasses
import itertools
import json
import pathlib
import subprocess
import time

from harness.processes import Failed, cpu_seconds, run

CONNECTIONS = 64
WARM_UP_SECONDS = 0.3


@dataclasses.dataclass
class Tools:
    """The programs for measuring, and the script that wrk runs."""

    wrk_script: pathlib.Path
    built: pathlib.Path

    def __getattr__(self, name):
        return self.built / name.replace("_", "-")


class Load:
    """Sends calls; `work` is a folder for their files."""

    names = itertools.count()

    def __init__(self, tools, work):
        self.tools, self.work = tools, work

    def full(self, pid, address, calls, seconds):
        """As many calls as 64 callers can make: their cost, their number, and their latencies."""
        with self._file(calls) as file:
            all_done(self._drive(address, file, CONNECTIONS, WARM_UP_SECONDS))
            before = cpu_seconds(pid)
            command = ["wrk", "-t", "1", "-c", CONNECTIONS, "-d", f"{seconds}s", "--timeout", "10s"]
            script = ["-s", self.tools.wrk_script, f"http://{address}", "--", file, new_number()]
            output = run(*command, *script)
            cpu = cpu_seconds(pid) - before
        numbers = next(line for line in output.splitlines() if line.startswith("result ")).split()[1:]
        requests, microseconds, p50, p99, failed = map(int, numbers)
        if failed or not requests:
            raise Failed(f"{failed} of {requests} calls such as {calls[0].path} have failed")
        return {
            "per_second": requests / microseconds * 1e6,
            "cpu_us": cpu / requests * 1e6,
            "p50_ms": p50 / 1e3,
            "p99_ms": p99 / 1e3,
        }

    def slow(self, pid, address, calls, seconds):
        """The same for slow calls: those that are running at the end are waited for and counted."""
        with self._file(calls) as file:
            before = cpu_seconds(pid)
            done = steady(self._drive(address, file, CONNECTIONS, seconds))
            return {**done, "cpu_us": (cpu_seconds(pid) - before) / done["count"] * 1e6}

    def fixed(self, address, calls, rate, seconds):
        """A fixed number of calls per second, and their latencies."""
        with self._file(calls) as file:
            return steady(self._drive(address, file, CONNECTIONS, seconds, rate))

    def each_once(self, address, calls):
        """Makes each call once."""
        with self._file(calls) as file:
            all_done(self._drive(address, file, CONNECTIONS, "once"))

    @contextlib.contextmanager
    def beside(self, address, calls, callers, seconds, rate=None):
        """Starts a load; the block gets a function that waits for its end and returns its figures."""
        with self._file(calls) as file:
            command = self._command(address, file, callers, seconds, rate)
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                yield lambda: outcome(*process.communicate(), process.returncode)
            finally:
                if process.poll() is None:
                    process.kill()
                process.communicate()

    def _drive(self, *arguments):
        return json.loads(run(*self._command(*arguments)))

    def _command(self, address, file, callers, seconds, rate=None):
        words = [self.tools.driver, address, file, callers, seconds, new_number()]
        return [str(word) for word in words + ([rate] if rate else [])]

    @contextlib.contextmanager
    def _file(self, calls):
        file = self.work / f"calls-{next(self.names)}"
        file.write_text("".join(call.line() + "\n" for call in calls))
        try:
            yield file
        finally:
            file.unlink()


def new_number():
    """The first of numbers that no earlier load has used: none makes a million calls per second."""
    return time.time_ns() // 1000


def outcome(output, errors, failed):
    if failed:
        raise Failed(errors.strip())
    return json.loads(output)


def all_done(figures):
    """The figures of the completed calls, which must be all."""
    if figures["refused"]["count"]:
        raise Failed(f"{figures['refused']['count']} calls were refused as too many")
    return figures["done"]


def steady(figures):
    """The figures of a load whose calls were all completed, with the rate that was reached."""
    done = all_done(figures)
    return {**done, "per_second": done["count"] / figures["seconds"], "cpu_seconds": figures["cpu_seconds"]}
