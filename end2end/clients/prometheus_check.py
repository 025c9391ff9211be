"""`/metrics` as the Prometheus project's own parser reads it, from a server that just started."""

import json
import os
import subprocess
import tempfile
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from _simulated import check

PASSWORD = "correct horse battery"
folder = tempfile.TemporaryDirectory()
environment = {"PATH": os.environ.get("PATH", ""), "ROUTEWARDEN_DATA_DIR": folder.name}


def routewarden(*arguments, given=""):
    """What a subcommand printed."""
    command = [os.environ["ROUTEWARDEN_BIN"], *arguments]
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, cwd=folder.name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def families():
    """What the server tells of itself, by name, to a token with read scope."""
    routewarden("user", "add", "collector", "--role", "admin", "--password-stdin", given=PASSWORD)
    token = routewarden("token", "create", "--user", "collector", "--name", "prometheus", "--scope", "read")
    command = [os.environ["ROUTEWARDEN_BIN"], "serve", "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=folder.name)
    try:
        # "Routewarden is at http://…"
        url = next(line.split()[-1] for line in server.stderr if line.startswith("Routewarden is at "))
        request = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4"), answer.headers
            text = answer.read().decode()
        with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
            assert json.load(answer)["status"] == "ok"
    finally:
        server.terminate()
        server.wait(timeout=20)
    return {family.name: family for family in text_string_to_metric_families(text)}


read = families()


def every_family_has_help_a_type_and_samples():
    assert len(read) > 15, sorted(read)
    for family in read.values():
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        assert family.samples, family


def histograms_only_grow_and_end_with_all():
    histograms = [family for family in read.values() if family.type == "histogram"]
    assert len(histograms) == 2, sorted(read)
    for family in histograms:
        edges = [float(sample.labels["le"]) for sample in family.samples if sample.name.endswith("_bucket")]
        counts = [sample.value for sample in family.samples if sample.name.endswith("_bucket")]
        (count,) = [sample.value for sample in family.samples if sample.name.endswith("_count")]
        assert edges == sorted(edges) and edges[-1] == float("inf"), family
        assert counts == sorted(counts) and counts[-1] == count, family


def states_are_labels_and_versions_are_told():
    states = {sample.labels["state"] for sample in read["routewarden_devices"].samples}
    assert states == {"up", "degraded", "down", "unknown", "paused"}, states
    (build,) = read["routewarden_build_info"].samples
    assert build.value == 1 and build.labels["version"], build


def the_process_is_told_by_the_names_that_every_process_has():
    for name in ("process_cpu_seconds", "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"):
        (sample,) = read[name].samples
        assert sample.value > 0, sample


check(
    "prometheus_client",
    [
        every_family_has_help_a_type_and_samples,
        histograms_only_grow_and_end_with_all,
        states_are_labels_and_versions_are_told,
        the_process_is_told_by_the_names_that_every_process_has,
    ],
)
