"""How PyTorch is run: the settings of its own among which each case finds the fastest."""
import pathlib

from harness import Choice


def has_avx512():
    try:
        return "avx512f" in pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return False


def environments(threads):
    """(label, environment): kernels of its own and of OpenBLAS. The second is what OpenBLAS and
    PyTorch pick by themselves; with several threads one of them alone may be better off with one."""
    # what a user may have set must not decide
    common = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    wide = {"ATEN_CPU_CAPABILITY": "avx512", "OPENBLAS_CORETYPE": "SkylakeX"}
    found = [("as it picks", common)]
    if has_avx512():
        found.append(("AVX-512, OpenBLAS for SkylakeX", {**common, **wide}))
        if threads > 1:
            found.append(("AVX-512, OpenBLAS for SkylakeX with one thread",
                          {**common, **wide, "OPENBLAS_NUM_THREADS": "1"}))
    return [(label, tuple(sorted(env.items()))) for label, env in found]


def choices(bench, module, threads, settings):
    """A Choice for each environment and each of `settings`, a list of (label, dict)."""
    return tuple(Choice("PyTorch", bench.serve(module, "torch"), env, {**values, "threads": threads},
                        ", ".join(word for word in (label, name) if word))
                 for name, env in environments(threads) for label, values in settings)
