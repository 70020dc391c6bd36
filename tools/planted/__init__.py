"""The bugs that tools/mutants.py plants in the engine, one at a time: name, file, old text, new text.

The old text must occur exactly once in the file; a mutant that no longer applies is to be written anew for the
code that took its place. What stands here is what people get wrong: signs, factors, transposes, what is
kept between the passes. A change that no test could see, such as another order of the same sum, does not
belong here.
"""

from . import asking, kernels, math, network, ratings, samples, tiles, training

MUTANTS = [
    *kernels.MUTANTS,
    *math.MUTANTS,
    *network.MUTANTS,
    *ratings.MUTANTS,
    *samples.MUTANTS,
    *tiles.MUTANTS,
    *training.MUTANTS,
    *asking.MUTANTS,
]
