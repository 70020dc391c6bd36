#!/usr/bin/env python3
"""`make bench`: us and every installed peer in turns, in one run.

    bench/peers/main.py [--quick] [--rounds N] [--work TEXT] [--only TEXT] [--build FOLDER] [--output FOLDER]

Writes results.json, bars.md and plots to build/bench, or the folder of --output. A peer that is missing is
said to be missing; bench/setup_peers.sh installs them. Exit status: 0, also when bars are missed; 1 both
sides of a comparison computed different things; 2 usage.
"""
import argparse
import datetime
import importlib
import json
import os
import pathlib
import platform
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import harness
import plot
import report

WORKS = ["training_seed_model", "dense_networks", "wide", "tiny", "ranking", "matrix_factorisation", "alternating_least_squares", "reading", "commands", "growth"]


def options_of(arguments):
    parser = argparse.ArgumentParser(description="Compares descent with other programs in turns.")
    parser.add_argument("--quick", action="store_true", help="small cases and few rounds: whether all works")
    parser.add_argument("--rounds", type=int, default=4, help="bursts of each side in a case")
    parser.add_argument("--work", default="", help="works whose file's name holds this")
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--build", default=str(harness.ROOT / "build/release"), help="where descent is built")
    parser.add_argument("--skip-without-peers", action="store_true",
                        help="exit status 77 where bench/setup_peers.sh has not run")
    parser.add_argument("--output", help="where results go; build/bench if not given")
    return parser.parse_args(arguments)


def cpu_name():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


def environment():
    """Of the machine, without its name."""
    return {"date": datetime.date.today().isoformat(), "processor": cpu_name(), "machine": platform.machine(),
            "processors": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version(),
            "system": platform.system() + " " + platform.release().split("-")[0]}


def run_work(bench, work, options):
    print(f"== {work.NAME}", flush=True)
    work.checks(bench)
    for case in work.cases(bench):
        if options.only in case.name:
            bench.run(work.NAME, case)
            write(bench, options)
    bench.close()


def write(bench, options):
    """What there is so far: results as JSON, bars as a table, plots; the bars and where all that is."""
    folder = pathlib.Path(options.output or bench.folder)
    folder.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([str(bench.build / "bin/descent"), "--version"], stdout=subprocess.PIPE,
                             text=True, check=True).stdout.strip()
    document = {"environment": environment(), "descent": version, "peers": bench.facts, "rounds": bench.rounds,
                "checks": bench.checks, "results": bench.results, "figures": bench.figures}
    (folder / "results.json").write_text(json.dumps(document, indent=1) + "\n")
    (folder / "bars.md").write_text(report.bars(document))
    for name, drawing in plot.drawings(document):
        (folder / name).write_text(drawing)
    return f"{report.bars(document)}\n{folder}/results.json, bars.md, speed.svg, roofline.svg, growth.svg"


def run(works, options):
    bench = harness.Bench(options)
    if options.skip_without_peers and bench.python == sys.executable:
        print("skipped: no peers; bench/setup_peers.sh installs them")
        sys.exit(77)
    if bench.program("machine") is None:
        sys.exit(f"no programs in {bench.build}/bench/peers: build first")
    print(f"{cpu_name()}, {os.cpu_count()} processors; peers by {bench.python}")
    try:
        for work in works:
            run_work(bench, work, options)
    finally:
        bench.close()
    if bench.results or bench.figures:
        print(f"\n{write(bench, options)}")
    different = [check["name"] for check in bench.checks if not check["is_same"]]
    if different:
        sys.exit("not the same on both sides: " + ", ".join(different))


def run_alone(work):
    """One work, of the file that calls."""
    run([work], options_of(sys.argv[1:]))


def main():
    options = options_of(sys.argv[1:])
    run([importlib.import_module(name) for name in WORKS if options.work in name], options)


if __name__ == "__main__":
    main()
