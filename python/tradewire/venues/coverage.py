"""What the clients of a venue cover: every REST endpoint and stream message, with its Python name."""

from __future__ import annotations

from tradewire.description import VenueDescription
from tradewire.protocol.endpoint import endpoint_of

__all__ = ["coverage"]


def coverage(venue: VenueDescription) -> list[dict[str, object]]:
    """Return every REST endpoint and stream message the clients of ``venue`` cover, with its Python name."""
    rows: list[dict[str, object]] = []
    for owner in venue.client_classes:
        for name in dir(owner):
            row = endpoint_of(getattr(owner, name))
            if row is not None:
                entry: dict[str, object] = {"ws": False, "method": row.method, "path": row.path}
                if row.spellings:
                    entry["spellings"] = list(row.spellings)
                rows.append({**entry, "python": f"{owner.__name__}.{name}"})
    rows.extend(
        {"ws": False, "method": "GET", "path": path, "python": python}
        for path, python in venue.stream_upgrades().items()
    )
    rows.sort(key=lambda row: (str(row["path"]), str(row["method"])))
    rows.extend({"ws": True, "name": name, "python": python} for name, python in venue.stream_messages())
    return rows
