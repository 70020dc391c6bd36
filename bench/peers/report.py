"""Results as tables in Markdown."""
from harness import short


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
    """The table of a work: us, share of peak, and each peer."""
    results = [r for r in document["results"] if r["work"] == work]
    peers = list(dict.fromkeys(peer for r in results for peer in r["peers"]))
    lines = ["| case | threads | descent | share of peak | " + " | ".join(peers) + " |",
             "| --- " * (4 + len(peers)) + "|"]
    for result in results:
        share = f"{100 * result['share_of_peak']:.0f} %" if "share_of_peak" in result else ""
        cells = []
        for peer in peers:
            found = result["peers"].get(peer)
            if found is None:
                cells.append("")
            elif "missing" in found:
                cells.append("missing")
            else:
                cells.append(f"{short(found['rate'])} ({found['ratio']:.2f} x)")
        lines.append(f"| {result['case']} | {result['threads']} | {short(result['rate'])} | {share} | "
                     + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
