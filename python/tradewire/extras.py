"""What the optional parts of tradewire need, and how to install it today."""

from __future__ import annotations

__all__ = ["install_hint"]


def install_hint(extra: str) -> str:
    """Return the command that installs what ``tradewire[extra]`` brings, by the installed package's own list.

    It names the packages themselves, because there is no release of tradewire on a package index that pip could take
    the extra from.
    """
    from importlib.metadata import PackageNotFoundError, requires

    try:
        listed = requires("tradewire") or []
    except PackageNotFoundError:  # run from a bare source tree
        listed = []
    marker = f"extra == '{extra}'"
    packages = [one.partition(";")[0].strip() for one in listed if marker in one.replace('"', "'")]
    quoted = " ".join(f'"{package}"' for package in packages)
    return f"pip install {quoted}" if quoted else f'pip install "tradewire[{extra}]"'
