"""How a client reaches its venue: through which proxy, and with which TLS context."""

from __future__ import annotations

import asyncio
import base64
import threading
from typing import TYPE_CHECKING, Final, NoReturn

from tradewire.errors import ConfigError
from tradewire.signing import Token

if TYPE_CHECKING:
    import ssl

__all__ = ["DIRECT", "NetworkOptions", "Proxy"]

DEFAULT_PORTS: Final = {"http": 80, "socks5": 1080, "socks5h": 1080}
_default_tls: ssl.SSLContext | None = None
_making_tls = threading.Lock()


class Proxy:
    """One proxy. Shows neither its user nor its password.

    Args:
        scheme: ``http`` (tunnels with CONNECT) or ``socks5``; both resolve the venue's name themselves.
        host: Where it is.
        port: Where it is.
        user: For its handshake.
        password: For its handshake, percent-encoded.
    """

    __slots__ = ("_password", "host", "port", "scheme", "user")

    def __init__(
        self, scheme: str, host: str, port: int, user: str = "", password: Token | None = None
    ) -> None:
        self.scheme, self.host, self.port = scheme, host, port
        self.user, self._password = user, password

    @property
    def password(self) -> str:
        """The password, for the handshake with the proxy and nothing else; empty if there is none."""
        from urllib.parse import unquote

        return unquote(self._password.reveal()) if self._password is not None else ""

    @property
    def url(self) -> str:
        """The address with user and password, to be parsed by another process."""
        from urllib.parse import quote

        secret = "" if self._password is None else f":{quote(self.password, safe='')}"
        user = f"{quote(self.user, safe='')}{secret}@" if self.user or secret else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{user}{host}:{self.port}"

    @property
    def authorization(self) -> str:
        """The value of ``Proxy-Authorization``; empty if the proxy wants none."""
        if not self.user and self._password is None:
            return ""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


class NetworkOptions:
    """How to reach a venue; a client gives the same to its HTTP and its WebSocket transport.

    Args:
        proxy: ``http://user:password@host:port`` for a proxy that tunnels with CONNECT, or ``socks5://...``; user and
            password are percent-encoded and never shown. The proxy resolves the venue's name.
        tls: How the venue's certificate is verified; the system's store if left out.
        trust_env: Where ``proxy`` is left out, obey ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.
            The environment is not read unless this is set.

    Raises:
        ConfigError: The proxy's address cannot be used; the message does not show it.
    """

    __slots__ = ("_proxy", "_tls", "_trust_env")

    def __init__(
        self, *, proxy: str | None = None, tls: ssl.SSLContext | None = None, trust_env: bool = False
    ) -> None:
        parsed = _parse(proxy) if proxy is not None else None
        # Crash reports show what a frame holds, and this held a password.
        del proxy
        self._proxy = parsed if isinstance(parsed, Proxy) else None
        self._tls = tls
        self._trust_env = trust_env
        if isinstance(parsed, str):
            raise ConfigError(f"proxy must be http://host:port or socks5://host:port, {parsed}")

    def proxy_to(self, host: str, *, is_tls: bool) -> Proxy | None:
        """Return the proxy through which ``host`` is reached, ``None`` for none.

        Raises:
            ConfigError: The environment names one that cannot be used.
        """
        if self._proxy is not None or not self._trust_env:
            return self._proxy
        parsed = _from_environment(host, "https" if is_tls else "http")
        if isinstance(parsed, str):
            raise ConfigError(f"the proxy of the environment cannot be used: {parsed}")
        return parsed

    async def tls_context(self) -> ssl.SSLContext:
        """Return the context for ``https`` and ``wss``.

        The default is made once per process, in a thread: reading the system's store takes 20 ms and more.
        """
        if self._tls is not None:
            return self._tls
        return _default_tls if _default_tls is not None else await asyncio.to_thread(_make_default_tls)

    def in_words(self) -> dict[str, str | bool | None]:
        """Return ``proxy`` and ``trust_env``, for another process; the proxy's password is in it.

        Raises:
            ConfigError: There is a TLS context of one's own, which no other process can have.
        """
        if self._tls is not None:
            raise ConfigError(
                "a client with a guard cannot have tls= of its own: run `tradewire guard` instead"
            )
        return {"proxy": None if self._proxy is None else self._proxy.url, "trust_env": self._trust_env}

    def __repr__(self) -> str:
        own_tls = "own" if self._tls is not None else "default"
        return f"NetworkOptions(proxy={self._proxy}, tls={own_tls}, trust_env={self._trust_env})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise ConfigError("NetworkOptions are not copied or pickled: they may hold a password")


DIRECT: Final = NetworkOptions()
"""No proxy, the system's certificates."""


def _parse(url: str) -> Proxy | str:
    """Return the proxy at ``url``, or what is wrong with it in words that do not show it."""
    from urllib.parse import quote, unquote, urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except (ValueError, TypeError, AttributeError):
        return "got something that is no address"
    if parts.scheme not in DEFAULT_PORTS:
        return f"got the scheme {parts.scheme!r}" if "@" not in parts.scheme else "got no scheme"
    if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment:
        return "got no host, or something behind the port"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if parts.scheme == "socks5" and max(len(user.encode()), len(password.encode())) > 255:
        return "got a user or password of more than 255 bytes"
    return Proxy(
        parts.scheme.removesuffix("h"),
        parts.hostname,
        port or DEFAULT_PORTS[parts.scheme],
        user,
        Token(quote(password)) if password else None,
    )


def _from_environment(host: str, scheme: str) -> Proxy | str | None:
    # Costs 15 ms, and only those pay who ask for it.
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or proxy_bypass(host):
        return None
    return _parse(url if "://" in url else f"http://{url}")


def _make_default_tls() -> ssl.SSLContext:
    global _default_tls
    import ssl

    with _making_tls:
        if _default_tls is None:
            _default_tls = ssl.create_default_context()
        return _default_tls
