"""What `descent --help` and the --help of every command list: for tests of all commands."""
import re
import subprocess


def text(program, words):
    done = subprocess.run([program, *words, "--help"], stdout=subprocess.PIPE, text=True,
                          check=True)
    return done.stdout


def sets(program, words=()):
    """(words, names) of every set: (), ["train", ..., "net"], then ("net",), ["trace"]."""
    listed = text(program, words).split("Commands:\n")[1].split("\n\n")[0]
    names = [line.split()[0] for line in listed.splitlines()]
    yield words, names
    for name in names:
        if " COMMAND " in text(program, (*words, name)).splitlines()[0]:
            yield from sets(program, (*words, name))


def commands(program):
    """The words of every command: ("train",), ("net", "trace")."""
    of_sets = dict(sets(program))
    for words, names in of_sets.items():
        yield from ((*words, name) for name in names if (*words, name) not in of_sets)


def options(program, words):
    """The long options of a command, --help too."""
    return re.findall(r"^  (?:-\w, |    )(--[\w-]+)", text(program, words), re.MULTILINE)
