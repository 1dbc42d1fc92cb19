"""The table of who could do what, as Markdown between two marks of a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from peers.known import KNOWN
from peers.strangers import STRANGERS

__all__ = ["write"]

BEGIN, END = "<!-- table: make test-peers writes it -->", "<!-- end of table -->"


def write(page: Path, table: Mapping[tuple[str, str], Mapping[str, str]]) -> None:
    """Replace the table of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{_markdown(table)}{END}{after}", encoding="utf-8")


def _markdown(table: Mapping[tuple[str, str], Mapping[str, str]]) -> str:
    names: list[str] = []
    lines = []
    notes: list[str] = []
    last = ""
    for (group, check), row in table.items():
        if group != last:
            rows = [outcomes for (other, _), outcomes in table.items() if other == group]
            names = [name for name in STRANGERS if any(name in outcomes for outcomes in rows)]
            lines += ["", f"| {group} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
            last = group
        cells = [_cell(name, group, check, row, notes) for name in names]
        lines.append(f"| {check} | {' | '.join(cells)} |")
    if notes:
        lines += ["", *(f"{place}. {note}" for place, note in enumerate(notes, 1))]
    return "\n".join(lines) + "\n"


def _cell(name: str, group: str, check: str, row: Mapping[str, str], notes: list[str]) -> str:
    if name not in row:
        return "-"
    if not row[name]:
        return "ok"
    note = KNOWN.get((name, group, check)) or KNOWN.get(("", group, check)) or row[name].replace("|", "\\|")
    if note not in notes:
        notes.append(note)
    return f"no ({notes.index(note) + 1})"
