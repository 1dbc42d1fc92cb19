from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from support.late_frames import heard as heard


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
