"""After a bot has closed its clients and dropped them, a core dump of its process shows no secret, in no encoding."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from functools import reduce
from math import isqrt
from operator import xor
from pathlib import Path
from urllib.parse import quote

import pytest

from support.core_bot import CLOSED
from support.witness import PATIENCE_S
from tradewire.sandbox import Sandbox

TESTS = Path(__file__).parents[1]
GCORE = shutil.which("gcore") or ""
BLOCK_BYTES = 64
LIMB_BITS = 30
"""What CPython keeps of a whole number in each of its digits."""


def forms(secret: bytes, *, is_key: bool) -> Iterator[tuple[str, bytes]]:
    """Yield what a secret may look like in memory, and its halves: a copy may have been overwritten in part."""
    yield "as it is", secret
    yield "first half", secret[: len(secret) // 2]
    yield "second half", secret[len(secret) // 2 :]
    yield "reversed", secret[::-1]
    for shift in range(3):
        # Base64 of a text that holds it, wherever it begins in there.
        inner = base64.b64encode(bytes(shift) + secret)
        yield f"base64 at {shift}", inner[4:-4]
    yield "hex", secret.hex().encode()
    yield "wide characters", secret.decode("latin-1").encode("utf-16-le")
    if quote(secret) != secret.decode("latin-1"):
        yield "percent encoding", quote(secret).encode()
    if is_key:
        for pad in (0x36, 0x5C):
            block = bytes(byte ^ pad for byte in secret.ljust(BLOCK_BYTES, b"\0"))
            yield f"pad {pad:x}", block
            # What signs as well as the secret does.
            state = compressed(block)
            yield f"hashed pad {pad:x}", b"".join(word.to_bytes(4, "little") for word in state)
            yield f"hashed pad {pad:x}, big end first", b"".join(word.to_bytes(4, "big") for word in state)


def compressed(block: bytes) -> list[int]:
    """Return the state of SHA-256 after one block, FIPS 180-4 section 6.2.2."""
    mask = (1 << 32) - 1

    def turned(word: int, *places: int) -> int:
        return reduce(xor, ((word >> place | word << 32 - place) & mask for place in places))

    primes = [two for two in range(2, 312) if all(two % one for one in range(2, isqrt(two) + 1))]
    state = [(isqrt(prime << 64)) & mask for prime in primes[:8]]
    words = [int.from_bytes(block[at : at + 4], "big") for at in range(0, BLOCK_BYTES, 4)]
    for at in range(16, BLOCK_BYTES):
        low = turned(words[at - 15], 7, 18) ^ words[at - 15] >> 3
        high = turned(words[at - 2], 17, 19) ^ words[at - 2] >> 10
        words.append((words[at - 16] + low + words[at - 7] + high) & mask)
    a, b, c, d, e, f, g, h = state
    for prime, word in zip(primes, words, strict=True):
        constant = cube_root_of(prime << 96) & mask
        first = h + turned(e, 6, 11, 25) + (e & f ^ ~e & g) + constant + word
        second = turned(a, 2, 13, 22) + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (first + second) & mask, a, b, c, (d + first) & mask, e, f, g
    return [(one + other) & mask for one, other in zip(state, (a, b, c, d, e, f, g, h), strict=True)]


def cube_root_of(number: int) -> int:
    root = 1 << -(-number.bit_length() // 3)
    while (better := (2 * root + number // root**2) // 3) < root:
        root = better
    return root


def test_the_state_looked_for_is_that_of_sha256() -> None:
    padded = b"abc\x80".ljust(BLOCK_BYTES - 8, b"\0") + (24).to_bytes(8, "big")
    digest = b"".join(word.to_bytes(4, "big") for word in compressed(padded))
    assert digest == hashlib.sha256(b"abc").digest()


def number_forms(scalar: bytes) -> Iterator[tuple[str, bytes]]:
    yield from forms(scalar, is_key=False)
    number = int.from_bytes(scalar, "big")
    limbs = (number >> at & (1 << LIMB_BITS) - 1 for at in range(0, number.bit_length(), LIMB_BITS))
    yield "number", b"".join(limb.to_bytes(4, "little") for limb in limbs)


@pytest.mark.skipif(not GCORE, reason="gcore, which comes with gdb, takes the core dump")
async def test_no_secret_is_in_a_core_dump_taken_after_close(tmp_path: Path) -> None:
    async with Sandbox(["coinex", "exchange", "truex"], rate=0) as box:
        places = {venue: dict(box.venue(venue).keys()) for venue in ("coinex", "exchange", "truex")}
        jwt = places["truex"].pop("jwt_key_file")
        (tmp_path / "jwt.json").write_text(json.dumps(jwt))
        secrets = {
            venue: str(places[venue].pop(name)).encode()
            for venue, name in (("coinex", "secret"), ("exchange", "api_key"), ("truex", "secret"))
        }
        for venue, secret in secrets.items():
            (tmp_path / venue).write_bytes(secret)
        (tmp_path / "places.json").write_text(json.dumps(places, default=str))
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "support.core_bot", str(tmp_path),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
        )  # fmt: skip
        try:
            assert bot.stdout is not None
            async with asyncio.timeout(PATIENCE_S):
                assert await bot.stdout.readline() == CLOSED
            core = await core_of(bot.pid, tmp_path / "core")
        finally:
            bot.kill()
            await bot.wait()
    # What is no secret is found, so the dump is of this process.
    assert str(places["truex"]["organization_id"]).encode() in core
    scalar = jwt["private_key"]["d"].encode()
    looked_for = {
        (name, form): what
        for name, secret in (*secrets.items(), ("jwt", scalar))
        for form, what in forms(secret, is_key=name != "jwt")
    }
    looked_for |= {("jwt's number", form): what for form, what in number_forms(_decoded(scalar))}
    found = {where: core.count(what) for where, what in looked_for.items() if what in core}
    assert found == {}


def _decoded(scalar: bytes) -> bytes:
    return base64.urlsafe_b64decode(scalar + b"=" * (-len(scalar) % 4))


async def core_of(pid: int, path: Path) -> bytes:
    taking = await asyncio.create_subprocess_exec(
        GCORE, "-o", str(path), str(pid), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await taking.communicate()
    dump = path.with_name(f"{path.name}.{pid}")
    if taking.returncode or not dump.exists():
        pytest.skip(f"gcore may not look into another process here: {said[-200:].decode(errors='replace')}")
    return await asyncio.to_thread(dump.read_bytes)
