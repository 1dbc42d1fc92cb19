"""Which key may go where, and over which kind of connection: checked when a client is made, before anything is sent.

A key that went to the wrong place cannot be taken back. Returns reasons and raises nothing: on some venues the key
itself is the secret, and a crash report shows what the frames of a raised error hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from tradewire.protocol.addresses import plain_address

__all__ = ["SANDBOX_MARK", "Place", "is_loopback", "place_fault"]

SANDBOX_MARK = "5a4db0c5"
"""Every key of the sandbox has it, in either case. The sandbox spells it for itself."""

_PLAIN = {"http": "https", "ws": "wss"}


class Place(Struct, frozen=True):
    """One place where a venue's protocol is spoken; each venue has a class of its own."""

    name: str
    rest_root: str
    """Scheme and host of REST."""
    ws_url: str
    is_sandbox: bool = False
    """Only a sandbox's own keys go here."""


def place_fault(
    urls: Iterable[str],
    key: str,
    *,
    is_sandbox: bool = False,
    live_key: str = "",
    allow_insecure: bool = False,
    allow_any_key: bool = False,
    **_: object,
) -> str:
    """Return why a client must not be made for this place, empty if it may.

    Args:
        urls: Where it will connect to; an empty one is not used.
        key: Its key, empty for public data only. It is never shown.
        is_sandbox: The place is a sandbox.
        live_key: A pattern of the venue's own keys, where they can be distinguished from others.
        allow_insecure: Plain text is wanted, wherever the host is.
        allow_any_key: The key is meant for this place.

    Other options of a client are none of its business.
    """
    used = [url for url in urls if url]
    faults = [_scheme_fault(url, allow_insecure=allow_insecure) for url in used]
    if not allow_any_key:
        faults += [_key_fault(url, key, is_sandbox=is_sandbox, live_key=live_key) for url in used]
    return next(filter(None, faults), "")


def is_loopback(url: str) -> bool:
    """Return whether the host of ``url`` can only be this machine."""
    host = _host(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    if ":" not in host and not host[-1:].isdigit():
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host(url: str) -> str:
    plain = plain_address(url)
    if plain is not None:
        return plain.host.rstrip(".")
    from urllib.parse import urlsplit

    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _scheme_fault(url: str, *, allow_insecure: bool) -> str:
    scheme = url.partition(":")[0].lower()
    if scheme not in {*_PLAIN, *_PLAIN.values()} or not _host(url):
        return f"a venue's address is an https:// or wss:// URL, got {url[:80]!r}"
    if scheme in _PLAIN and not is_loopback(url) and not allow_insecure:
        return (
            f"{scheme}:// shows everything to whoever is on the way to {_host(url)}: use {_PLAIN[scheme]}://, or "
            "pass allow_insecure=True"
        )
    return ""


def _key_fault(url: str, key: str, *, is_sandbox: bool, live_key: str) -> str:
    if not key:
        return ""
    host, is_marked = _host(url), SANDBOX_MARK in key.lower()
    if is_marked and not is_loopback(url):
        return (
            f"this is the key of a sandbox and {host} is not this machine: give the account's own key, or pass "
            "allow_any_key=True"
        )
    if not is_marked and (is_sandbox or (live_key and is_loopback(url) and re.fullmatch(live_key, key))):
        return (
            f"this is no key of a sandbox and {host} is one, or at least this machine: use for_sandbox(), or pass "
            "allow_any_key=True if it is meant to go there"
        )
    return ""
