"""Takes what a target has found into its corpus, and leaves there only the inputs that reach most: `tidy.py TARGET`.

Of all inputs that are small enough the program, which has to be built, says which features they reach. The seeds stay; of
the others those are kept, one after the other, that add the most, until there are enough.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

MOST_FILES = 40
MOST_BYTES = 1024


def main(target):
    fuzz = Path(__file__).resolve().parent
    corpus = fuzz / "corpus" / target
    inputs = {}
    for folder in (corpus, fuzz / "found" / target):
        for path in sorted(folder.glob("*")):
            content = path.read_bytes()
            if len(content) <= MOST_BYTES:
                # Whoever has a name of its own keeps it.
                inputs.setdefault(hashlib.sha1(content).hexdigest()[:12], (path.name, content))
    features = reached(fuzz, target, inputs)
    seeds = [digest for digest, (name, _) in inputs.items() if name.startswith("seed-")]
    kept = chosen(features, {digest: len(content) for digest, (_, content) in inputs.items()}, seeds)
    before = [path for path in corpus.iterdir() if path.is_file()]
    for path in before:
        path.unlink()
    for digest in kept:
        name, content = inputs[digest]
        (corpus / (name if name.startswith("seed-") else digest)).write_bytes(content)
    everything = set().union(*features.values())
    held = set().union(*(features[name] for name in kept))
    print(f"{target}: {len(before)} → {len(kept)} of {len(inputs)} inputs, {len(held)} of {len(everything)} features")


def reached(fuzz, target, inputs):
    """The features that each input reaches."""
    with tempfile.TemporaryDirectory() as folder:
        small, out, control = (Path(folder) / name for name in ("small", "out", "control"))
        small.mkdir()
        out.mkdir()
        for name, (_, content) in inputs.items():
            (small / name).write_bytes(content)
        [program] = fuzz.glob(f"target/*/release/{target}")
        words = [program, out, small, "-set_cover_merge=1", f"-merge_control_file={control}"]
        done = subprocess.run(words, cwd=fuzz.parent, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        lines = control.read_text().splitlines()
    count = int(lines[0])
    names = [Path(line).name for line in lines[2 : 2 + count]]
    # An empty input is not among the names: libFuzzer runs it anyway.
    features = {name: set() for name in inputs}
    for line in lines[2 + count :]:
        kind, *numbers = line.split()
        if kind == "FT":
            features[names[int(numbers[0])]] = set(numbers[1:])
    return features


def chosen(features, sizes, seeds):
    """The seeds, and the inputs that reach the most beside them; of those that add as much, the smallest."""
    kept = list(seeds)
    missing = set().union(*features.values()).difference(*(features[name] for name in seeds))
    while missing and len(kept) < MOST_FILES:
        best = max(features, key=lambda name: (len(features[name] & missing), -sizes[name], name))
        kept.append(best)
        missing -= features[best]
    return kept


if __name__ == "__main__":
    main(*sys.argv[1:])
