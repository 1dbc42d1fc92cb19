"""The code blocks of the documentation. ``python -m support.pages FOLDER`` writes each program into a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["EXAMPLES", "PAGES", "Block", "blocks"]

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"
EXAMPLES = ROOT / "examples"
BLOCK = re.compile(
    r"(?:<!-- (?P<mark>[a-z ]+) -->\n)?```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


class Block(NamedTuple):
    """One block of code."""

    page: str
    number: int
    language: str
    mark: str
    """What stands before it in a comment: ``types only`` if it needs an account, ``test file`` if pytest runs it."""
    text: str

    @property
    def name(self) -> str:
        """Its name among all blocks."""
        return f"{self.page.removesuffix('.md').replace('/', '-')}-{self.number}"


def blocks(language: str) -> Iterator[Block]:
    """Yield the blocks of a language, those that only show a file of ``examples`` aside."""
    for path in sorted(PAGES.rglob("*.md")):
        page = str(path.relative_to(PAGES))
        for number, found in enumerate(BLOCK.finditer(path.read_text(encoding="utf-8")), 1):
            if found["language"] == language and not found["text"].startswith("--8<--"):
                yield Block(page, number, language, found["mark"] or "", found["text"])


if __name__ == "__main__":
    for block in blocks("python"):
        (Path(sys.argv[1]) / f"{block.name.replace('-', '_')}.py").write_text(block.text, encoding="utf-8")
