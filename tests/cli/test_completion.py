#!/usr/bin/env python3
"""Completion as it happens at a prompt: test_completion.py PROGRAM bash|zsh|fish

Starts the shell, loads what `descent completion SHELL` prints and asks it to complete lines: the
commands of --help, every option of every command, choices, files and folders. Exit status: 0 all
right, 1 not, 77 the shell is not installed.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

import help_pages

DEADLINE_S = 60
# The line so far, and all that may follow it; the working folder has the files and the folder.
FILES, FOLDERS = ("one two.csv", "onward.csv"), ("outward",)
CASES = [
    ("descent net tr", ["trace"]),
    ("descent train --opt", ["--optimizer"]),
    ("descent train --optimizer ", ["sgd", "adam", "lbfgs", "als", "twin-adagrad"]),
    ("descent train --form ", ["histories", "dot", "perceptron", "mixed", "user-autorec",
                               "item-autorec", "ials"]),
    ("descent train one.csv --header ", ["detect", "yes", "no"]),
    ("descent train --on-error=s", ["stop", "skip"]),
    ("descent net trace -f ", ["text", "markdown", "latex", "json", "html"]),
    ("descent train --rate ", []),
    ("descent recommend --user ", []),
    ("descent completion ", ["bash", "zsh", "fish"]),
    ("descent evaluate on", list(FILES)),
    ("descent train --output on", list(FILES)),
    ("descent recommend m -t on", list(FILES)),
    ("descent demo --directory o", list(FOLDERS)),
]


def cases_of_help(program):
    """Commands and options, as --help lists them."""
    for words, names in help_pages.sets(program):
        yield " ".join(["descent", *words, ""]), names
    for words in help_pages.commands(program):
        yield " ".join(["descent", *words, "--"]), help_pages.options(program, words)


class Terminal:
    """A shell at a terminal whose Ctrl-T inserts all that may follow instead of listing it."""

    # Echo is off so that only what is printed comes back.
    SETUP = {
        "bash": "PS1=; bind 'set bell-style none'; bind '\"\\C-t\": insert-completions'; "
                "bind 'set enable-bracketed-paste off'; bind 'set completion-query-items 0'; "
                "source ./script",
        "zsh": "PS1= RPS1= PROMPT_EOL_MARK= ; unsetopt prompt_sp zle_bracketed_paste; "
               "autoload -U compinit; compinit -u -D; "
               "zle -C all-matches complete-word _generic; bindkey '^T' all-matches; "
               "bindkey '^A' beginning-of-line; "
               "zstyle ':completion:all-matches::::' completer _all_matches _complete; "
               "zstyle ':completion:all-matches:*' insert true; source ./script",
    }
    ARGUMENTS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"]}

    def __init__(self, shell, folder):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.environ.update(TERM="dumb", LC_ALL="C.UTF-8", HISTFILE="", HOME=folder)
            os.execvp(shell, [shell, *self.ARGUMENTS[shell]])
        self.pid, self.text = pid, ""
        self.send(self.SETUP[shell] + "; printf 'rea%s\\n' dy\n")
        self.wait(r"\nready\r?\n")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, pattern):
        end = time.monotonic() + DEADLINE_S
        while not (found := re.search(pattern, self.text, re.DOTALL)):
            ready, _, _ = select.select([self.fd], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                raise TimeoutError(f"no {pattern!r} in {self.text!r}")
            self.text += os.read(self.fd, 65536).decode(errors="replace")
        self.text = self.text[found.end():]
        return found

    def complete(self, line):
        """The words after the last blank or = of `line`, completed in every possible way."""
        self.send(line + "\x14" + "\x01printf '<%s>' \x05; printf '{%s}\\n' done\n")
        printed = self.wait(r"\n?((?:<[^<>]*>)+)\{done\}").group(1)
        words = re.findall(r"<([^<>]*)>", printed)
        return words[len(line.split(" ")) - 1:]

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


class Fish:
    def __init__(self, _, folder):
        self.folder = folder

    def complete(self, line):
        done = subprocess.run(
            ["fish", "--no-config", "-c", "source ./script; complete -C $argv[1]", line],
            cwd=self.folder, env={**os.environ, "HOME": self.folder}, stdout=subprocess.PIPE,
            text=True, check=True, timeout=DEADLINE_S)
        words = [row.split("\t")[0] for row in done.stdout.splitlines()]
        return [re.sub(r"\\(.)", r"\1", word) for word in words]

    def close(self):
        pass


def plain(words, line):
    """Words without the = and / that a shell adds, and without the option of "--option=value"."""
    last = line.split(" ")[-1]
    stem = last[:last.find("=") + 1]
    kept = [word[len(stem):] if stem and word.startswith(stem) else word for word in words]
    return sorted({word.rstrip("=/ ") for word in kept} - {""})


def main(program, shell):
    if shutil.which(shell) is None:
        print(f"skipped: {shell} is not installed (group docs of packaging/debian-packages.txt)")
        return 77
    cases = CASES + list(cases_of_help(program))
    n_faults = 0
    with tempfile.TemporaryDirectory() as folder:
        with open(pathlib.Path(folder, "script"), "wb") as script:
            subprocess.run([program, "completion", shell], stdout=script, check=True)
        for name in FILES:
            pathlib.Path(folder, name).touch()
        for name in FOLDERS:
            pathlib.Path(folder, name).mkdir()
        asked = (Fish if shell == "fish" else Terminal)(shell, folder)
        for line, expected in cases:
            found = plain(asked.complete(line), line)
            if found != sorted(expected):
                n_faults += 1
                print(f"{line!r}: found {found}, expected {sorted(expected)}", file=sys.stderr)
        asked.close()
    print(f"{shell}: {len(cases)} lines completed, {n_faults} faults")
    return 1 if n_faults else 0


if __name__ == "__main__":
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]))
