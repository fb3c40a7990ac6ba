"""The results as a table."""

HEAD = """\
| call | users | requests/s | of bare hyper's | server CPU, µs/request | × bare hyper's \
| p50, ms | p99, ms | half load: p50 | p99 |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""
SIZES = {"get": "small answer", "page": "page of 25", "list": "list of 50"}
ENGINE = {
    "point": "raw engine: point read",
    "page_id": "raw engine: 25 by id",
    "page_email": "raw engine: 25 by email",
    "update": "raw engine: user/update's commits",
    "create": "raw engine: user/create's commits",
}

# If these figures differ by more, ratios to them mean little.
MOST_NOISE = 0.15
VERDICTS = {True: "met", False: "**missed**", None: "not measured"}


def markdown(results):
    """All results, as Markdown that is readable as text."""
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
    for other in size.get("others", []):
        lines += [line(f"{other['name']}: {row['label']}", users, row) for row in other["rows"]]
    for row in size.get("dynamo", []):
        lines.append(line(f"raw AWS SDK: {row['label']}", users, row["raw"]))
        lines.append(line(f"{row['label']}, on DynamoDB", users, row["service"]))
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
        f"{figures['share_bare']:.0%}" if "share_bare" in figures else "",
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
    """Everything that does not fit into columns."""
    doubt = ": the machine was not idle, so do not rely on this run" if results["noise"] > MOST_NOISE else ""
    lines = [f"- Bare hyper and Argon2 alone, measured twice, differ by up to {results['noise']:.0%}{doubt}"]
    stalls = [one["stalls"] for one in results["argon2"] if one["stalls"]]
    if stalls:
        lines.append(
            "- While Argon2 used all cores, threads with real-time priority woke up over 1 ms late in"
            f" {max(one['late_share'] for one in stalls):.1%} of cases, at most {max(one['longest_ms'] for one in stalls):.0f}"
            " ms: so long, the host did not let a core run"
        )
    for size in results["sizes"]:
        lines.append(
            f"- {size['users']:,} users: start {size['start_ms']:.0f} ms; anonymous memory {size['idle_mb']:.1f} MB"
            f" idle, {size['loaded_mb']:.1f} MB after the reads"
        )
    large = results["sizes"][-1]
    lines += beside_notes(large["beside"], results["machine"]["cores"])
    lines.append(crowd_note(large["crowd"], results["machine"]["cores"]))
    for other in large["others"]:
        lines += other_notes(large, other)
    if results["import_peak_mb"] is not None:
        lines.append(
            f"- Import of 100,000 users: {results['import_seconds']:.1f} s, at most"
            f" {results['import_peak_mb']:.1f} MB of anonymous memory"
        )
    return lines


def beside_notes(beside, cores):
    """Reads alone, and with writes."""
    most = {"most": ", as many as 64 callers can make"}
    lines = ["- `user/get` by id at half load"]
    for load, found in beside.items():
        reads, writes = found["reads"], found.get("others")
        with_what = "alone"
        if writes:
            with_what = f"beside {writes['per_second']:,.0f} `user/create`/s{most.get(load, '')}"
            with_what += f" (p99 {writes['p99_ms']:.2f} ms)"
        lines.append(
            f"  - {with_what}: {reads['per_second']:,.0f}/s, p50 {reads['p50_ms']:.2f} ms, p99 {reads['p99_ms']:.2f} ms;"
            f" {cores_used(found['cores'], cores)}"
        )
    return lines


def crowd_note(crowd, cores):
    """A crowd that signs in, and reads next to it."""
    reads, admitted, refused = crowd["reads"], crowd["others"]["done"], crowd["others"]["refused"]
    return (
        f"- {crowd['callers']} callers who sign in: {admitted['count']} sign-ins served (p50"
        f" {admitted['p50_ms'] / 1e3:.2f} s, at most {admitted['max_ms'] / 1e3:.2f} s), {refused['count']} refused"
        f" (p50 {refused['p50_ms']:.1f} ms, p99 {refused['p99_ms']:.1f} ms); `user/get` by id at the same time,"
        f" {reads['per_second']:,.0f}/s: p50 {reads['p50_ms']:.2f} ms, p99 {reads['p99_ms']:.2f} ms;"
        f" {cores_used(crowd['cores'], cores)}"
    )


def other_notes(size, other):
    """How many times our CPU time the alternative takes, and how many times its requests/s we reach."""
    ours = {row["key"]: row for row in size["rows"]}
    lines = [f"- {other['name']}, {other['loaded_mb']:.0f} MB of anonymous memory at the end, beside Guestlist"]
    for row in other["rows"]:
        own = ours[row["key"]]
        lines.append(
            f"  - {row['label']}: {row['cpu_us'] / own['cpu_us']:.1f} × the CPU of {own['label']}, which reaches"
            f" {own['per_second'] / row['per_second']:.1f} × the requests/s"
        )
    return lines


def cores_used(used, cores):
    return (
        f"of {cores} cores the service uses {used['service']:.2f}, its callers {used['load']:.2f},"
        f" others {used['others']:.2f}"
    )
