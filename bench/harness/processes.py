"""Starts and ends processes, and reads from the kernel what they have used."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 60


class Failed(Exception):
    """The run cannot continue, or its figures would be worthless; the text says why."""


def run(*command, stdin=None):
    """Runs a command to its end; returns its output."""
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{command[0]} has failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


@contextlib.contextmanager
def running(command, log, env=None):
    """A process that lives as long as the block, unless it has ended before."""
    with open(log, "w") as output:
        process = subprocess.Popen([str(word) for word in command], stdout=output, stderr=output, env=env)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def announced(process, log):
    """The address that a server prints."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with open(log) as text:
            first, is_whole, _ = text.read().partition("\n")
        found = re.search(r"(?:localhost|127\.0\.0\.1):(\d+)", first)
        if is_whole and found:
            return f"127.0.0.1:{found[1]}"
        time.sleep(0.01)
    with open(log) as text:
        raise Failed(f"no server has come up: {text.read()}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def cpu_seconds(pid):
    """User and system time of a process so far, all its threads together."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def busy_seconds():
    """The time that all cores together have been busy so far."""
    with open("/proc/stat") as stat:
        user, nice, system, _idle, _waiting, interrupts, soft_interrupts = map(int, stat.readline().split()[1:8])
    return (user + nice + system + interrupts + soft_interrupts) / TICKS_PER_SECOND


class CoresUsed:
    """How many cores a process uses while the block lasts, and how many are in use altogether."""

    def __init__(self, pid):
        self.pid = pid

    def _now(self):
        return time.monotonic(), cpu_seconds(self.pid), busy_seconds()

    def __enter__(self):
        self.before = self._now()
        return self

    def __exit__(self, *_):
        self.seconds, process, busy = (after - before for before, after in zip(self.before, self._now()))
        self.process, self.busy = process / self.seconds, busy / self.seconds


def anonymous_mb(pid):
    """Memory without a file behind it."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


class PeakMemory:
    """The peak of a process's anonymous memory while the block lasts, sampled often."""

    def __init__(self, pid, every_seconds=0.02):
        self.pid, self.every_seconds = pid, every_seconds
        self.peak_mb = 0.0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.over.wait(self.every_seconds):
            with contextlib.suppress(OSError):
                self.peak_mb = max(self.peak_mb, anonymous_mb(self.pid))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
