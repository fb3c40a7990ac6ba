"""What a disk may hold after a power cut: what was synced, and of all else whatever chance has it."""

import shutil
from pathlib import Path

SECTOR = 512
# The shared memory of SQLite is rebuilt by whoever opens the table first.
LEFT_OUT = ("-shm",)


class Disk:
    """The files of a folder as they were when the trace began, and what was done to them since."""

    def __init__(self, base, folder, events):
        self.base = base
        self.folder = str(folder)
        self.events = [event for event in events if not event.path.endswith(LEFT_OUT)]
        self.synced = {}
        for event in self.events:
            if event.kind == "sync":
                self.synced.setdefault(event.path, []).append(event)
        self.first = min(event.begun for event in self.events)
        self.last = max(event.ended for event in self.events)

    def moments(self, random, count):
        """Moments to cut the power at: half of them just before a sync ends, when most is open."""
        syncs = [event for event in self.events if event.kind == "sync"]
        close = [random.uniform(sync.begun, sync.ended) for sync in random.choices(syncs, k=count // 2)]
        return sorted(close + [random.uniform(self.first, self.last) for _ in range(count - count // 2)])

    def cut(self, at, random, into):
        """Writes what the disk may hold if the power fails at that moment."""
        into.mkdir(parents=True, mode=0o700)
        files = {str(path.relative_to(self.base)): bytearray(path.read_bytes())
                 for path in Path(self.base).rglob("*") if path.is_file() and not path.name.endswith(LEFT_OUT)}
        sizes = {name: len(content) for name, content in files.items()}
        # Of what was not synced, power cuts spare all, nothing, or some.
        share = random.choice((0.0, 0.5, 0.9, 1.0))
        for event in self.events:
            if event.begun > at:
                break
            certain = self._is_durable(event, at)
            _apply(event, self._name, files, sizes, certain, lambda: random.random() < share, random)
        for name, content in files.items():
            path = into / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)

    def _name(self, path):
        return path.removeprefix(self.folder).lstrip("/")

    def _is_durable(self, event, at):
        synced = self.synced.get(event.path, [])
        if event.kind in ("unlink", "rename", "link", "create"):
            # A name is on disk with its folder. What was synced as a file has its name, too.
            synced = self.synced.get(str(Path(event.path).parent), []) + (synced if event.kind == "create" else [])
        return any(event.ended <= sync.begun and sync.ended <= at for sync in synced)


def _apply(event, name_of, files, sizes, certain, chance, random):
    """Does to the files what the event has done, or may have."""
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
    """Writes all, or by chance some of the sectors."""
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
