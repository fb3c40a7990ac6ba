"""What a traced process has written and synced: parses the output of `strace`."""

import re
from dataclasses import dataclass

STRACE = [
    "strace", "-f", "--seccomp-bpf", "-ttt", "-T", "-y", "-xx", "-s", "2000000", "-qq", "-e", "signal=none",
    "-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate,openat,rename,unlink,link,linkat,pwritev",
]
LINE = re.compile(r"(\d+) +(\d+\.\d+) (.*)")
RESUMED = re.compile(r"<\.\.\. \w+ resumed>")
CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+|\?)(.*?)(?: <(\d+\.\d+)>)?$", re.DOTALL)
ARGUMENT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"|<((?:\\x[0-9a-f]{2})*)>')


@dataclass
class Event:
    """One successful call, with its beginning and end."""

    kind: str
    path: str
    begun: float
    ended: float
    offset: int = 0
    data: bytes = b""
    size: int = 0
    target: str = ""


def read(path, folder):
    """All changes to files in the folder, in the order in which they began."""
    events = [event for event in map(_event, _calls(path)) if event and event.path.startswith(f"{folder}")]
    return sorted(events, key=lambda event: event.begun)


def _calls(path):
    """Calls with their thread, beginning and end; the halves of interrupted ones are joined."""
    begun = {}
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            match = LINE.match(line.rstrip("\n"))
            if not match:
                continue
            thread, at, text = match[1], float(match[2]), match[3]
            if text.endswith("<unfinished ...>"):
                begun[thread] = (at, text.removesuffix("<unfinished ...>"))
            elif RESUMED.match(text) and thread in begun:
                start, first = begun.pop(thread)
                yield start, at, first.rstrip() + RESUMED.sub("", text)
            else:
                yield at, None, text


def _event(call):
    at, resumed, text = call
    match = CALL.match(text)
    if not match or match[3] in ("?", "-1"):
        return None
    name, arguments, result = match[1], match[2], int(match[3])
    ended = resumed if resumed is not None else at + float(match[5] or 0)
    texts = list(_texts(arguments))
    numbers = arguments.rsplit(", ", 2)
    if name in ("pwrite64", "write"):
        offset = int(numbers[-1]) if name == "pwrite64" else -1
        return Event("write", texts[0].decode(errors="replace"), at, ended, offset, texts[1][:result])
    if name in ("fsync", "fdatasync"):
        return Event("sync", texts[0].decode(errors="replace"), at, ended)
    if name == "ftruncate":
        return Event("truncate", texts[0].decode(errors="replace"), at, ended, size=int(numbers[-1]))
    if name == "openat" and "O_CREAT" in arguments:
        kind = "empty" if "O_TRUNC" in arguments else "create"
        return Event(kind, texts[1].decode(errors="replace"), at, ended)
    if name == "unlink":
        return Event("unlink", texts[0].decode(errors="replace"), at, ended)
    if name in ("link", "linkat"):
        names = [text.decode() for text in texts]
        return Event("link", names[-3 if name == "linkat" else 0], at, ended, target=names[-1])
    if name == "rename":
        return Event("rename", texts[0].decode(errors="replace"), at, ended, target=texts[1].decode())
    if name == "pwritev":
        raise ValueError(f"a call that is not understood: {text[:100]}")
    return None


def _texts(arguments):
    """Quoted texts and paths of open files, in order."""
    for match in ARGUMENT.finditer(arguments):
        text = match[1] if match[1] is not None else match[2]
        yield bytes.fromhex(text.replace("\\x", ""))
