"""Options of a venue from text."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from tradewire.registry import BUILT_IN, find_venue
from tradewire.sandbox.settings import Setting, make_options, parse_setting, settings_of


@dataclass(frozen=True, kw_only=True)
class Options:
    """Of every type there is."""

    push_ms: int = 200
    """How often it pushes,
    in milliseconds."""
    is_strict: bool = False
    idle_s: float = 60.0
    state_file: Path | None = None
    markets: Collection[str] | None = None
    side: Literal["zero", "none"] = "zero"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("push_ms", "50", 50),
        ("is_strict", "true", True),
        ("is_strict", "False", False),
        ("idle_s", "1.5", 1.5),
        ("state_file", "a.db", Path("a.db")),
        ("state_file", "none", None),
        ("markets", "A, B", ("A", "B")),
        ("markets", "none", None),
        ("side", "none", "none"),
    ],
)
def test_text_becomes_the_option(name: str, text: str, value: object) -> None:
    assert getattr(make_options(Options, {name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("push_ms", "soon", "push_ms must be a whole number, got 'soon'"),
        ("is_strict", "1", "is_strict must be true or false"),
        ("idle_s", "nan", "idle_s must be a number"),
        ("side", "left", "side must be one of zero, none"),
        ("pace", "1", "there is no setting pace; there is push_ms, "),
    ],
)
def test_what_an_option_does_not_take_is_refused(name: str, text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        make_options(Options, {name: text})


def test_a_setting_may_name_its_venue() -> None:
    assert parse_setting("push_ms=50") == (None, "push_ms", "50")
    assert parse_setting("toy.state-file=a.b=c") == ("toy", "state_file", "a.b=c")


@pytest.mark.parametrize("text", ["push_ms", "=5", "toy.=5", ""])
def test_text_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=VALUE"):
        parse_setting(text)


def test_settings_say_what_they_take_and_what_for() -> None:
    assert settings_of(Options)[0] == Setting(
        "push_ms", "a whole number", "How often it pushes, in milliseconds."
    )


@pytest.mark.parametrize("venue", BUILT_IN)
def test_every_option_of_every_venue_is_a_setting_and_explained(venue: str) -> None:
    settings = settings_of(find_venue(venue).options_class)
    assert settings
    assert [setting.name for setting in settings if not setting.what] == []
