"""`/metrics` as the Prometheus project's own parser reads it, from a server that just started."""

from prometheus_client.parser import text_string_to_metric_families

import _server
from _simulated import check


def families():
    """What the server tells of itself, by name, to whoever holds a token."""
    with _server.running() as server:
        with server.get("/metrics") as answer:
            assert answer.headers["content-type"].startswith("text/plain; version=0.0.4"), answer.headers
            text = answer.read().decode()
        assert server.is_up()
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
