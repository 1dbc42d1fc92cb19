from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from support.desk import Desk, open_desk
from support.kits import PRODUCTS


@pytest.fixture(params=PRODUCTS)
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A desk at each venue, and at its other products."""
    async with open_desk(str(request.param)) as desk:
        yield desk
