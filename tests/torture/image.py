"""What a disk can contain after a power cut: everything that was synced, and a random part of everything else."""

import shutil
from bisect import bisect_left
from itertools import accumulate
from pathlib import Path

SECTOR = 512
# The shared memory of SQLite is rebuilt by the process that opens the table first.
LEFT_OUT = ("-shm",)
NAMES = ("unlink", "rename", "link", "create")


class Disk:
    """The files of a folder as they were when the trace began, and what was done to them since.

    Synced changes are applied once; only open ones are chosen again for each cut. Cuts are in the order of time."""

    def __init__(self, base, folder, events):
        self.folder = str(folder)
        self.events = [event for event in events if not event.path.endswith(LEFT_OUT)]
        self.syncs = _syncs(self.events)
        self.first = min(event.begun for event in self.events)
        self.last = max(event.ended for event in self.events)
        self.files = {str(path.relative_to(base)): bytearray(path.read_bytes())
                      for path in Path(base).rglob("*") if path.is_file() and not path.name.endswith(LEFT_OUT)}
        self.sizes = {name: len(content) for name, content in self.files.items()}
        self.kin = _kin(self.events)
        # What has begun and is not on disk for sure, of files that have nothing to do with each other.
        self.open = {}
        self.begun = 0

    def synced(self):
        """The number of syncs."""
        return sum(len(begun) for begun, _ in self.syncs.values())

    def moments(self, random, count):
        """Moments for power cuts: half of them just before a sync ends, when most changes are open."""
        syncs = [event for event in self.events if event.kind == "sync"]
        close = [random.uniform(sync.begun, sync.ended) for sync in random.choices(syncs, k=count // 2)]
        return sorted(close + [random.uniform(self.first, self.last) for _ in range(count - count // 2)])

    def cut(self, at, random, into):
        """Writes what the disk could contain after a power cut at that moment, which is not before the last one."""
        self._go_on(at)
        # Of what was not synced, power cuts spare all, nothing, or some.
        share = random.choice((0.0, 0.5, 0.9, 1.0))
        touched = {self._name(path) for waiting in self.open.values() for event, _ in waiting for path in _paths(event)}
        files = {name: bytearray(content) if name in touched else content for name, content in self.files.items()}
        sizes = dict(self.sizes)
        for event, durable in sorted((one for waiting in self.open.values() for one in waiting), key=_begun):
            _apply(event, self._name, files, sizes, durable <= at, lambda: random.random() < share, random)
        into.mkdir(parents=True, mode=0o700)
        for name, content in files.items():
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)

    def _go_on(self, at):
        """Applies everything that is certainly on disk by that moment."""
        while self.begun < len(self.events) and self.events[self.begun].begun <= at:
            event = self.events[self.begun]
            self.begun += 1
            if event.kind != "sync":
                self.open.setdefault(self.kin(event.path), []).append((event, self._durable_from(event)))
        for kin, waiting in list(self.open.items()):
            # Only from the front, since what comes later may build on what comes before it.
            certain = next((n for n, (_, durable) in enumerate(waiting) if durable > at), len(waiting))
            for event, _ in waiting[:certain]:
                _apply(event, self._name, self.files, self.sizes, True, None, None)
            del waiting[:certain]
            if not waiting:
                del self.open[kin]

    def _name(self, path):
        return path.removeprefix(self.folder).lstrip("/")

    def _durable_from(self, event):
        """The moment from which a power cut does not affect it."""
        if event.kind not in NAMES:
            return self._synced_after(event.path, event.ended)
        # A name is on disk with its folder. What was synced as a file has its name, too.
        folder = self._synced_after(str(Path(event.path).parent), event.ended)
        return min(folder, self._synced_after(event.path, event.ended)) if event.kind == "create" else folder

    def _synced_after(self, path, moment):
        """When the first sync ends that begins at that moment or later."""
        begun, ended = self.syncs.get(path, ([], []))
        at = bisect_left(begun, moment)
        return ended[at] if at < len(ended) else float("inf")


def _syncs(events):
    """For each path, when its syncs begin, and when the first one ends that begins then or later."""
    found = {}
    for event in sorted((event for event in events if event.kind == "sync"), key=lambda event: event.begun):
        found.setdefault(event.path, []).append(event)
    return {path: ([sync.begun for sync in syncs],
                   list(accumulate((sync.ended for sync in reversed(syncs)), min))[::-1])
            for path, syncs in found.items()}


def _kin(events):
    """Groups paths that were made from each other, for example by renaming: all of a group share one instance."""
    parents = {}

    def first(path):
        while (parent := parents.get(path)) is not None:
            # Each step makes the next way shorter.
            parents[path] = parents.get(parent, parent)
            path = parent
        return path

    for event in events:
        if event.target and first(event.path) != first(event.target):
            parents[first(event.target)] = first(event.path)
    return first


def _paths(event):
    return [event.path, event.target] if event.target else [event.path]


def _begun(one):
    event, _ = one
    return event.begun


def _apply(event, name_of, files, sizes, certain, chance, random):
    """Applies what the event has done to the files, or could have done."""
    name = name_of(event.path)
    if event.kind == "create":
        if name not in files and (certain or chance()):
            files[name] = bytearray()
        sizes.setdefault(name, 0)
    elif event.kind in ("write", "empty", "truncate") and name not in files and not certain:
        sizes[name] = max(sizes.get(name, 0), event.offset + len(event.data))
    elif event.kind == "write":
        offset = event.offset if event.offset >= 0 else sizes.get(name, 0)
        sizes[name] = max(sizes.get(name, 0), offset + len(event.data))
        _write(files.setdefault(name, bytearray()), offset, event.data, certain, chance)
    elif event.kind in ("empty", "truncate"):
        sizes[name] = event.size
        if certain or chance():
            _resize(files.setdefault(name, bytearray()), event.size)
    elif event.kind == "unlink":
        sizes.pop(name, None)
        if certain or chance():
            files.pop(name, None)
    elif event.kind == "link":
        target = name_of(event.target)
        sizes[target] = sizes.get(name, 0)
        if name in files and (certain or chance()):
            files[target] = bytearray(files[name])
    elif event.kind == "rename":
        target = name_of(event.target)
        sizes[target] = sizes.pop(name, 0)
        if name in files and (certain or chance()):
            files[target] = files.pop(name)


def _write(content, offset, data, certain, chance):
    """Writes all sectors, or a random choice of them."""
    if certain:
        _put(content, offset, data)
        return
    position = 0
    while position < len(data):
        end = min(len(data), (offset + position) // SECTOR * SECTOR + SECTOR - offset)
        if chance():
            _put(content, offset + position, data[position:end])
        position = end


def _put(content, offset, data):
    if len(content) < offset + len(data):
        _resize(content, offset + len(data))
    content[offset:offset + len(data)] = data


def _resize(content, size):
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


def copy(folder, to):
    """The folder as it is."""
    shutil.copytree(folder, to)
