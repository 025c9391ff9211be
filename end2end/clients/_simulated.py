"""What a check needs: simulated routers, and a way to say what held. `$ROUTEWARDEN_BIN` is the program."""

import atexit
import os
import subprocess
import sys
import traceback

FLAVOURS = {"plain": [], "challenge": ["--login", "challenge"], "tls": ["--tls"]}
started = {}


def router(flavour):
    """Host and port of a simulated router with this login ("plain", "challenge") or behind TLS ("tls")."""
    if flavour not in started:
        command = [os.environ["ROUTEWARDEN_BIN"], "sim", "--listen", "127.0.0.1:0", *FLAVOURS[flavour]]
        simulator = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        atexit.register(simulator.kill)
        # The first line begins with the address.
        host, _, port = simulator.stdout.readline().split()[0].rpartition(":")
        started[flavour] = host, int(port)
    return started[flavour]


def check(client, cases):
    """Runs each case and prints a line for it (Test Anything Protocol); fails when one failed."""
    failed = 0
    for case in cases:
        sentence = f"{client}: {case.__name__.replace('_', ' ')}"
        try:
            case()
            print(f"ok - {sentence}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok - {sentence}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    print(f"1..{len(cases)}")
    sys.exit(1 if failed else 0)
