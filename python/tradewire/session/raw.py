"""Any request of a venue, for what has no method yet: signed, rate-limited, with the same rules of outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewire import codec
from tradewire.errors import ConfigError
from tradewire.protocol.arguments import check_kind, check_plain, flag, shown
from tradewire.protocol.endpoint import Params
from tradewire.session.rest import RestSession

__all__ = ["RawRequests"]

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class RawRequests:
    """The client's method for what has none."""

    _rest: RestSession

    async def request(
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        group: str = "",
        is_signed: bool = True,
    ) -> Any:
        """Send a request that has no method here and return the JSON of the reply, the venue's envelope included.

        It is stamped, signed, limited and judged as every other: a ``GET`` is tried again when the failure may pass,
        nothing else ever is.

        Args:
            verb: ``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``.
            path: As the venue prints it, for instance ``/v2/account/subs``; values in it percent-encoded by you.
            body: What travels as JSON; a ``Decimal`` as text.
            query: Members of the query; those that are ``None`` are left out.
            group: Rate group to draw from; the venue's slowest if left out. ``tradewire endpoints VENUE`` lists them.
            is_signed: Send the credentials.

        Raises:
            ConfigError: No such verb or group, or the path is none.
            NotSent: Nothing reached the venue.
            Rejected: The venue said no.
            OutcomeUnknown: It was sent and nothing proves its fate.
        """
        if verb not in VERBS:
            raise ConfigError(f"verb must be one of {', '.join(VERBS)}, got {shown(verb)}")
        if not check_plain("path", path).startswith("/") or "?" in path or "#" in path:
            raise ConfigError(
                f"path must begin with / and have no query, which goes into query=, got {shown(path)}"
            )
        check_kind("query", Mapping, query or {}, "its members by name")
        check_kind("group", str, group, "the name of a rate group")
        flag("is_signed", is_signed)
        members = [(str(name), str(value)) for name, value in (query or {}).items() if value is not None]
        params = Params(query=members, body=b"" if body is None else _encode(body))
        return await self._rest.call(self._rest.raw_endpoint(verb, path, group, is_signed=is_signed), params)


def _encode(body: object) -> bytes:
    try:
        return codec.encode(body)
    except TypeError as error:
        raise ConfigError(f"body must be what JSON can hold, got {type(body).__name__}: {error}") from None
