"""Proxy and TLS as arguments: what is accepted, what is refused, and that no password shows."""

from __future__ import annotations

import asyncio
import pickle
import ssl
import threading

import pytest

from support.crash_report import shown
from tradewire.errors import ConfigError
from tradewire.transport import network as module
from tradewire.transport.network import NetworkOptions, Proxy

PASSWORD = "CANARY0PASSWORD"


def proxy_of(url: str) -> Proxy:
    proxy = NetworkOptions(proxy=url).proxy_to("venue.test", is_tls=True)
    assert proxy is not None
    return proxy


def test_address_user_and_password_are_read() -> None:
    proxy = proxy_of("http://desk%407:p%3Ass%20w@[::1]:3128/")
    assert (proxy.scheme, proxy.host, proxy.port) == ("http", "::1", 3128)
    assert (proxy.user, proxy.password) == ("desk@7", "p:ss w")
    assert proxy.authorization == "Basic ZGVza0A3OnA6c3Mgdw=="


@pytest.mark.parametrize(
    ("url", "scheme", "port"),
    [("http://p", "http", 80), ("socks5://p", "socks5", 1080), ("socks5h://p:9", "socks5", 9)],
)
def test_ports_have_their_defaults_and_no_authorization_is_made_up(url: str, scheme: str, port: int) -> None:
    proxy = proxy_of(url)
    assert (proxy.scheme, proxy.port, proxy.authorization) == (scheme, port, "")


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://u:{PASSWORD}@p:1",
        f"https://u:{PASSWORD}@p:1",
        f"u:{PASSWORD}@p:1",
        f"http://u:{PASSWORD}@p:port",
        f"http://u:{PASSWORD}@:1",
        f"http://u:{PASSWORD}@p:1/path",
        f"{PASSWORD}",
        "",
        f"socks5://u:{PASSWORD * 20}@p",
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError, match="proxy must be http://host:port or socks5://host:port") as caught:
        NetworkOptions(proxy=url)
    assert PASSWORD not in shown(caught.value)


def test_options_show_no_password_and_cannot_be_carried_off() -> None:
    options = NetworkOptions(proxy=f"http://desk:{PASSWORD}@p:1")
    assert repr(options) == "NetworkOptions(proxy=http://p:1, tls=default, trust_env=False)"
    assert PASSWORD not in repr(options.proxy_to("x", is_tls=False))
    with pytest.raises(ConfigError):
        pickle.dumps(options)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


def test_environment_is_read_only_when_asked_for(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "http://secure:1")
    environment.setenv("ALL_PROXY", "socks5://any:2")
    environment.setenv("NO_PROXY", "inside.test")
    assert NetworkOptions().proxy_to("venue.test", is_tls=True) is None
    asked = NetworkOptions(trust_env=True)
    assert str(asked.proxy_to("venue.test", is_tls=True)) == "http://secure:1"
    assert str(asked.proxy_to("venue.test", is_tls=False)) == "socks5://any:2"
    assert asked.proxy_to("inside.test", is_tls=True) is None
    own = NetworkOptions(proxy="http://own:3", trust_env=True)
    assert str(own.proxy_to("venue.test", is_tls=True)) == "http://own:3"


def test_a_bad_proxy_of_the_environment_is_refused_by_name(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", f"ftp://u:{PASSWORD}@p")
    with pytest.raises(ConfigError, match="the proxy of the environment") as caught:
        NetworkOptions(trust_env=True).proxy_to("venue.test", is_tls=True)
    assert PASSWORD not in shown(caught.value)


async def test_tls_context_is_made_once_and_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = ssl.create_default_context

    def create() -> ssl.SSLContext:
        made.append(threading.current_thread().name)
        return real()

    monkeypatch.setattr(module, "_default_tls", None)
    monkeypatch.setattr(ssl, "create_default_context", create)
    contexts = await asyncio.gather(*(NetworkOptions().tls_context() for _ in range(5)))
    assert len(set(map(id, contexts))) == 1
    [thread] = made
    assert thread != threading.main_thread().name
    assert contexts[0].verify_mode is ssl.CERT_REQUIRED
    assert contexts[0].check_hostname
    assert contexts[0].minimum_version >= ssl.TLSVersion.TLSv1_2


async def test_own_tls_context_is_used_as_it_is() -> None:
    own = ssl.create_default_context()
    assert await NetworkOptions(tls=own).tls_context() is own
