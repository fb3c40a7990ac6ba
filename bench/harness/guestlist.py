"""The measured program, as clients and operators use it."""

import contextlib
import http.client
import json
import pathlib
import socket
import time

from harness.processes import Failed, PeakMemory, announced, free_port, run, running


class Program:
    """The guestlist program on one store, with none of the environment's settings; `under` is a command that the
    service runs under."""

    def __init__(self, binary, folder, under=()):
        self.binary, self.folder, self.under = binary, pathlib.Path(folder), under

    @property
    def file(self):
        """The store's SQLite file."""
        return self.folder / "data" / "guestlist.db"

    def command(self, *words):
        # Tokens of the operator's command must have the same issuer as the service, whatever its port.
        url = ["--public-url", "http://bench.test"]
        return [self.binary, "--table", f"sqlite:{self.folder}/data", *url, "--log", "warn", *words]

    def operate(self, *words):
        """Runs a command as the operator; returns its output."""
        return run("env", "-i", *self.command(*words)).strip()

    def import_users(self, lines):
        """Imports a file of users; returns the peak of anonymous memory in MB and the seconds it took."""
        began = time.monotonic()
        with running(self.command("user", "import", lines), self.folder / "import.log", env={}) as process:
            with PeakMemory(process.pid) as memory:
                failed = process.wait()
        if failed:
            raise Failed(f"user import has failed: {(self.folder / 'import.log').read_text()}")
        return memory.peak_mb, time.monotonic() - began

    @contextlib.contextmanager
    def serving(self, port=0):
        """The service, for as long as the block lasts."""
        # Far more than possible: no façade must limit a row, but its counting belongs in the figures.
        facades = ["--facades", "panel,meiro", "--panel-requests-per-minute", "4000000000"]
        # The load comes from one machine, and names the address of its callers where that matters.
        proxy = ["--trusted-proxy", "127.0.0.1/32"]
        command = self.command("--listen", f"127.0.0.1:{port}", *facades, *proxy)
        log = self.folder / "service.log"
        with running([*self.under, *command], log, env={}) as process:
            yield Service(process, log)
            if process.poll() is not None:
                raise Failed(f"the service has ended by itself: {log.read_text()}")

    def start_seconds(self):
        """The time from starting the process to the first successful reply of /readyz."""
        port = free_port()
        began = time.perf_counter()
        with self.serving(port) as service:
            while not ready(port):
                if service.process.poll() is not None:
                    raise Failed(f"the service does not start: {service.log.read_text()}")
            return time.perf_counter() - began


class Service:
    """A running service."""

    def __init__(self, process, log):
        self.process, self.log = process, log
        self._address = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def address(self):
        if self._address is None:
            self._address = announced(self.process, self.log)
        return self._address


class Client:
    """A caller of a service, one call at a time."""

    def __init__(self, address):
        self.address = address
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def post(self, path, token, body):
        """Makes a native call that must succeed; returns its reply."""
        return self.send("POST", path, token, body)

    def send(self, method, path, token, body, **fields):
        """Makes a call that must succeed, with more header fields (`_` for `-` in their names); returns its reply."""
        header = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in fields.items()}}
        if token:
            header["Authorization"] = f"Bearer {token}"
        return json.loads(self.exchange(method, path, json.dumps(body), header))

    def exchange(self, method, path, body, header):
        """Sends a request that must succeed; returns the body of the reply."""
        self.connection.request(method, path, body, header)
        answer = self.connection.getresponse()
        reply = answer.read()
        if answer.status != 200:
            raise Failed(f"{path} {body}: {answer.status} {reply.decode()}")
        return reply


def ready(port):
    """Whether the service on the port says that it is ready."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def recorded(address, call):
    """The answer to a call, byte for byte."""
    fields = "".join(f"{field}\r\n" for field in [f"Host: {address}", "Connection: close", *call.fields])
    head = f"{call.method} {call.path} HTTP/1.1\r\n{fields}"
    body = call.body.encode()
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode() + b"\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise Failed(f"{call.path}: {answer.decode()}")
    # Headers for this client do not belong in replies to others.
    return answer.replace(b"connection: close\r\n", b"")
