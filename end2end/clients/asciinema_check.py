"""A terminal on a real `sshd` is recorded, and the recording is read by `asciinema`: what it prints is what the
device sent. What was typed without an echo is nowhere."""

import json
import os
import subprocess
import sys
import tempfile
import time

import _server
import _terminal
from _simulated import check

SECRETS = [f"planted-secret-{number:02}" for number in range(20)]
WAIT_S = 30
# Colours, characters of two and four bytes that come in two writes, and a byte that is no text.
LINES = "printf '\\033[1;31mred\\033[0m '; printf '\\320'; sleep .1; printf '\\237\\321\\200\\360\\237'; sleep .1; printf '\\221\\213 \\377 end\\n'"


def record():
    """What was drawn, the cast, what asciinema prints of it, and the bytes of the data folder."""
    with _terminal.sshd() as (port, key), _server.running() as server:
        body = {"name": "peer", "ip_address": "127.0.0.1", "device_type": "server", "enabled": False}
        device = _terminal.ask(server, "POST", "/api/devices", body | {"ssh": _terminal.login(port, key)})["id"]
        terminal = _terminal.Terminal(server, device)
        terminal.type(b"unset HISTFILE; stty -echo; echo si''lent; cat > /dev/null; stty echo; echo rea''dy\n")
        terminal.until(b"silent")
        for secret in SECRETS:
            terminal.type(f"{secret}\n".encode())
        terminal.type(b"\x04")
        terminal.until(b"ready")
        terminal.type(LINES.encode() + b"\n")
        terminal.until(b" end\r\n")
        terminal.type(b"exit\n")
        terminal.end()
        recording = finished(server)
        with server.get(f"/api/recordings/{recording['id']}/cast") as answer:
            cast = answer.read()
        files = {}
        for name in os.listdir(server.folder):
            with open(os.path.join(server.folder, name), "rb") as file:
                files[name] = file.read()
        return terminal.drawn, recording, cast, printed(cast), files


def finished(server):
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        with server.get("/api/recordings") as answer:
            (recording,) = json.load(answer)["recordings"]
        if recording["end"]:
            return recording
        time.sleep(0.1)
    raise TimeoutError("the recording does not end")


def printed(cast):
    with tempfile.NamedTemporaryFile(suffix=".cast") as file:
        file.write(cast)
        file.flush()
        command = [sys.executable, "-m", "asciinema", "cat", file.name]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=WAIT_S).stdout


drawn, recording, cast, shown, files = record()


def what_it_prints_is_what_the_device_sent():
    assert shown.decode() == drawn.decode(errors="replace"), (shown, drawn)
    assert "red" in shown.decode() and "Пр👋 \ufffd end" in shown.decode(), shown


def nothing_is_missing_and_it_says_how_it_ended():
    assert recording["bytes"] == len(drawn) and recording["lost_bytes"] == 0, recording
    assert recording["end"] == "closed" and recording["device"] == "peer", recording


def what_was_typed_unseen_is_nowhere():
    for secret in SECRETS:
        assert secret.encode() not in cast, secret
        for name, content in files.items():
            assert secret.encode() not in content, (secret, name)


def what_was_drawn_is_not_in_the_files_either():
    for name, content in files.items():
        assert b" end\r\n" not in content and "Пр👋".encode() not in content, name


check(
    "asciinema",
    [
        what_it_prints_is_what_the_device_sent,
        nothing_is_missing_and_it_says_how_it_ended,
        what_was_typed_unseen_is_nowhere,
        what_was_drawn_is_not_in_the_files_either,
    ],
)
