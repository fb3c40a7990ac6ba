"""The results as a chart: the cost of each call as a multiple of bare hyper, at each size of the store."""

from xml.sax.saxutils import escape

from harness.targets import MOST_TIMES_BARE

WIDTH, LABELS, FIGURES = 860, 250, 60
BAR, GAP, TOP, BOTTOM = 9, 12, 64, 34

LIGHT = """\
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #656d76; }
  .grid { stroke: #d0d7de; }"""
DARK = """\
    text { fill: #e6edf3; }
    .quiet { fill: #8d96a0; }
    .grid { stroke: #30363d; }"""
# What bars and targets look like, on light pages and on dark ones.
BARS = (
    """\
  .target { stroke: #cf222e; stroke-width: 2; }
  .size0 { fill: #9ec5fe; } .size1 { fill: #3d8bfd; } .size2 { fill: #0a3f8f; }""",
    """\
    .target { stroke: #ff7b72; }
    .size0 { fill: #1f4f8f; } .size1 { fill: #3d8bfd; } .size2 { fill: #b6d4fe; }""",
)


def page(shapes, height, marks):
    """A chart of those shapes, for light and dark pages; `marks` is the style of its marks, on either."""
    light, dark = marks
    style = "\n".join([LIGHT, light, "  @media (prefers-color-scheme: dark) {", DARK, dark + "\n  }"])
    box = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">'
    return "\n".join([head, f"<style>\n{style}\n</style>", *shapes, "</svg>"]) + "\n"


def svg(results):
    """The chart; sign-ins are left out, because they are nearly all Argon2."""
    sizes = results["sizes"]
    by_size = [{row["key"]: row for row in size["rows"]} for size in sizes]
    labels = {row["key"]: row["label"] for row in sizes[-1]["rows"] if row["key"] != "sign_in"}
    most = max(found[key]["times_bare"] for found in by_size for key in labels)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if most / step <= 10)
    scale = (WIDTH - LABELS - FIGURES) / most
    row_height = BAR * len(sizes) + GAP
    height = TOP + row_height * len(labels) + BOTTOM
    shapes = [
        '<text class="title" x="0" y="16">Server CPU per request, in times of a bare hyper server’s</text>',
        *legend(sizes),
        *grid(most, step, scale, height),
    ]
    for place, (key, label) in enumerate(labels.items()):
        top = TOP + place * row_height
        shapes += bars(label, [found[key]["times_bare"] for found in by_size], top, scale)
        if key in MOST_TIMES_BARE:
            x = LABELS + MOST_TIMES_BARE[key] * scale
            shapes.append(upright("target", x, top - 2, top + row_height - GAP + 2))
    return page(shapes, height, BARS)


def upright(kind, x, top, bottom):
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'


def legend(sizes):
    shapes, x = [], LABELS
    for place, size in enumerate(sizes):
        shapes.append(f'<rect class="size{place % 3}" x="{x}" y="30" width="{BAR}" height="{BAR}"/>')
        shapes.append(f'<text x="{x + BAR + 5}" y="39">{size["users"]:,} users</text>')
        x += 130
    shapes.append(upright("target", x, 28, 41))
    shapes.append(f'<text x="{x + 7}" y="39">what is asked for</text>')
    return shapes


def grid(most, step, scale, height):
    shapes, value = [], 0
    while value <= most:
        x = LABELS + value * scale
        shapes.append(upright("grid", x, TOP - 8, height - BOTTOM))
        place = f'x="{x:.1f}" y="{height - BOTTOM + 16}"'
        shapes.append(f'<text class="quiet" {place} text-anchor="middle">{value}</text>')
        value += step
    return shapes


def bars(label, values, top, scale):
    middle = top + BAR * len(values) / 2 + 4
    shapes = [f'<text x="{LABELS - 8}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>']
    for place, value in enumerate(values):
        y = top + place * BAR
        extent = f'width="{value * scale:.1f}" height="{BAR - 1}"'
        shapes.append(f'<rect class="size{place % 3}" x="{LABELS}" y="{y}" {extent}/>')
    x = LABELS + max(values) * scale + 6
    shapes.append(f'<text class="quiet" x="{x:.1f}" y="{middle:.1f}">{max(values):.1f}</text>')
    return shapes
