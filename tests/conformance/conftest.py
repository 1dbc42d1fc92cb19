from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from support.desk import Desk, open_desk
from tradewire.registry import BUILT_IN


@pytest.fixture(params=BUILT_IN)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A desk at each venue."""
    async with open_desk(str(request.param)) as desk:
        yield desk
