"""Hooks for schemathesis: whatever could be a host becomes an address of this machine, a different one each, so
that none has to wait for politeness' sake. What could not stays as it is, for it is what has to be refused."""

import re
import zlib

import schemathesis

HOST = re.compile(r"[\w.:%\[\]-]+")


@schemathesis.hook
def map_body(context, body):
    return moved(body)


def moved(value):
    if isinstance(value, dict):
        return {name: host(inner) if name == "ip_address" else moved(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [moved(inner) for inner in value]
    return value


def host(value):
    is_host = isinstance(value, str) and HOST.fullmatch(value.strip())
    return "127.1.{}.{}".format(*zlib.crc32(value.encode()).to_bytes(4, "big")[:2]) if is_host else value
