"""Check the built site: every link leads somewhere, and every public name, parameter and field is in the reference.

python docs/tools/check.py docs/site
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """A built page: what it links to, what can be linked to in it, and its text below each anchor."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.below: dict[str, list[str]] = defaultdict(list)
        self._last = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the links and anchors of a tag."""
        found = dict(attrs)
        if identifier := found.get("id"):
            self.anchors.add(identifier)
            if identifier.startswith("tradewire."):
                self._last = identifier
        for name in ("href", "src"):
            if link := found.get(name):
                self.links.append(link)

    def handle_data(self, data: str) -> None:
        """Note the text of the anchor before it."""
        if self._last:
            self.below[self._last].append(data)


def broken_links(site: Path, pages: dict[Path, Page]) -> list[str]:
    """Return the links within the site that lead nowhere."""
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path.resolve()
            target = target / "index.html" if target.is_dir() else target
            if not target.exists():
                found.append(f"{path.relative_to(site)}: {link} does not exist")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                found.append(f"{path.relative_to(site)}: {link} has no such anchor")
    return found


def inventory(site: Path) -> set[str]:
    """Return the names that the reference documents."""
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    return {line.split(" ", 1)[0] for line in zlib.decompress(packed).decode().splitlines()}


def missing(documented: set[str], text: dict[str, str]) -> list[str]:
    """Return what is public and not in the reference."""
    tradewire = importlib.import_module("tradewire")
    found = []
    for name in sorted(set(tradewire.__all__) - {"__version__", "events"}):
        value = getattr(tradewire, name)
        found += [f"tradewire.{name} is not in the reference"] * (f"tradewire.{name}" not in documented)
        if inspect.isclass(value):
            found += missing_members(value, documented, text)
    return found


def missing_members(cls: type, documented: set[str], text: dict[str, str]) -> list[str]:
    """Return the public methods, parameters and fields of ``cls`` that are not in the reference."""
    path, found = f"tradewire.{cls.__qualname__}", []
    fields: Iterable[str] = getattr(cls, "__struct_fields__", ()) or getattr(cls, "__dataclass_fields__", ())
    found += [
        f"{path}.{field}: a field that is not in the reference"
        for field in fields
        if not field.startswith("_") and documented.isdisjoint(spellings(cls, field))
    ]
    for name, member in inspect.getmembers(cls):
        if name.startswith("_") or not (inspect.isfunction(member) or inspect.ismethod(member)):
            continue
        shown = next((text[one] for one in spellings(cls, name) if one in text), None)
        if shown is None:
            found.append(f"{path}.{name}: a method that is not in the reference")
            continue
        found += [
            f"{path}.{name}: its parameter {parameter} is not in the reference"
            for parameter in list(inspect.signature(member).parameters)
            if parameter not in {"self", "cls"} and not re.search(rf"\b{re.escape(parameter)}\b", shown)
        ]
    return found


def spellings(cls: type, member: str) -> list[str]:
    """Return the names under which a member of ``cls`` may be documented, its own first."""
    bases = [f"{base.__module__}.{base.__qualname__}.{member}" for base in cls.__mro__]
    return [f"tradewire.{cls.__qualname__}.{member}", *bases]


def main(site: Path) -> int:
    """Print what is wrong and return the exit status."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    text: dict[str, str] = {}
    for page in pages.values():
        text |= {name: " ".join(parts) for name, parts in page.below.items()}
    documented = inventory(site)
    faults = [*broken_links(site.resolve(), pages), *missing(documented, text)]
    for fault in faults:
        print(fault)
    print(f"{len(pages)} pages, {len(documented)} names in the reference, {len(faults)} faults")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
