#!/usr/bin/env python3
"""Draws docs/strategies/NAME.svg from what archscope-bench-strategies --curves FOLDER wrote: the mean of the best so far, with a band of
one standard deviation, against that of random search. Needs nothing but Python.

    archscope-bench-strategies nas_bench_macro.csv --curves curves && tests/bench/plot_curves.py curves docs/strategies
"""
import csv
import pathlib
import sys

WIDTH, HEIGHT = 640, 380
FIRST = 10  # the first few evaluations differ so much that nothing could be told apart later
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 20, 48
OWN, OTHER, INK, GRID = "#0072b2", "#d55e00", "#444444", "#d8d8d8"  # Okabe-Ito's blue and vermillion


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(int(row["evaluations"]), float(row["mean"]), float(row["std"])) for row in csv.DictReader(file)]
    return [row for row in rows if row[0] >= FIRST]


def ticks(low, high, most=6):
    step = 10.0 ** -6
    for factor in (2, 2.5, 2) * 40:
        if (high - low) / step <= most:
            break
        step *= factor
    first = int(-(-low // step))
    return [i * step for i in range(first, int(high // step) + 1)]


class Plot:
    def __init__(self, first, last, low, high):
        self.first, self.last, self.low, self.high = first, last, low, high
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" fill="{INK}">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        ]

    def x(self, value):
        return LEFT + (value - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - (min(max(value, self.low), self.high) - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def axes(self, title):
        for tick in ticks(self.low, self.high):
            y = self.y(tick)
            self.parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GRID}"/>')
            self.parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.2f}</text>')
        for tick in [self.first] + [t for t in ticks(0, self.last) if t > self.first]:
            self.parts.append(f'<text x="{self.x(tick):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick:g}</text>')
        self.parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">evaluations</text>')
        middle = (TOP + HEIGHT - BOTTOM) / 2
        self.parts.append(f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">{title}</text>')

    def curve(self, rows, colour, name, place):
        upper = [f"{self.x(n):.1f},{self.y(mean + std):.1f}" for n, mean, std in rows]
        lower = [f"{self.x(n):.1f},{self.y(mean - std):.1f}" for n, mean, std in reversed(rows)]
        line = [f"{self.x(n):.1f},{self.y(mean):.1f}" for n, mean, _ in rows]
        self.parts.append(f'<polygon points="{" ".join(upper + lower)}" fill="{colour}" fill-opacity="0.15"/>')
        self.parts.append(f'<polyline points="{" ".join(line)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = HEIGHT - BOTTOM - 44 + 20 * place
        self.parts.append(f'<line x1="{WIDTH - 336}" y1="{y}" x2="{WIDTH - 308}" y2="{y}" stroke="{colour}" stroke-width="2"/>')
        self.parts.append(f'<text x="{WIDTH - 300}" y="{y + 4}">{name}: {rows[-1][1]:.3f} ± {rows[-1][2]:.3f}</text>')

    def text(self):
        return "\n".join(self.parts + ["</svg>"]) + "\n"


def main(curves, out):
    curves, out = pathlib.Path(curves), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    random = read(curves / "random.csv")
    for path in sorted(curves.glob("*.csv")):
        own = read(path)
        low = min(mean - std for _, mean, std in own + random)
        high = max(mean + std for _, mean, std in own + random)
        plot = Plot(FIRST, max(own[-1][0], random[-1][0]), low, high + 0.02 * (high - low))
        plot.axes("best accuracy so far, %")
        plot.curve(random, OTHER, "random", 0)
        if path.stem != "random":
            plot.curve(own, OWN, path.stem, 1)
        (out / (path.stem + ".svg")).write_text(plot.text(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
