"""What every torture gets: its seed, its duration, a folder, and a way to report violations."""

import random
import tempfile
import time
from pathlib import Path


class Violated(Exception):
    """The torture cannot continue: a promise is broken, or the service does not start."""


class Setup:
    """One run of one torture."""

    def __init__(self, name, seed, seconds, program, dynamodb):
        self.name = name
        self.seed = seed
        self.seconds = seconds
        self.program = program
        self.dynamodb = dynamodb
        # Each torture draws its own numbers, so that running it alone repeats what it did among others.
        self.random = random.Random(f"{name} {seed}")
        self.folder = Path(tempfile.mkdtemp(prefix=f"guestlist-{name}-"))
        self.violations = []
        # Run at the end, whatever goes wrong.
        self.at_end = []
        self.begun = time.monotonic()

    def violated(self, what):
        """Notes that a promise was broken; the run continues, to find others."""
        self.violations.append(what)

    def require(self, holds, what):
        """Notes `what` unless it holds; returns whether it does."""
        if not holds:
            self.violated(what)
        return bool(holds)

    def end_services(self):
        """Ends everything that was started, the last first."""
        while self.at_end:
            self.at_end.pop()()

    def left(self):
        """How many seconds of torture are left."""
        return self.seconds - (time.monotonic() - self.begun)

    def chance(self, share):
        """True in this share of cases."""
        return self.random.random() < share
