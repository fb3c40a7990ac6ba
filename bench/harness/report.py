"""The results as a table."""

HEAD = """\
| call | users | requests/s | server CPU, µs/request | × bare hyper | p50, ms | p99, ms | half load: p50 | p99 |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""
SIZES = {"get": "small answer", "page": "page of 25", "list": "list of 50"}
ENGINE = {
    "point": "raw engine: point read",
    "page_id": "raw engine: 25 by id",
    "page_email": "raw engine: 25 by e-mail",
    "update": "raw engine: user/update's commits",
    "create": "raw engine: user/create's commits",
}

# If these figures differ by more, ratios to them say little.
MOST_NOISE = 0.15
VERDICTS = {True: "met", False: "**missed**", None: "not measured"}


def markdown(results):
    """Everything, as Markdown that is readable as it is."""
    lines = [heading(results), "", HEAD]
    for size in results["sizes"]:
        lines += size_lines(size)
    for argon2, name in zip(results["argon2"], ["Argon2 alone", "Argon2 alone, again"]):
        lines.append(line(f"{name} ({argon2['parameters']})", None, {"per_second": argon2["per_second"]}))
    lines += ["", *notes(results), "", "| target | asked for | figure | |", "|---|--:|--:|---|"]
    lines += [
        f"| {target['what']} | {target['asked']} | {target['figure']} | {VERDICTS[target['met']]} |"
        for target in results["targets"]
    ]
    return "\n".join(lines) + "\n"


def heading(results):
    machine = results["machine"]
    return (
        f"Guestlist {results['commit']}, {machine['cores']} cores ({machine['processor']}), load {machine['load']}"
        f" at the start, {machine['file_system']}, 64 callers, {results['row_seconds']} s a row"
    )


def size_lines(size):
    users = size["users"]
    lines = bare_lines(size, "before", "bare hyper")
    lines += [line(label, users, size["engine"][key]) for key, label in ENGINE.items()]
    lines += [line(row["label"], users, row) for row in size["rows"]]
    return lines + bare_lines(size, "after", "bare hyper again")


def bare_lines(size, when, name):
    return [
        line(f"{name}, {SIZES[key]} ({found['bytes'] / 1e3:.1f} kB)", size["users"], found)
        for key, found in size["bare"][when].items()
    ]


def line(label, users, figures):
    half = figures.get("half", {})
    cells = [
        label,
        f"{users:,}" if users else "",
        f"{figures['per_second']:,.0f}",
        number(figures, "cpu_us", 1),
        number(figures, "times_bare", 2),
        number(figures, "p50_ms", 2),
        number(figures, "p99_ms", 2),
        number(half, "p50_ms", 2),
        number(half, "p99_ms", 2),
    ]
    return "| " + " | ".join(cells) + " |"


def number(figures, key, digits):
    return f"{figures[key]:,.{digits}f}" if key in figures else ""


def notes(results):
    """What does not fit into columns."""
    doubt = ": the machine was not quiet, and this run proves nothing" if results["noise"] > MOST_NOISE else ""
    lines = [f"- What was measured twice, bare hyper and Argon2 alone, differs by {results['noise']:.0%} at most{doubt}"]
    for size in results["sizes"]:
        lines.append(
            f"- {size['users']:,} users: start {size['start_ms']:.0f} ms; anonymous memory {size['idle_mb']:.1f} MB"
            f" idle, {size['loaded_mb']:.1f} MB after the reads"
        )
    large = results["sizes"][-1]
    beside, crowd = large["beside"], large["crowd"]
    lines.append(
        f"- `user/get` by id at half load ({beside['reads_alone']['per_second']:,.0f}/s): p99"
        f" {beside['reads_alone']['p99_ms']:.2f} ms alone, {beside['reads_with_writes']['p99_ms']:.2f} ms with"
        f" {beside['writes']['per_second']:,.0f} `user/create`/s, whose p99 is {beside['writes']['p99_ms']:.2f} ms;"
        f" {beside['reads_with_most_writes']['p99_ms']:.2f} ms with as many as 64 callers can make"
        f" ({beside['most_writes']['per_second']:,.0f}/s, p99 {beside['most_writes']['p99_ms']:.2f} ms)"
    )
    lines.append(
        f"- {crowd['callers']} callers who sign in: {crowd['done']['count']} times admitted (p50"
        f" {crowd['done']['p50_ms'] / 1e3:.2f} s, at most {crowd['done']['max_ms'] / 1e3:.2f} s),"
        f" {crowd['refused']['count']} times told to come back (p99 {crowd['refused']['p99_ms']:.1f} ms); `user/get` by"
        f" id next to them, {crowd['reads']['per_second']:,.0f}/s: p50 {crowd['reads']['p50_ms']:.2f} ms, p99"
        f" {crowd['reads']['p99_ms']:.2f} ms"
    )
    if results["import_peak_mb"] is not None:
        lines.append(
            f"- Import of 100,000 users: {results['import_seconds']:.1f} s, at most"
            f" {results['import_peak_mb']:.1f} MB of anonymous memory"
        )
    return lines
