"""The program under callgrind, which counts instructions: they do not depend on what else the machine does."""

import re
import shutil

from harness.guestlist import Program
from harness.processes import Failed, run

# Of each row; enough that what the service does by itself in the meantime does not matter.
CALLS = 100


class Counted(Program):
    """The program, served by callgrind; `work` is a folder for its counts."""

    def __init__(self, binary, folder, work):
        super().__init__(binary, folder)
        self.counts, self.prefix = work / "callgrind.out", work / "vgdb"
        self.under = [
            found("valgrind"),
            "--tool=callgrind",
            "--quiet",
            f"--callgrind-out-file={self.counts}",
            f"--vgdb-prefix={self.prefix}",
        ]

    def instructions(self, load, service, row):
        """How many instructions one of a row's calls takes, on average, when the caches have what it needs."""
        calls = row.calls[:CALLS]
        load.each_once(service.address, calls)
        self._dump(service.pid)
        load.each_once(service.address, calls)
        return self._dump(service.pid) / len(calls)

    def _dump(self, pid):
        """The instructions since the last dump."""
        # With the same environment as the service: the names of the pipes between them say whose they are.
        run("env", "-i", found("vgdb"), f"--vgdb-prefix={self.prefix}", f"--pid={pid}", "dump")
        newest = max(self.counts.parent.glob(f"{self.counts.name}.*"), key=lambda file: int(file.suffix[1:]))
        text = newest.read_text()
        total = re.search(r"^(?:totals|summary): (\d+)", text, re.MULTILINE)
        if not total:
            raise Failed(f"callgrind has counted nothing: {text[:200]}")
        return int(total[1])


def found(command):
    path = shutil.which(command)
    if not path:
        raise Failed(f"{command} is not installed")
    return path
