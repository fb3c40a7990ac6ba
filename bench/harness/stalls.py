"""Stalls: how late the machine lets threads run that should run at once."""

import contextlib
import os
import threading
import time

# Often enough to see most stalls, and too seldom to take a hundredth of a core.
SLEEP_SECONDS = 0.002
# Above all threads without a real-time priority.
PRIORITY = 50
LATE_SECONDS = 1e-3


class Stalls:
    """While the block lasts, a thread on each core sleeps again and again. It has a real-time priority, so if it wakes up
    late, the host has not let the core run. This takes root; otherwise nothing is measured."""

    def __init__(self):
        self.over, self.late_by = threading.Event(), []
        self.threads = [threading.Thread(target=self._sleep, args=(core,)) for core in os.sched_getaffinity(0)]

    def _sleep(self, core):
        # Of this thread alone.
        os.sched_setaffinity(0, {core})
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
            due = time.monotonic()
            while not self.over.is_set():
                due = max(due, time.monotonic()) + SLEEP_SECONDS
                time.sleep(max(due - time.monotonic(), 0))
                self.late_by.append(time.monotonic() - due)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def figures(self):
        """The share of wakeups that were late, and the longest delay; `None` if nothing was measured."""
        if not self.late_by:
            return None
        late = sum(by > LATE_SECONDS for by in self.late_by)
        return {"late_share": late / len(self.late_by), "longest_ms": max(self.late_by) * 1e3}
