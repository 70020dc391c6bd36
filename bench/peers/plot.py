"""Results as drawings, in SVG written by hand: no package is needed to look at them."""
import math

from harness import short

COLOURS = ["#1f6feb", "#d1242f", "#bf8700", "#8250df", "#1a7f37", "#57606a", "#0aa2c0", "#e85aad", "#7c4a03",
           "#000000"]
FONT = 'font-family="sans-serif" font-size="12"'


def text(x, y, words, anchor="start", extra=""):
    words = str(words).replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {FONT} fill="#24292f" {extra}>{words}</text>'


def page(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}">\n<rect width="{width}" height="{height}" fill="white"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def mark(x, y, i):
    """The i-th peer's: a colour, and once all have been used a square."""
    colour = COLOURS[i % len(COLOURS)]
    if i < len(COLOURS):
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
    return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" fill="{colour}"/>'


def speed(document):
    """How many times as fast as each peer, a row a case, on a logarithmic scale; bars as ticks."""
    rows = [(r, {p: f for p, f in r["peers"].items() if "ratio" in f}) for r in document["results"]]
    rows = [(r, found) for r, found in rows if found]
    peers = list(dict.fromkeys(peer for _, found in rows for peer in found))
    if not rows:
        return None
    works = list(dict.fromkeys(r["work"] for r, _ in rows))
    rows.sort(key=lambda row: works.index(row[0]["work"]))
    left, right, line = 400, 40, 22
    width, height = 960, 104 + line * (len(rows) + len(works))
    ratios = [f["ratio"] for _, found in rows for f in found.values()] or [1]
    low, high = math.floor(math.log10(min(*ratios, 1))), math.ceil(math.log10(max(*ratios, 1.01)))

    def at(ratio):
        return left + (math.log10(ratio) - low) / (high - low) * (width - left - right)

    parts = [text(10, 20, "How many times as fast as the peer (dots); what is aimed at (ticks)",
                  extra='font-weight="bold"')]
    for i, peer in enumerate(peers):
        parts.append(mark(20 + i % 7 * 134, 38 + i // 7 * 18, i))
        parts.append(text(30 + i % 7 * 134, 42 + i // 7 * 18, peer))
    for power in range(low, high + 1):
        x = at(10**power)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="70" y2="{height - 20}" stroke="#d0d7de"/>')
        parts.append(text(x, height - 6, f"{10**power:g}", "middle"))
    x = at(1)
    parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="70" y2="{height - 20}" stroke="#24292f"/>')
    y = 86 - line
    for i, (result, found) in enumerate(rows):
        if i == 0 or result["work"] != rows[i - 1][0]["work"]:
            y += line
            parts.append(text(left - 10, y + 4, result["work"], "end", 'font-weight="bold"'))
        y += line
        threads = f", {result['threads']} threads" if result["threads"] > 1 else ""
        parts.append(text(left - 10, y + 4, result["case"] + threads, "end"))
        for peer, figures in found.items():
            parts.append(mark(at(figures["ratio"]), y, peers.index(peer)))
        for bar in result["bars"]:
            peer = bar["what"].removeprefix("times ")
            if peer in peers:
                x, colour = at(bar["bar"]), COLOURS[peers.index(peer) % len(COLOURS)]
                parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y - 9}" y2="{y + 9}" '
                             f'stroke="{colour}" stroke-width="3"/>')
    return page(width, height, parts)


class Axes:
    """Two logarithmic axes with their lines and numbers."""

    def __init__(self, box, xs, ys, labels):
        self.left, self.top, self.right, self.bottom = box
        self.x, self.y = ([math.log10(min(v)) - 0.15, math.log10(max(v)) + 0.15] for v in (xs, ys))
        self.parts = [text((self.left + self.right) / 2, self.bottom + 34, labels[0], "middle"),
                      text(self.left - 50, self.top - 10, labels[1])]
        powers = range(math.floor(self.x[0]), math.floor(self.x[1]) + 1)
        steps = (1,) if self.x[1] - self.x[0] > 1 else range(1, 10)  # of what is within a power of ten, every one
        for number in (step * 10**power for power in powers for step in steps):
            if self.x[0] <= math.log10(number) <= self.x[1]:
                x, _ = self.at(number, 10 ** self.y[0])
                self.parts.append(
                    f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self.top}" y2="{self.bottom}" stroke="#d0d7de"/>')
                self.parts.append(text(x, self.bottom + 16, short(number), "middle"))
        for power in range(math.floor(self.y[0]), math.floor(self.y[1]) + 1):
            for step in (1, 2, 5):
                if self.y[0] <= math.log10(step * 10**power) <= self.y[1]:
                    _, y = self.at(10 ** self.x[0], step * 10**power)
                    self.parts.append(
                        f'<line x1="{self.left}" x2="{self.right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#eaeef2"/>')
                    self.parts.append(text(self.left - 6, y + 4, short(step * 10**power), "end"))

    def at(self, x, y):
        return (self.left + (math.log10(x) - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left),
                self.bottom - (math.log10(y) - self.y[0]) / (self.y[1] - self.y[0]) * (self.bottom - self.top))

    def line(self, points, colour, dash=""):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" {dash}/>')

    def dot(self, point, colour):
        x, y = self.at(*point)
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
        return x, y


def roofline(document):
    """Operations a second against operations a byte of memory, below what the machine can do."""
    rows = [r for r in document["results"] if "gflops" in r and r.get("intensity") and r["threads"] == 1]
    if not rows:
        return None
    peak = max(r["operations_s"] for r in rows) * 1e-9
    band = max(r["bytes_s"] for r in rows) * 1e-9
    xs = [r["intensity"] for r in rows] + [peak / band / 4, peak / band * 4]
    axes = Axes((90, 50, 640, 460), xs, [r["gflops"] for r in rows] + [peak],
                ("operations for each byte from memory", "GFLOP/s, one thread"))
    begin = max(10 ** axes.x[0], 10 ** axes.y[0] / band)
    axes.line([(x, min(peak, band * x)) for x in (begin, peak / band, 10 ** axes.x[1])], "#24292f")
    works = list(dict.fromkeys(r["work"] for r in rows))
    for r in rows:
        axes.dot((r["intensity"], r["gflops"]), COLOURS[works.index(r["work"]) % len(COLOURS)])
    for i, work in enumerate(works):
        axes.parts.append(f'<circle cx="665" cy="{66 + 20 * i}" r="5" fill="{COLOURS[i % len(COLOURS)]}"/>')
        axes.parts.append(text(676, 70 + 20 * i, work))
    axes.parts.append(text(90, 20, f"The roof: {peak:.0f} GFLOP/s of fused multiplications and additions, "
                                   f"{band:.0f} GB/s of memory", extra='font-weight="bold"'))
    return page(900, 510, axes.parts)


def growth(document):
    """Rates along the axes on which work grows, a line for each series."""
    series = {}
    for r in document["results"]:
        if r["knee"] and r["threads"] == 1:
            axis, value = r["knee"]
            key = (axis, r["work"], r["unit"], r["threads"], series_name(r["case"], axis))
            series.setdefault(key, []).append((float(value), r["rate"]))
    series = {key: sorted(points) for key, points in series.items() if len(points) > 1}
    axes_names = list(dict.fromkeys((key[0], key[1]) for key in series))
    if not series:
        return None
    parts, panel = [], 330
    for at, (axis, work) in enumerate(axes_names):
        mine = {key: points for key, points in series.items() if key[:2] == (axis, work)}
        points = [p for line in mine.values() for p in line]
        top = 50 + at * panel
        axes = Axes((90, top, 520, top + 230), [p[0] for p in points], [p[1] for p in points],
                    (axis, f"{next(iter(mine))[2]} a second: {work}"))
        for i, (key, line) in enumerate(mine.items()):
            colour = COLOURS[i % len(COLOURS)]
            axes.line(line, colour)
            for point in line:
                axes.dot(point, colour)
            name = (key[4] or "all else alike") + (f", {key[3]} threads" if key[3] > 1 else "")
            axes.parts.append(f'<circle cx="545" cy="{top + 12 + 18 * i}" r="5" fill="{colour}"/>')
            axes.parts.append(text(556, top + 16 + 18 * i, name))
        parts += axes.parts
    return page(960, 50 + panel * len(axes_names), parts)


def series_name(case, axis):
    """The case's name without the value that changes along the series."""
    return ", ".join(word for word in case.split(", ") if not word.startswith(axis))


def drawings(document):
    """(file name, SVG) of those that have something to show."""
    found = [("speed.svg", speed(document)), ("roofline.svg", roofline(document)), ("growth.svg", growth(document))]
    return [(name, drawing) for name, drawing in found if drawing]
