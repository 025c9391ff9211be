"""A terminal of the real program on a real `sshd`, both of this machine: the socket and its words, spoken by hand."""

import base64
import contextlib
import getpass
import json
import os
import secrets
import socket
import struct
import subprocess
import tempfile
import time
import urllib.request

SSHD = "/usr/sbin/sshd"
START_S = 20
WAIT_S = 30
# The first byte of a message, and the numbers of the words that are needed here.
BYTES, WORD = 0, 1
HELLO, TRUST = 0, 4
HOST_KEY, OPEN, ENDED = 1, 3, 6


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def sshd():
    """OpenSSH for whoever runs this; its port, and the key that opens it."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"]
            subprocess.run(command, check=True, timeout=START_S)
        os.chmod(folder, 0o755)
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        port = free_port()
        with open(f"{folder}/config", "w", encoding="utf-8") as config:
            config.write(
                f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
                "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin yes\nPidFile none\n"
            )
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", f"{folder}/config"], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            with open(f"{folder}/user", encoding="utf-8") as key:
                yield port, key.read()
        finally:
            process.terminate()
            process.wait(timeout=START_S)


def wait_for(port):
    deadline = time.monotonic() + START_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def ask(server, method, path, body):
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}{path}", data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
        return json.load(answer)


class Terminal:
    """One session; `drawn` is all that its device sent."""

    def __init__(self, server, device, columns=80, rows=24):
        ticket = ask(server, "POST", "/ws-token", {"purpose": "ssh", "device": device})["ticket"].encode()
        host, port = server.url.removeprefix("http://").split(":")
        self.line = socket.create_connection((host, int(port)), timeout=WAIT_S)
        self.read = self.line.makefile("rb")
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.line.sendall(
            f"GET /ws/ssh/{device} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nAuthorization: Bearer {server.token}\r\n\r\n".encode()
        )
        status = self.read.readline()
        assert b" 101 " in status, status
        while self.read.readline().strip():
            pass
        self.drawn = b""
        self.is_open = self.is_over = False
        self.say(bytes([HELLO]) + text(ticket) + number(columns) + number(rows))
        while not self.is_open:
            self.hear()

    def say(self, word):
        self.send(bytes([WORD]) + word)

    def type(self, keys):
        self.send(bytes([BYTES]) + keys)

    def send(self, message, kind=2):
        mask = secrets.token_bytes(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(message))
        assert len(message) < 65536
        size = bytes([0x80 | len(message)]) if len(message) < 126 else bytes([0xFE]) + struct.pack(">H", len(message))
        self.line.sendall(bytes([0x80 | kind]) + size + mask + masked)

    def hear(self):
        """Takes one message."""
        kind, size = self.read.read(2)
        size &= 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self.read.read(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.read.read(8))
        message = self.read.read(size)
        if kind & 0xF == 9:
            self.send(message, 10)
        elif kind & 0xF == 8:
            self.is_over = True
        elif kind & 0xF == 2 and message[0] == BYTES:
            self.drawn += message[1:]
        elif kind & 0xF == 2:
            self.understand(message[1], message[2:])

    def understand(self, word, rest):
        if word == HOST_KEY:
            for _ in range(3):
                part, rest = first_text(rest)
            self.say(bytes([TRUST]) + text(part))
        elif word == OPEN:
            self.is_open = True
        elif word == ENDED:
            self.is_over = True
            assert self.is_open, f"it ended before it began: {rest}"

    def until(self, wanted):
        while wanted not in self.drawn:
            assert not self.is_over, self.drawn
            self.hear()

    def end(self):
        while not self.is_over:
            self.hear()
        self.line.close()


def number(value):
    """As postcard writes it: seven bits a byte, the lowest first."""
    parts = []
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def text(value):
    return number(len(value)) + value


def first_text(rest):
    size, shift = 0, 0
    for place, byte in enumerate(rest):
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return rest[place + 1 : place + 1 + size], rest[place + 1 + size :]
    raise ValueError("it ends in the middle of a number")


def login(port, key):
    return {"username": getpass.getuser(), "private_key": key, "port": port}
