#!/usr/bin/env python3
"""Results as tables in Markdown, and their places in docs/performance.md.

    bench/peers/report.py build/bench/results.json... [NAME.md...] docs/performance.md

Puts the tables of one or several runs where the page has <!-- bench:NAME --> ... <!-- bench end -->, and
the drawings beside the page. Of a case that several runs have, the last counts. A file of Markdown goes to
the place of its own name, such as kernels.md of `make bench-kernels BENCH_OPTIONS=--markdown`. A place for
which there is nothing stays as it is.
"""
import json
import pathlib
import re
import sys

from harness import short


OURS = ("machine", "descent", "descent with one thread")


def number(value):
    return "-" if value is None else f"{value:.3g}"


def bars(document):
    """Every bar of the project beside what was measured."""
    lines = ["| work | case | threads | bar | measured | |", "| --- | --- | --- | --- | --- | --- |"]
    for result in document["results"]:
        for bar in result["bars"]:
            lines.append(f"| {result['work']} | {result['case']} | {result['threads']} | {bar['what']} "
                         f"{bar['bar']:g} | {number(bar['measured'])} | {bar['verdict']} |")
    figures = [figure for figure in document["figures"] if "bar" in figure]
    for figure in figures:
        lines.append(f"| {figure['work']} | {figure['case']} | | at most {figure['bar']:g} {figure['unit']} | "
                     f"{number(figure['value'])} | {figure['verdict']} |")
    verdicts = [bar["verdict"] for result in document["results"] for bar in result["bars"]]
    verdicts += [figure["verdict"] for figure in figures]
    counts = ", ".join(f"{verdicts.count(word)} {word}" for word in ("reached", "missed", "peer missing"))
    return "\n".join(lines) + f"\n\n{counts}.\n"


def rates(document, work):
    """The table of a work: us, shares of what the machine can do where they are known, and each peer."""
    results = [r for r in document["results"] if r["work"] == work]
    peers = list(dict.fromkeys(peer for r in results for peer in r["peers"]))
    shares = {words: key for words, key in (("of peak", "share_of_peak"), ("of memory", "share_of_bandwidth"))
              if any(r.get(key) for r in results)}
    lines = ["| " + " | ".join(["case", "threads", "descent", *shares, *peers]) + " |",
             "| --- " * (3 + len(shares) + len(peers)) + "|"]
    for result in results:
        cells = [f"{100 * result[key]:.0f} %" if key in result else "" for key in shares.values()]
        for peer in peers:
            found = result["peers"].get(peer)
            if found is None:
                cells.append("")
            elif "missing" in found:
                cells.append("missing")
            else:
                cells.append(f"{short(found['rate'])} ({found['ratio']:.2f} x)")
        lines.append("| " + " | ".join([result["case"], str(result["threads"]), short(result["rate"]), *cells]) + " |")
    return "\n".join(lines) + "\n"


def growth(document):
    """Rates along each axis on which the work grows."""
    lines = ["| | | samples/s | share of peak |", "| --- | --- | --- | --- |"]
    for result in document["results"]:
        if result["work"] == "growth of training":
            axis, value = result["knee"]
            lines.append(f"| {axis} | {value:,} | {short(result['rate'])} | {100 * result['share_of_peak']:.0f} % |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else None


def machine(document):
    """Where and when, and what took part."""
    env, results = document["environment"], document["results"]
    peaks = sorted({r["threads"] for r in results})
    said = [f"{env['processor']}, {env['processors']} processors, {env['date']}; {document['descent']}, "
            f"medians of {document['rounds']} rounds. "]
    for threads in peaks:
        mine = [r for r in results if r["threads"] == threads]
        said.append(f"Measured in turns with the rest, {threads} thread{'s' * (threads > 1)}: "
                    f"{max(r['operations_s'] for r in mine) * 1e-9:.0f} GFLOP/s of fused multiplications and additions, "
                    f"{max(r['bytes_s'] for r in mine) * 1e-9:.0f} GB/s read from memory. ")
    loads = [r["load"] for r in results]
    said.append(f"Other work on the machine: a load of {min(loads):.1f} to {max(loads):.1f} when a case began.\n")
    peers = {name: facts for name, facts in document["peers"].items() if name not in OURS}
    said += ["\n| peer | version | kernels of its BLAS |\n| --- | --- | --- |\n"]
    for name, facts in peers.items():
        kernels = {found["kernels"] for r in results for peer, found in r["peers"].items()
                   if peer == name and found.get("kernels")}
        said.append(f"| {name} | {facts.get('version', '')} | {', or '.join(sorted(kernels))} |\n")
    return "".join(said)


def same(document):
    """What was checked to be the same on both sides."""
    lines = ["| work | what | peer | values | largest relative difference |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {c['work']} | {c['name']} | {c['peer']} | {c['n']} | {c['relative_difference']:.0e}"
              f"{'' if c['is_same'] else ', too much'} |" for c in document["checks"]]
    return "\n".join(lines) + "\n"


def figures(document):
    lines = ["| command | | |", "| --- | --- | --- |"]
    lines += [f"| {f['case']} | {f['value']:.3g} {f['unit']} | "
              + (f"at most {f['bar']:g}: {f['verdict']} |" if "bar" in f else "|") for f in document["figures"]]
    return "\n".join(lines) + "\n" if len(lines) > 2 else None


def together(documents):
    """One document of several runs, in the surroundings of that with the most cases."""
    whole = {**max(documents, key=lambda document: len(document["results"])), "peers": {}, "checks": [], "results": [], "figures": []}
    for document in documents:
        whole["peers"].update(document["peers"])
        for name, keys in (("checks", ("work", "name", "peer")), ("results", ("work", "case", "threads")),
                           ("figures", ("work", "case", "unit"))):
            new = {tuple(row[key] for key in keys): row for row in document[name]}
            kept = [row for row in whole[name] if tuple(row[key] for key in keys) not in new]
            whole[name] = kept + list(new.values())
    return whole


def fill(page, document, texts):
    """The page with the tables of the document, and the texts by name, in their places."""
    works = {result["work"] for result in document["results"]}
    tables = {"machine": machine(document), "bars": bars(document), "same": same(document),
              "growth": growth(document), "commands": figures(document)}
    tables.update({work: rates(document, work) for work in works})
    tables.update(texts)

    def replace(match):
        table = tables.get(match.group(1))
        return match.group() if table is None else f"<!-- bench:{match.group(1)} -->\n{table}<!-- bench end -->"

    return re.sub(r"<!-- bench:([^>]*) -->\n(.*?)<!-- bench end -->", replace, page, flags=re.DOTALL)


def main():
    import plot

    if len(sys.argv) < 3:
        sys.exit(__doc__)
    *inputs, page = (pathlib.Path(path) for path in sys.argv[1:])
    document = together([json.loads(path.read_text()) for path in inputs if path.suffix == ".json"])
    texts = {path.stem: path.read_text() for path in inputs if path.suffix == ".md"}
    page.write_text(fill(page.read_text(), document, texts))
    for name, drawing in plot.drawings(document):
        page.with_name(f"{page.stem}-{name}").write_text(drawing)


if __name__ == "__main__":
    main()
