#!/usr/bin/env python3
"""Reading user,item,rating,time lines from the page cache into arrays of numbers.

    bench/peers/reading.py [--quick] [--rounds N] [--only TEXT]

Rates are bytes of text a second. Ours also maps ids, finds duplicates and sorts by user; the peers stop at
columns, and ours is shown as far as that too, ids mapped. That all saw the same is checked by the number and
the sum of the ratings. In a turn each reads twice, and the second reading counts: the first brings memory back that
the system took while the others had their turns.
"""
import sys

from harness import Case, Choice, missing, serve
from main import run_alone

NAME = "reading ratings"
COLUMNS = ("userId", "movieId", "rating", "timestamp")
SHAPE = (138493, 26744, 170)  # about 500 MB
QUICK_SHAPE = (2000, 1000, 60)


def path_of(bench):
    return bench.ratings(*(QUICK_SHAPE if bench.is_quick else SHAPE))


def choices(bench, path, threads, rows):
    settings = {"file": str(path)}
    found = [Choice("polars", bench.serve(__file__, "polars"), (("POLARS_MAX_THREADS", str(threads)),), settings,
                    f"read_csv with {threads} threads"),
             Choice("pandas", bench.serve(__file__, "pandas"), (), {**settings, "engine": "c"}, "engine c")]
    csv = (bench.program("csv_reading"), "--file", str(path), "--rows", str(rows))
    return tuple(found + [Choice("libcsv", csv, (), {}, "strtoul and strtof")]) if threads == 1 else tuple(found[:1])


def cases(bench):
    path = path_of(bench)
    rows = path.stat().st_size // 20  # no line is shorter
    megabytes = path.stat().st_size / 1e6
    for threads in (1,) if bench.is_quick else (1, 2):
        bars = (("pandas", 15), ("libcsv", 15), ("polars", 8)) if threads == 1 else ()
        yield Case(f"ratings.csv of {megabytes:.0f} MB", "bytes",
                   (bench.program("ours_reading"), "--file", path, "--threads", threads),
                   choices(bench, path, threads, rows), threads, bytes=1, bars=bars,
                   rate_bar=1.3e9 if threads == 1 else 0)
        yield Case(f"ratings.csv of {megabytes:.0f} MB, to columns", "bytes",
                   (bench.program("ours_reading"), "--file", path, "--threads", threads, "--stage", "columns"),
                   choices(bench, path, threads, rows), threads, bytes=1, by_clock=True)


def checks(bench):
    """Rows and sums, by one burst of each outside the contest."""
    path = path_of(bench)
    ours = bench.ask_once(Choice("descent", (bench.program("ours_reading"), "--file", str(path))))
    for choice in choices(bench, path, 1, path.stat().st_size // 20):
        answer = bench.ask_once(choice)
        if answer is not None:
            for what in ("rows", "check"):
                name = {"rows": "rows of the file", "check": "sum of the ratings"}[what]
                bench.check(NAME, name, choice.peer, ours[what], answer[what], 1e-9)


def serve_peer(peer):
    import time

    try:
        package = __import__(peer)
    except ImportError as why:
        missing(why)

    def read(settings):
        if peer == "pandas":
            types = dict(zip(COLUMNS, ("uint32", "uint32", "float32", "int64")))
            return package.read_csv(settings["file"], engine=settings["engine"], dtype=types)
        types = dict(zip(COLUMNS, (package.UInt32, package.UInt32, package.Float32, package.Int64)))
        return package.read_csv(settings["file"], schema=types)

    def burst(settings):
        import os

        read(settings)
        begin_s, worked_begin_s = time.perf_counter(), time.process_time()
        table = read(settings)
        seconds, worked_s = time.perf_counter() - begin_s, time.process_time() - worked_begin_s
        return {"amount": os.path.getsize(settings["file"]), "seconds": seconds, "worked_s": worked_s,
                "rows": len(table), "check": float(table["rating"].cast(package.Float64).sum() if peer == "polars"
                                                   else table["rating"].astype("float64").sum())}

    serve(burst, version=package.__version__)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve_peer(sys.argv[2])
    else:
        run_alone(sys.modules["__main__"])
