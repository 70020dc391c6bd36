#!/usr/bin/env python3
"""How the program behaves as a process: signals, closed and full streams, terminals."""
import fcntl
import os
import pty
import re
import resource
import signal
import struct
import subprocess
import termios
import time

import tool

ENDLESS = ["--form", "perceptron", "--epochs", "1000000", "--patience", "1000000",
           "--factors", "4", "--hidden", "8,4"]


class Interruption(tool.ToolTest):
    def start(self, *options):
        """Training that would not end, with its first line of an epoch read."""
        process = subprocess.Popen([tool.DESCENT, "train", "ratings.csv", *ENDLESS, *options],
                                   cwd=self.path, stderr=subprocess.PIPE, encoding="utf-8")
        self.addCleanup(process.kill)
        for line in process.stderr:
            if line.startswith("epoch "):
                return process
        raise AssertionError("no epoch ended")

    def test_keeps_the_best_epoch_beside_the_model(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            self.write("kept.st", "an older model")
            process = self.start("-o", "kept.st")
            process.send_signal(number)
            _, said = process.communicate(timeout=tool.TIMEOUT_S)
            self.assertEqual(process.returncode, 130, said)
            self.assertRegex(said, r"interrupted; the model of epoch \d+.* is in kept\.st\.partial")
            self.assertEqual((self.path / "kept.st").read_text(), "an older model")
            self.good("inspect", "kept.st.partial")
            (self.path / "kept.st.partial").unlink()

    def test_before_the_first_epoch_nothing_is_saved(self):
        # One epoch of single ratings in a wide network outlasts the start of the process.
        process = subprocess.Popen(
            [tool.DESCENT, "train", "ratings.csv", "-o", "none.st", "--form", "perceptron", "--batch",
             "1", "--epochs", "1", "--hidden", "4096,2048", "--factors", "16"],
            cwd=self.path, stderr=subprocess.PIPE, encoding="utf-8")
        self.addCleanup(process.kill)
        for line in process.stderr:
            if line.startswith("Scale"):
                break
        while process.poll() is None and not self.catches_interrupt(process.pid):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=tool.TIMEOUT_S)
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("before the first epoch ended; nothing was saved", said)
        self.assertEqual(list(self.path.glob("none.st*")), [])

    @staticmethod
    def catches_interrupt(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            caught = re.search(r"SigCgt:\s*([0-9a-f]+)", status.read()).group(1)
        return int(caught, 16) >> (signal.SIGINT - 1) & 1

    def test_an_ignored_signal_stays_ignored(self):
        process = subprocess.Popen(
            [tool.DESCENT, "train", "ratings.csv", "-o", "on.st", "-q", *tool.FEW_EPOCHS],
            cwd=self.path, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(tool.TIMEOUT_S), 0)


class Streams(tool.ToolTest):
    def test_full_disk(self):
        commands = (["--help"], ["train", "--help"], ["inspect", "model.safetensors"],
                    ["inspect", "model.safetensors", "--json"],
                    ["recommend", "model.safetensors", "--all"],
                    ["recommend", "model.safetensors", "--all", "--json"],
                    ["predict", "model.safetensors", "ratings.csv", "--csv"], ["demo"])
        for command in commands:
            with open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([tool.DESCENT, *command], cwd=self.path, stdout=full,
                                      stderr=subprocess.PIPE, encoding="utf-8",
                                      timeout=tool.TIMEOUT_S, check=False)
            self.assertEqual(done.returncode, 5, command)
            self.assertIn("standard output: could not be written whole: No space left", done.stderr)

    def test_a_limit_on_the_size_of_files(self):
        done = subprocess.run(
            [tool.DESCENT, "train", "ratings.csv", "-o", "limited.st", "-q", *tool.FEW_EPOCHS],
            cwd=self.path, stderr=subprocess.PIPE, encoding="utf-8", timeout=tool.TIMEOUT_S, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("limited.st: cannot write: File too large", done.stderr)
        self.assertEqual([path for path in self.path.iterdir() if "limited" in path.name], [])

    def test_closed_standard_output(self):
        done = subprocess.run(["/bin/sh", "-c", '"$0" inspect model.safetensors >&-', tool.DESCENT],
                              cwd=self.path, stderr=subprocess.PIPE, encoding="utf-8",
                              timeout=tool.TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertIn("standard output: could not be written", done.stderr)

    def test_a_closed_stream_does_not_reach_into_files(self):
        command = '"$0" train ratings.csv -o closed.st -q "$@" <&- >&- 2>&-'
        done = subprocess.run(["/bin/sh", "-c", command, tool.DESCENT, *tool.FEW_EPOCHS],
                              cwd=self.path, timeout=tool.TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual((self.path / "closed.st").read_bytes(),
                         (self.path / "model.safetensors").read_bytes())

    def test_a_reader_that_leaves_is_no_error_message(self):
        for ignores_pipe in (False, True):
            reader, writer = os.pipe()
            os.close(reader)
            done = subprocess.run(
                [tool.DESCENT, "recommend", "model.safetensors", "--all", "-n", "30"],
                cwd=self.path, stdout=writer, stderr=subprocess.PIPE, timeout=tool.TIMEOUT_S,
                check=False, restore_signals=not ignores_pipe)
            os.close(writer)
            self.assertEqual(done.returncode, 5 if ignores_pipe else -signal.SIGPIPE)
            self.assertEqual(done.stderr, b"")


class Terminals(tool.ToolTest):
    def run_on_terminal(self, words, columns, stream, terminal="xterm"):
        """What a terminal of so many columns receives on standard output or error."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: slave}
        process = subprocess.Popen([tool.DESCENT, *words], cwd=self.path,
                                   env={"TERM": terminal}, **streams)
        os.close(slave)
        received = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError: # how Linux reports that the other side is closed
                part = b""
            if not part:
                break
            received += part
        os.close(master)
        self.assertEqual(process.wait(tool.TIMEOUT_S), 0)
        return received.decode().replace("\r\n", "\n")

    def test_long_titles_are_cut_to_the_width(self):
        self.write("titles.csv", "".join(f"i{i},Übergröße 映画 {i} {'long ' * 30}\n"
                                         for i in range(30)))
        words = ["recommend", "model.safetensors", "-u", "u1", "--items", "titles.csv"]
        lines = self.run_on_terminal(words, 60, "stdout").splitlines()
        self.assertEqual(len(lines), 11)
        for line in lines[1:]:
            width = sum(2 if ord(c) >= 0x2E80 else 1 for c in line)
            self.assertEqual(width, 60, line)
            self.assertIn("…", line)
        self.assertNotIn("…", self.good(*words))

    def test_pairs_from_a_terminal_are_asked_for(self):
        master, slave = pty.openpty()
        os.write(master, b"u1,i1\n\x04")
        done = subprocess.run([tool.DESCENT, "predict", "model.safetensors", "--csv"], cwd=self.path,
                              stdin=slave, capture_output=True, encoding="utf-8",
                              timeout=tool.TIMEOUT_S, check=False)
        os.close(slave)
        os.close(master)
        self.assertRegex(done.stderr, "^Reading pairs from the terminal: .*Ctrl-D")
        self.assertIn("\nu1,i1,", done.stdout)

    def test_progress_bar(self):
        words = ["train", "ratings.csv", "-o", "bar.st", *tool.FEW_EPOCHS]
        text = self.run_on_terminal(words, 80, "stderr")
        self.assertRegex(text, r"\repoch 3/3 \[#{24}\]  best RMSE \d\.\d+ \(epoch \d\)")
        self.assertNotIn("epoch 3 of at most", text)
        narrow = self.run_on_terminal(words, 20, "stderr")
        for drawn in re.findall(r"\r(epoch[^\033]*)\033\[K", narrow):
            self.assertLess(len(drawn), 20)
        dumb = self.run_on_terminal(words, 80, "stderr", "dumb")
        self.assertNotIn("\033", dumb)
        self.assertIn("epoch 3 of at most 3", dumb)
        self.assertEqual(self.run_on_terminal(["train", "-q", *words[1:]], 80, "stderr"), "")


if __name__ == "__main__":
    tool.main()
