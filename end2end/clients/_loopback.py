"""Hooks for schemathesis: whatever could be a host becomes an address of this machine, a different one each, so
that none has to wait for politeness' sake. What could not stays as it is, for it is what has to be refused."""

import ipaddress
import re
import zlib

import schemathesis

LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST_NAME = re.compile(rf"{LABEL}(?:\.{LABEL})*\.*")
HOST_NAME_CHARS_MAX = 253
NUMBERS = re.compile(r"[0-9.]+")


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
    if not isinstance(value, str) or not could_be_host(value):
        return value
    return "127.1.{}.{}".format(*zlib.crc32(value.encode()).to_bytes(4, "big")[:2])


def could_be_host(text):
    """An address, or a name that a resolver would be asked for."""
    try:
        ipaddress.ip_address(text)
        # A zone is none of the address's own, and is refused.
        return "%" not in text
    except ValueError:
        is_name = HOST_NAME.fullmatch(text) and not NUMBERS.fullmatch(text)
        return bool(is_name) and len(text) <= HOST_NAME_CHARS_MAX
