"""The real program on a data folder of its own, with an admin and a token. `$ROUTEWARDEN_BIN` is the program."""

import collections
import contextlib
import os
import queue
import re
import subprocess
import tempfile
import threading
import urllib.request

PASSWORD = "correct horse battery\n"
# How long the program may take to start, and each subcommand to its end.
START_S = 30
STOP_S = 20
# What it said last is shown when it does not start.
LINES_KEPT = 40


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.tell("user", "add", "admin", "--role", "admin", "--password-stdin")
        made = self.tell("token", "create", "--user", "admin", "--name", "client", "--scope", "write")
        self.token = made.strip()
        command = [os.environ["ROUTEWARDEN_BIN"], "serve", "--listen", "127.0.0.1:0", "--data-dir", folder]
        self.said = collections.deque(maxlen=LINES_KEPT)
        self.addresses = queue.Queue()
        self.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", cwd=folder
        )
        try:
            self.reader = threading.Thread(target=self.read, daemon=True)
            self.reader.start()
            self.url = self.first_address()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def read(self):
        """Hears what the program says to its end: it must not wait for a reader."""
        for line in self.process.stderr:
            self.said.append(line)
            if found := address(line):
                self.addresses.put(found)
        self.addresses.put(None)

    def first_address(self):
        """Where the program says that it listens."""
        try:
            found = self.addresses.get(timeout=START_S)
            why = "ended before it listened"
        except queue.Empty:
            found, why = None, f"said no address within {START_S} s"
        if found is None:
            raise RuntimeError(f"the server {why}; it said last:\n{''.join(self.said)}")
        return found

    def stop(self):
        """Ends the program; one that does not end by itself is a failure, but does not stay."""
        self.process.terminate()
        try:
            self.process.wait(timeout=STOP_S)
        finally:
            self.process.kill()
            self.process.wait()

    def tell(self, *words):
        """What a subcommand prints."""
        command = [os.environ["ROUTEWARDEN_BIN"], *words, "--data-dir", self.folder]
        done = subprocess.run(
            command, input=PASSWORD, text=True, check=True, stdout=subprocess.PIPE, timeout=START_S
        )
        return done.stdout

    def get(self, path):
        """The answer to whoever holds the token."""
        request = urllib.request.Request(f"{self.url}{path}", headers={"Authorization": f"Bearer {self.token}"})
        return urllib.request.urlopen(request, timeout=10)

    def is_up(self):
        with self.get("/health") as answer:
            return answer.status == 200


def address(line):
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    return found and found.group()


@contextlib.contextmanager
def running():
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            yield server
        finally:
            server.stop()
