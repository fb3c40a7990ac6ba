"""Stores with users for measuring: made by the program's own import, and kept if that takes long."""

import dataclasses
import hashlib
import json
import math
import pathlib
import struct
import tempfile

from harness.guestlist import Program
from harness.load import Load
from harness.processes import run
from harness.samples import Call
from harness.yardsticks import RawEngine, stored_hash

# How many more users are imported and then removed, to be in the trash.
TRASHED_SHARE, MOST_TRASHED = 0.1, 1000
# How many users have a password: as many as the crowd that signs in has callers.
SIGNING_IN = 512
# The least number of users, so that there are enough of all kinds.
FEWEST = 1_000
PASSWORD = "correct horse battery staple"

FIRST_NAMES = ["Ada", "Grace", "Alan", "Edith", "Emmy", "Kurt", "Sofia", "Paul"]
SYLLABLES = [
    "ba", "ce", "di", "fi", "gu", "ha", "je", "ki", "lo", "mu",
    "na", "pe", "qui", "ro", "su", "ta", "ve", "wi", "xo", "zu",
]  # fmt: skip


def syllables_of(number, count):
    """The number's digits as syllables, the lowest first, so that consecutive numbers begin differently."""
    return [SYLLABLES[number // len(SYLLABLES) ** place % len(SYLLABLES)] for place in range(count)]


def last_name(number):
    return "".join(syllables_of(number, 5)).capitalize()


def search_prefixes(count):
    """Beginnings of last names, each shared by about 50 to 1,000 of the users."""
    syllables = max(1, math.floor(math.log(count / 50, len(SYLLABLES))))
    numbers = range(min(len(SYLLABLES) ** syllables, 400))
    return ["".join(syllables_of(number, syllables)) for number in numbers]


def user_line(number, email=None, **others):
    """A line of the import."""
    user = {
        "email": email or f"user{number:07}@example.com",
        "first": FIRST_NAMES[number % len(FIRST_NAMES)],
        "last": last_name(number),
        "language": "en",
        "preferences": {"theme": "dark"},
    }
    return json.dumps({**user, **others}) + "\n"


def signing_in():
    """The emails of users with a password."""
    return [f"person{number:03}@example.com" for number in range(SIGNING_IN)]


@dataclasses.dataclass
class Store:
    """A store with users, and how long the import took if it was made in this run."""

    folder: pathlib.Path
    users: int
    key: str
    import_peak_mb: float = 0.0
    import_seconds: float = 0.0


class Stores:
    """Makes stores in `work`, or in `cache` if they should be kept."""

    def __init__(self, binary, tools, work, cache):
        self.binary, self.tools, self.work, self.cache = binary, tools, work, cache
        with tempfile.TemporaryDirectory(dir=work) as folder:
            self.form, self.password_hash = self._pattern(Program(binary, folder))

    def provide(self, users, keep):
        """A store that can be changed. A kept one is used as long as the file's format is the same."""
        folder = self.work / f"users-{users}"
        if not keep:
            return self._make(folder, users)
        kept = self.cache / f"users-{users}-{self.form}"
        if not kept.exists():
            with tempfile.TemporaryDirectory(prefix="making-", dir=self.cache) as making:
                self._make(pathlib.Path(making) / "store", users).folder.rename(kept)
        run("cp", "-r", "--reflink=auto", kept, folder)
        return Store(folder, users, (folder / "key").read_text())

    def _pattern(self, program):
        """What the content of stores depends on: the version in the file, and how they are filled; and the
        hash of the password, which is computed only once for all users."""
        lines = program.folder / "lines"
        lines.write_text(json.dumps({"email": "person@example.com", "password": PASSWORD}))
        program.import_users(lines)
        rows = RawEngine(self.tools, program.folder).rows(program.file)
        header = program.file.read_bytes()[:100]
        version = struct.unpack(">i", header[60:64])[0]
        recipe = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:8]
        return f"version-{version}-{recipe}", stored_hash(rows)

    def _make(self, folder, users):
        folder.mkdir()
        program = Program(self.binary, folder)
        trashed = min(int(users * TRASHED_SHARE), MOST_TRASHED)
        people = users - SIGNING_IN
        lines = folder / "lines"
        with open(lines, "w") as output:
            output.writelines(user_line(number) for number in range(people + trashed))
        peak_mb, seconds = program.import_users(lines)
        with open(lines, "w") as output:
            for number, email in enumerate(signing_in(), people + trashed):
                output.write(user_line(number, email, passwordHash=self.password_hash))
        program.import_users(lines)
        lines.unlink()
        key = program.operate("key", "create", "--role", "admin", "--name", "bench").split()[-1]
        (folder / "key").write_text(key)
        gone = [f"user{people + number:07}@example.com" for number in range(trashed)]
        with program.serving() as service:
            calls = [Call.native("/user/remove", key, {"email": email}) for email in gone]
            Load(self.tools, folder).each_once(service.address, calls)
        return Store(folder, users, key, peak_mb, seconds)
