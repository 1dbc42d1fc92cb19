"""What accounts have set, and what the venue announces."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Maintenance", "Settings"]

SCOPES = ("SPOT", "FUTURES", "ALL_SITE")


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A time in which the venue, or a part of it, will not be there, in milliseconds."""

    started_at: int
    ended_at: int
    scope: tuple[str, ...] = ("ALL_SITE",)
    announce_url: str = ""
    protect_duration_start: int = 0
    protect_duration_end: int = 0

    def __post_init__(self) -> None:
        """Refuse what clients could not read."""
        if not 0 <= self.started_at < self.ended_at or not self.scope or set(self.scope) - set(SCOPES):
            raise ValueError(f"a maintenance begins before it ends and has a scope of {', '.join(SCOPES)}")


class Settings:
    """Settings of all accounts."""

    def __init__(self) -> None:
        self.maintenance: list[Maintenance] = []
        self._pay_in_cet: set[str] = set()

    def pays_fees_in_cet(self, account: str) -> bool:
        """Say whether an account wants its fees taken in CET, at a discount."""
        return account in self._pay_in_cet

    def pay_fees_in_cet(self, account: str, *, wanted: bool) -> None:
        """Take note of that."""
        if wanted:
            self._pay_in_cet.add(account)
        else:
            self._pay_in_cet.discard(account)
