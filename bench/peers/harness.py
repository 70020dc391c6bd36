"""What the comparisons of `make bench` share: programs in turns, rounds, ratios, checks, results.

A work (training_seed_model.py, ranking.py, ...) lists cases. In a case our program and the peers are
set up once and then measured in turns, a burst each, together with a loop that finds what the processor
and the memory can do; so what else runs on the machine slows all alike. A peer comes with several
settings of its own; the first round tries all, and the fastest goes on. Rates are medians over rounds,
ratios the medians of the rounds' own ratios. With one thread time is the processor's, so that other
programs take none of it, else it is what passes.

A program of a contest prints {"ready": 1, ...} when it is set up, or {"missing": why}; then for each
line of standard input it runs one burst and prints a record {"amount": ..., "seconds": ...,
"worked_s": ...}. In that line Python programs find settings as JSON.
"""
import json
import os
import pathlib
import select
import statistics
import subprocess
import sys
import time
from typing import NamedTuple, Optional

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIMEOUT_S = 120  # of one burst with its set-up: what takes longer is left out, and said so


ALONE = "descent with one thread"


class Failure(Exception):
    """A program ended, answered nonsense or took too long."""


class Program:
    """A process that measures one burst for each question."""

    def __init__(self, command, env=None):
        self.command = [str(word) for word in command]
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(env or {})})
        os.set_blocking(self.process.stdout.fileno(), False)
        self.buffer = b""
        self.facts = self._read()

    def _fail(self, what):
        self.process.kill()
        said = self.process.communicate()[1].decode(errors="replace").strip().splitlines()
        raise Failure(f"{pathlib.Path(self.command[0]).name}: {what}{': ' + said[-1] if said else ''}")

    def _read(self):
        end = time.monotonic() + TIMEOUT_S
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            if not ready:
                self._fail(f"no answer in {TIMEOUT_S} s")
            part = self.process.stdout.read()
            if part == b"":
                self._fail("it ended")
            self.buffer += part or b""
        line, self.buffer = self.buffer.split(b"\n", 1)
        try:
            return json.loads(line)
        except ValueError:
            self._fail(f"printed {line[:60]!r}")

    def ask(self, settings=None):
        try:
            self.process.stdin.write(json.dumps(settings or {}).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self._fail("it ended")
        record = self._read()
        if "error" in record:
            raise Failure(record["error"])
        return record

    def is_running(self):
        return self.process.poll() is None

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.stdout.close()
        self.process.stderr.close()


class Choice(NamedTuple):
    """One way to run a peer: a program, which several cases and settings may share, and settings."""

    peer: str
    command: tuple
    env: tuple = ()  # of (name, value)
    settings: Optional[dict] = None
    label: str = ""  # of what is tried, as "sparse gradients, AVX-512"


class Case(NamedTuple):
    """What is measured in turns."""

    name: str
    unit: str  # of the amounts: "samples"
    ours: tuple  # the command of our program
    choices: tuple = ()
    threads: int = 1
    rounds: int = 0  # most rounds, of what takes long; 0: those of the run
    operations: float = 0  # floating-point operations of one unit; 0: not said
    bytes: float = 0  # read or written in memory for one unit; 0: not said
    bars: tuple = ()  # of (peer, ratio)
    peak_bar: float = 0  # least share of the measured peak
    rate_bar: float = 0  # least rate
    time_bar: float = 0  # most seconds for one unit
    one_thread: tuple = ()  # the command of ours with one thread, and the least gain over it
    by_clock: bool = False  # one thread too is compared by the seconds that pass, not by the processor's
    knee: tuple = ()  # (axis, value): part of a series in which cost grows with the work


class Bench:
    """A run: where things are, how long it may take, and what it has found."""

    def __init__(self, options):
        self.is_quick = options.quick
        self.rounds = 2 if self.is_quick else options.rounds
        self.build = pathlib.Path(options.build).resolve()
        self.folder = self.build.parent / "bench"
        self.data = self.folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        python = self.build.parent / "peers/bin/python"
        self.python = str(python if python.exists() else sys.executable)
        self.programs, self.failed = {}, {}  # by the command and the environment of a choice
        self.results, self.checks, self.figures, self.facts = [], [], [], {}

    def program(self, name):
        """One of ours, or a peer in C: below the build's bench/peers; None where it is not built."""
        path = self.build / "bench/peers" / name
        return str(path) if path.exists() else None

    def serve(self, module, peer):
        """The command that runs a peer in Python: the file of the work with --serve."""
        return (self.python, "-B", str(pathlib.Path(module).resolve()), "--serve", peer)

    def ratings(self, users, items, draws):
        """The path of made-up ratings, made on the first call."""
        path = self.data / f"ratings-{users}-{items}-{draws}.csv"
        if not path.exists():
            unfinished = path.with_suffix(".part")
            with open(unfinished, "wb") as out:
                subprocess.run([self.program("make_ratings"), str(users), str(items), str(draws), "1"],
                               check=True, stdout=out)
            unfinished.rename(path)
        return path

    def _start(self, choice):
        """The running program of a choice; None where the peer is missing."""
        key = (choice.command, choice.env)
        if key in self.failed:
            return None
        if key not in self.programs:
            try:
                if choice.command[0] is None:
                    raise Failure("not built: its library is not installed")
                program = Program(choice.command, dict(choice.env))
                if "missing" in program.facts:
                    program.close()
                    raise Failure(program.facts["missing"])
                self.programs[key] = program
                self.facts.setdefault(choice.peer, {}).update(
                    {name: value for name, value in program.facts.items() if name != "ready"})
            except (Failure, OSError) as why:
                self.failed[key] = str(why)
                return None
        return self.programs[key]

    def close(self):
        for program in self.programs.values():
            program.close()
        self.programs = {}

    def _burst(self, case, choice):
        """A record and its rate; None where there is none."""
        record = self.ask_once(choice)
        if record is None:
            return None
        by_work = case.threads == 1 and not case.by_clock and "worked_s" in record
        seconds = record["worked_s"] if by_work else record["seconds"]
        record["rate"] = record["amount"] / max(seconds, 1e-9)
        return record

    def _best_choices(self, case):
        """Of each peer the fastest setting, after a burst of each; and who is missing, and why."""
        best, missing = {}, {}
        for choice in case.choices:
            record = self._burst(case, choice)
            if record is None:
                missing[choice.peer] = self.failed.get((choice.command, choice.env), "failed")
            elif choice.peer not in best or record["rate"] > best[choice.peer][1]:
                best[choice.peer] = (choice, record["rate"])
        return ({peer: choice for peer, (choice, _) in best.items()},
                {peer: why for peer, why in missing.items() if peer not in best})

    def run(self, work, case):
        """Measures a case, and keeps and prints what was found."""
        machine = Choice("machine", (self.program("machine"), "--threads", str(case.threads)))
        ours = Choice("descent", tuple(str(word) for word in case.ours))
        alone = Choice(ALONE, tuple(str(word) for word in case.one_thread[0])) if case.one_thread else None
        load = os.getloadavg()[0]
        best, missing = self._best_choices(case)
        rounds = []
        for _ in range(min(self.rounds, case.rounds or self.rounds)):
            records = {"machine": self._start(machine).ask(), "descent": self._burst(case, ours)}
            if records["descent"] is None:
                raise SystemExit(f"{case.name}: {self.failed.get((ours.command, ours.env))}")
            if alone is not None:
                records[ALONE] = self._burst(case, alone)
            for peer, choice in best.items():
                records[peer] = self._burst(case, choice)
            rounds.append(records)
        self._stop(ours)
        if alone is not None:
            self._stop(alone)
        result = {**summarise(work, case, rounds, best, missing), "load": load}
        self.results.append(result)
        print_result(result)

    def _stop(self, choice):
        program = self.programs.pop((choice.command, choice.env), None)
        if program is not None:
            program.close()

    def check(self, work, name, peer, ours, theirs, tolerance=1e-4):
        """Keeps whether both sides computed the same; curves, or single numbers."""
        ours, theirs = (list(v) if isinstance(v, (list, tuple)) else [v] for v in (ours, theirs))
        largest = max((abs(a - b) / max(abs(b), 1e-12) for a, b in zip(ours, theirs)), default=float("inf"))
        is_same = len(ours) == len(theirs) and largest <= tolerance
        self.checks.append({"work": work, "name": name, "peer": peer, "n": len(ours), "descent_last": ours[-1],
                            "peer_last": theirs[-1], "relative_difference": largest,
                            "tolerance": tolerance, "is_same": is_same})
        print(f"  same: {name}, {peer}: {len(ours)} values, apart by {largest:.1e}"
              f"{'' if is_same else f': NOT THE SAME, more than {tolerance:g}'}", flush=True)

    def figure(self, work, case, unit, value, most=0):
        """Keeps and prints a number that is measured alone; most: its bar, 0 for none."""
        found = {"work": work, "case": case, "unit": unit, "value": value}
        if most:
            found.update(bar=most, verdict=verdict(value, most, True))
        self.figures.append(found)
        said = f"; bar: at most {most:g}: {found['verdict']}" if most else ""
        print(f"{case}: {value:.3g} {unit}{said}", flush=True)

    def ask_once(self, choice):
        """One answer of a peer; None where it is missing, or fails, and a program that ended is not asked
        again."""
        program = self._start(choice)
        if program is None:
            return None
        try:
            return program.ask(choice.settings)
        except Failure as why:
            print(f"    {choice.peer}, {choice.label}: {why}", file=sys.stderr, flush=True)
            if not program.is_running():
                self._stop(choice)
                self.failed[(choice.command, choice.env)] = str(why)
            return None


def lines_of(command):
    """The records that a program of ours prints when it is not asked to take turns."""
    done = subprocess.run([str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def middle(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def verdict(value, bar, is_less_better=False):
    if value is None:
        return "peer missing"
    return "reached" if (value <= bar if is_less_better else value >= bar) else "missed"


def summarise(work, case, rounds, best, missing):
    """What a case's rounds say, as it goes into the JSON."""
    bars = dict(case.bars)
    ours = [r["descent"]["rate"] for r in rounds]
    result = {"work": work, "case": case.name, "unit": case.unit, "threads": case.threads,
              "rate": middle(ours), "rates": ours, "knee": list(case.knee), "peers": {}, "bars": []}
    if case.operations:
        result["share_of_peak"] = middle(
            [r["descent"]["rate"] * case.operations / r["machine"]["operations_s"] for r in rounds])
        result["gflops"] = result["rate"] * case.operations * 1e-9
    if case.bytes:
        result["intensity"] = case.operations / case.bytes
        result["share_of_bandwidth"] = middle(
            [r["descent"]["rate"] * case.bytes / r["machine"]["bytes_s"] for r in rounds])
    for name in ("operations_s", "bytes_s"):
        result[name] = middle([r["machine"][name] for r in rounds])
    for peer, choice in best.items():
        both = [(r["descent"], r[peer]) for r in rounds if r[peer] is not None]
        result["peers"][peer] = {
            "rate": middle([p["rate"] for _, p in both]), "rates": [p["rate"] for _, p in both],
            "ratio": middle([o["rate"] / p["rate"] for o, p in both]), "setting": choice.label,
            "kernels": middle_text([p.get("kernels") for _, p in both])}
    for peer, why in missing.items():
        result["peers"][peer] = {"missing": why}
    if case.one_thread:
        gain = middle([r["descent"]["rate"] / r[ALONE]["rate"] for r in rounds])
        result["gain_of_threads"] = gain
        result["bars"].append({"what": "times one thread", "bar": case.one_thread[1], "measured": gain,
                               "verdict": verdict(gain, case.one_thread[1])})
    for peer, bar in bars.items():
        ratio = result["peers"].get(peer, {}).get("ratio")
        result["bars"].append({"what": f"times {peer}", "bar": bar, "measured": ratio,
                               "verdict": verdict(ratio, bar)})
    if case.peak_bar:
        share = result["share_of_peak"]
        result["bars"].append({"what": "share of peak", "bar": case.peak_bar, "measured": share,
                               "verdict": verdict(share, case.peak_bar)})
    if case.rate_bar:
        result["bars"].append({"what": f"{case.unit} a second", "bar": case.rate_bar,
                               "measured": result["rate"],
                               "verdict": verdict(result["rate"], case.rate_bar)})
    if case.time_bar:
        seconds = 1 / result["rate"]
        result["bars"].append({"what": f"seconds for one of the {case.unit}", "bar": case.time_bar,
                               "measured": seconds, "verdict": verdict(seconds, case.time_bar, True)})
    return result


def middle_text(values):
    values = [value for value in values if value]
    return values[-1] if values else None


def short(number):
    """Three digits and a letter: 1.23 M."""
    for limit, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= limit:
            return f"{number / limit:.3g}{letter}"
    return f"{number:.3g}"


def print_result(result):
    share = f", {100 * result['share_of_peak']:.0f} % of peak" if "share_of_peak" in result else ""
    if "share_of_bandwidth" in result:
        share += f", {100 * result['share_of_bandwidth']:.0f} % of memory bandwidth"
    print(f"{result['case']}, {result['threads']} thread{'s' * (result['threads'] > 1)}: "
          f"{short(result['rate'])} {result['unit']}/s{share}")
    for peer, found in result["peers"].items():
        if "missing" in found:
            print(f"    {peer:14} missing: {found['missing']}")
        else:
            print(f"    {peer:14} {short(found['rate']):>9} {result['unit']}/s, we are {found['ratio']:.2f} "
                  f"times as fast ({found['setting']})")
    for bar in result["bars"]:
        measured = "-" if bar["measured"] is None else f"{bar['measured']:.3g}"
        print(f"    bar: {bar['what']} {bar['bar']:g}, measured {measured}: {bar['verdict']}")
    sys.stdout.flush()


# --- the peers' side ----------------------------------------------------------------------------


def missing(why):
    """Ends a peer's program: the package is not there."""
    print(json.dumps({"missing": str(why)}), flush=True)
    sys.exit(0)


def serve(burst, **facts):
    """Answers each line of settings with burst(settings), a record, until the input ends."""
    print(json.dumps({"ready": 1, **facts}), flush=True)
    for line in sys.stdin:
        try:
            answer = burst(json.loads(line))
        except Exception as why:  # whatever a peer raises is its answer; the others go on
            answer = {"error": f"{type(why).__name__}: {why}"}
        print(json.dumps(answer), flush=True)


def timed(step, least_s=0.3):
    """Calls step(), which returns an amount, for least_s or longer; the record."""
    amount, begin_s, worked_begin_s = 0, time.perf_counter(), time.process_time()
    while True:
        amount += step()
        seconds = time.perf_counter() - begin_s
        if seconds >= least_s:
            return {"amount": amount, "seconds": seconds, "worked_s": time.process_time() - worked_begin_s}


def blas_kernels():
    """What each BLAS in this process picked, by threadpoolctl; None without it."""
    try:
        import threadpoolctl
    except ImportError:
        return None
    return "; ".join(f"{pool['prefix']} {pool['version']} {pool.get('architecture', '')}".strip()
                     for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas")
