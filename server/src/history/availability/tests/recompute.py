"""Works out a device's availability and outages from its history, independently of the program.

Reads histories as JSON, one a line, from a file or from standard input, and prints the numbers of each as JSON:

    recompute.py [--compare] [FILE]

A history has `created_at`, `now`, `period` ([from, to]), `transitions` ([at, from, to, cause], as recorded), `runs`
and `maintenance` ([from, to] each) and `target` (the uptime that was promised, from 0 to 1). All times are in
milliseconds. With `--compare` each also has `result`, the program's own numbers, and only differences are printed;
the script then fails if there are any, or if there was nothing to compare.
"""

import argparse
import fractions
import itertools
import json
import sys

DAY_MS = 24 * 60 * 60 * 1000
KNOWN = ("up", "degraded", "down")
OVER = ("up", "degraded", "paused")
# What two floats may differ by that came from the same whole numbers.
UPTIME_SLACK = 1e-12


def effective_times(transitions, now):
    """When each transition takes effect: by a clock that never goes back and never runs ahead of now."""
    times = []
    waiting = 0
    latest = None
    for at, *_ in transitions:
        if at > now + DAY_MS:
            waiting += 1
            continue
        latest = at if latest is None else max(latest, at)
        times += [min(latest, now)] * (waiting + 1)
        waiting = 0
    return times + [now] * waiting


def outages_ever(transitions, times):
    """Every outage as [start, end or None, cause]; shorter than nothing ones too."""
    found = []
    is_out = False
    for (_, _, state, cause), time in zip(transitions, times):
        if state == "down" and not is_out:
            found.append([time, None, cause])
        elif state == "down" and found[-1][2] is None:
            found[-1][2] = cause
        elif state in OVER and is_out:
            found[-1][1] = time
        is_out = state == "down" or (is_out and state == "unknown")
    return found


def events(history, times):
    """What changes when: (time, what, by how much or to which state), in order."""
    changes = [(time, "state", state) for (_, _, state, _), time in zip(history["transitions"], times)]
    for what in ("runs", "maintenance"):
        for start, end in history[what]:
            if start < end:
                changes += [(start, what, 1), (end, what, -1)]
    # Sorting is stable, so transitions at one time stay in their order.
    return sorted(changes, key=lambda change: change[0])


def stretches(history, times):
    """The stretches in which nothing changes, as (from, to, what they count as), between creation and now."""
    begin, end = history["created_at"], history["now"]
    state, depth = "unknown", {"runs": 0, "maintenance": 0}
    last = None
    for time, changes in itertools.groupby(events(history, times) + [(None, "end", None)], lambda change: change[0]):
        since = begin if last is None else max(last, begin)
        until = end if time is None else min(time, end)
        if since < until:
            if depth["maintenance"]:
                yield since, until, "excluded"
            elif depth["runs"] and state in KNOWN:
                yield since, until, state
            else:
                yield since, until, "unobserved"
        for _, what, value in changes:
            if what == "state":
                state = value
            elif what in depth:
                depth[what] += value
        last = time


def overlap_ms(one, other):
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def recomputed(history):
    """The numbers of one history."""
    period = history["period"]
    times = effective_times(history["transitions"], history["now"])
    spent = dict.fromkeys((*KNOWN, "unobserved", "excluded"), 0)
    down = []
    for since, until, kind in stretches(history, times):
        spent[kind] += overlap_ms((since, until), period)
        if kind == "down":
            down.append((max(since, period[0]), min(until, period[1])))
    lived = (max(period[0], history["created_at"]), min(period[1], history["now"]))
    outages = []
    for start, end, cause in outages_ever(history["transitions"], times):
        whole = (start, history["now"] if end is None else end)
        if overlap_ms(whole, lived):
            down_ms = sum(overlap_ms(whole, stretch) for stretch in down)
            outages.append({"start": start, "end": end, "cause": cause, "down_ms": down_ms})
    known = sum(spent[state] for state in KNOWN)
    allowed = int((1 - fractions.Fraction(str(history["target"]))) * known)
    return {
        **{f"{kind}_ms": ms for kind, ms in spent.items()},
        "uptime": (spent["up"] + spent["degraded"]) / known if known else None,
        "allowed_ms": allowed,
        "used_ms": spent["down"],
        "left_ms": max(-(2**63), min(2**63 - 1, allowed - spent["down"])),
        "outages": outages,
    }


def agree(own, given):
    one, other = own["uptime"], given["uptime"]
    is_close = one == other or (None not in (one, other) and abs(one - other) <= UPTIME_SLACK)
    return is_close and {**own, "uptime": None} == {**given, "uptime": None}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compare", action="store_true", help="print only what differs from the results given")
    parser.add_argument("file", nargs="?", type=argparse.FileType(), default=sys.stdin)
    given = parser.parse_args()
    compared = different = outages = 0
    for line in given.file:
        history = json.loads(line)
        own = recomputed(history)
        if not given.compare:
            print(json.dumps(own))
            continue
        compared += 1
        outages += len(own["outages"])
        if not agree(own, history["result"]):
            different += 1
            print(f"line {compared}: {json.dumps(own)}\n  instead of {json.dumps(history['result'])}")
    if given.compare:
        print(f"{compared} histories with {outages} outages compared, {different} differ", file=sys.stderr)
        if different or not compared:
            sys.exit(1)


if __name__ == "__main__":
    main()
