"""The real program on a data folder of its own, with an admin and a token. `$ROUTEWARDEN_BIN` is the program."""

import contextlib
import os
import re
import subprocess
import tempfile
import threading
import urllib.request

PASSWORD = "correct horse battery\n"


class Server:
    def __init__(self, folder):
        self.folder = folder
        self.tell("user", "add", "admin", "--role", "admin", "--password-stdin")
        made = self.tell("token", "create", "--user", "admin", "--name", "client", "--scope", "write")
        self.token = made.strip()
        command = [os.environ["ROUTEWARDEN_BIN"], "serve", "--listen", "127.0.0.1:0", "--data-dir", folder]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder)
        self.url = next(filter(None, map(address, self.process.stderr)))
        # Nobody reads what it says from now on, but it must not wait for a reader.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def tell(self, *words):
        """What a subcommand prints."""
        command = [os.environ["ROUTEWARDEN_BIN"], *words, "--data-dir", self.folder]
        return subprocess.run(command, input=PASSWORD, text=True, check=True, stdout=subprocess.PIPE).stdout

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
            server.process.terminate()
            server.process.wait(timeout=20)
