"""How a bot finds or starts its guard, and who may connect to one."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tradewire.errors import GuardFailed
from tradewire.transport import guard_link

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets of POSIX")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "bot.journal"


def test_a_guard_that_listens_is_found_by_its_own_user_alone_and_is_the_only_one(journal: Path) -> None:
    assert guard_link.attach(journal) is None
    with guard_link.listen(journal) as door:
        path = guard_link.socket_path(journal)
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        found = guard_link.attach(journal)
        assert found is not None
        with found, door.accept()[0] as theirs:
            found.send(b"\n")
            assert theirs.recv(9) == b"\n"
            with pytest.raises(GuardFailed, match="another guard listens"):
                guard_link.listen(journal)
    # One that was killed leaves its socket behind.
    assert path.exists()
    assert guard_link.attach(journal) is None
    guard_link.listen(journal).close()


def test_a_place_where_no_socket_can_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GuardFailed, match="must be shorter"):
        guard_link.listen(tmp_path / ("x" * 120))
    with pytest.raises(GuardFailed, match="a place where a socket can be made"):
        guard_link.listen(tmp_path / "nowhere" / "j")


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen on this operating system"
)
def test_a_guard_runs_on_any_core_in_a_session_of_its_own(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = os.sched_getaffinity(0)
    seen: list[tuple[set[int], dict[str, Any]]] = []

    def started(_: list[str], **options: Any) -> SimpleNamespace:
        seen.append((os.sched_getaffinity(0), options))
        return SimpleNamespace()

    monkeypatch.setattr(subprocess, "Popen", started)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        sock, _ = guard_link.start(journal)
        assert os.sched_getaffinity(0) == {min(allowed)}
    finally:
        os.sched_setaffinity(0, allowed)
    with sock:
        [(cores, options)] = seen
        assert cores >= allowed
        assert options["start_new_session"] is True
        assert isinstance(sock, socket.socket)
    assert stat.S_IMODE(guard_link.log_path(journal).stat().st_mode) == 0o600


def test_without_a_python_no_guard_is_started(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(GuardFailed, match="no guard could be started with '/nowhere/python'"):
        guard_link.start(journal)
