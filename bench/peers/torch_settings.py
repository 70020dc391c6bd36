"""How PyTorch is run: the settings of its own among which each case finds the fastest."""
import pathlib

from harness import Choice


def has_avx512():
    try:
        return "avx512f" in pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def environments(threads):
    """(label, environment): kernels of its own and of OpenBLAS. The first is what both pick by
    themselves; with several threads OpenBLAS may be better off with one, and both with threads that sleep
    while they wait."""
    # what a user may have set must not decide
    common = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    wide = {"ATEN_CPU_CAPABILITY": "avx512", "OPENBLAS_CORETYPE": "SkylakeX"}
    found = [("as it picks", common)]
    if has_avx512():
        found.append(("AVX-512, OpenBLAS for SkylakeX", {**common, **wide}))
        if threads > 1:
            found.append(("AVX-512, OpenBLAS for SkylakeX with one thread",
                          {**common, **wide, "OPENBLAS_NUM_THREADS": "1"}))
            found.append(("AVX-512, OpenBLAS for SkylakeX, threads that sleep",
                          {**common, **wide, "OMP_WAIT_POLICY": "passive"}))
    return [(label, tuple(sorted(env.items()))) for label, env in found]


def choices(bench, module, threads, settings):
    """A Choice for each environment and each of `settings`, a list of (label, dict); where there are
    several threads to be had, also those with one alone."""
    return tuple(Choice("PyTorch", bench.serve(module, "torch"), env, {**values, "threads": used},
                        ", ".join([word for word in (label, name) if word] + [f"threads {used}"] * (threads > 1)))
                 for used in sorted({1, threads}) for name, env in environments(used) for label, values in settings)
