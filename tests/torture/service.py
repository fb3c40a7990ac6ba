"""The program under torture: started, killed, and started again on the same data and port."""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import aiohttp

from setup import Violated

PUBLIC_URL = "http://guestlist.test"
SECRET = "dG9ydHVyZS10b3J0dXJlLXRvcnR1cmUtdG9ydHVyZSE"
START_SECONDS = 60


def free_port():
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Service:
    """One node. Its clock can be set ahead, to avoid waiting for things to expire."""

    def __init__(self, setup, folder=None, port=None, flags=(), table=None, log=None):
        self.setup = setup
        self.folder = Path(folder or setup.folder)
        self.port = port or free_port()
        self.table = table or f"sqlite:{self.folder / 'data'}"
        self.log = Path(log or self.folder / f"service-{self.port}.log")
        self.flags = [*flags]
        self.ahead = 0
        self.variables = {}
        self.prefix = []
        self.process = None
        self.slowest_start = 0.0
        setup.at_end.append(self.kill)

    @property
    def url(self):
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self):
        """Its environment: only the path is inherited."""
        variables = {"PATH": os.environ["PATH"], **self.variables}
        if self.ahead:
            variables |= fake_time() | {"FAKETIME": f"+{self.ahead}s"}
        return variables

    def common(self):
        """The settings of the service, and of commands."""
        return [f"--table={self.table}", f"--public-url={PUBLIC_URL}", *self.flags]

    def command(self, *words):
        """Runs a command of the program; returns its output."""
        done = subprocess.run(
            [self.setup.program, *words, *self.common()],
            env=self.environment(), cwd=self.folder, capture_output=True, text=True, timeout=120,
        )
        if done.returncode != 0:
            raise Violated(f"guestlist {' '.join(words)} ends with {done.returncode}: {done.stderr}")
        return done.stdout

    def key(self, role="root"):
        """A new API key of the operator's."""
        found = re.search(r"gl_[\w-]{40,}", self.command("key", "create", f"--role={role}", "--name=torture"))
        return found.group()

    async def start(self, ready=True):
        """Starts it, and waits until it is ready."""
        begun = time.monotonic()
        # It ends with this program, even if that is killed.
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        words = [*leash, *self.prefix, self.setup.program, "serve", f"--listen=127.0.0.1:{self.port}",
                 "--trusted-proxy=127.0.0.0/8", *self.common()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                words, env=self.environment(), cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
            )
        if ready:
            await self.ready()
            self.slowest_start = max(self.slowest_start, time.monotonic() - begun)

    async def ready(self, seconds=START_SECONDS):
        """Waits until it is ready."""
        until = time.monotonic() + seconds
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while time.monotonic() < until:
                if self.process.poll() is not None:
                    raise Violated(f"the service ended with {self.process.returncode}: {self.last_lines()}")
                if await probe(session, f"{self.url}/readyz") == 200:
                    return
                await asyncio.sleep(0.02)
        raise Violated(f"not ready within {seconds} s: {self.last_lines()}")

    def kill(self):
        """Kills the process: nothing is finished."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    async def terminate(self, seconds=30):
        """Asks it to stop; returns its exit code."""
        self.process.terminate()
        try:
            return await asyncio.to_thread(self.process.wait, seconds)
        except subprocess.TimeoutExpired:
            self.setup.violated(f"still running {seconds} s after SIGTERM")
            self.kill()
            return None

    def is_running(self):
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None

    def last_lines(self):
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else "no log"

    def check_log(self):
        """Checks that nothing in it has panicked."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        panics = re.findall(r"panicked at .*", text)
        self.setup.require(not panics, f"{len(panics)} panics, the first one {panics[:1]}")

    def memory_mib(self):
        """How much memory it takes now."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024


def fake_time():
    """Variables with which the wall clock can be set without changing any timeout."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise Violated("please install libfaketime")
    return {"LD_PRELOAD": str(libraries[0]), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}


async def probe(session, url):
    """The status of a probe; `None` without a reply."""
    try:
        async with session.get(url) as answer:
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None
