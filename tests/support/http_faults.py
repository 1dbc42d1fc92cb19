"""What can happen to one HTTP request and its reply, each fault by name.

Where the request never reaches the venue, where it arrives late, where only its reply is lost or broken: to the
client most of them look the same, and the truth is the venue's alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from support.raw_server import reset
from tradewire.testing.replies import HTML, REPLY_CHANGES, Reply, ReplyChange, wire

__all__ = ["HTTP_FAULTS", "Conversation", "HttpFault", "Reply"]

LATE_S = 0.4
"""Later than usual, sooner than a client gives up."""
LOST_S = 2.5
"""Later than a client of these tests waits."""
TRICKLE_S = 0.005


@dataclass(frozen=True, slots=True)
class Conversation:
    """One request in the hands of a fault: how to answer it, and how to let the venue have it."""

    writer: asyncio.StreamWriter
    ask: Callable[[], Awaitable[Reply]]

    async def send(self, data: bytes) -> bool:
        """Answer; the connection goes on."""
        self.writer.write(data)
        await self.writer.drain()
        return True

    async def send_and_close(self, data: bytes) -> bool:
        """Answer; the connection ends."""
        await self.send(data)
        return False

    def reset(self) -> bool:
        """End the connection at once."""
        if not self.writer.is_closing():
            reset(self.writer)
        return False


Strike = Callable[[Conversation], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class HttpFault:
    """One fault.

    Attributes:
        name: What it is called in reports.
        strike: Deals with the request and tells whether the connection goes on.
    """

    name: str
    strike: Strike


# --- the request never arrives ---------------------------------------------------------------------


async def reset_before(conversation: Conversation) -> bool:
    return conversation.reset()


async def close_before(conversation: Conversation) -> bool:
    return False


async def rate_limited(conversation: Conversation) -> bool:
    return await conversation.send(wire(b"429 Too Many Requests", [b"Retry-After: 1"], b"slow down"))


async def gateway_before(conversation: Conversation) -> bool:
    return await conversation.send(wire(b"502 Bad Gateway", [HTML], b"<html><h1>502 Bad Gateway</h1></html>"))


async def unavailable_before(conversation: Conversation) -> bool:
    return await conversation.send(wire(b"503 Service Unavailable", [], b""))


async def swallowed(conversation: Conversation) -> bool:
    await asyncio.sleep(LOST_S)
    return conversation.reset()


# --- the request arrives late, when the client has given up ----------------------------------------


async def request_late(conversation: Conversation) -> bool:
    await asyncio.sleep(LOST_S)
    return await conversation.send((await conversation.ask()).sent)


async def request_late_after_gateway(conversation: Conversation) -> bool:
    await conversation.send_and_close(
        wire(b"504 Gateway Timeout", [HTML, b"Connection: close"], b"<html></html>")
    )
    await asyncio.sleep(LATE_S)
    await conversation.ask()
    return False


async def request_late_after_reset(conversation: Conversation) -> bool:
    conversation.reset()
    await asyncio.sleep(LATE_S)
    await conversation.ask()
    return False


# --- the venue has it; the reply is lost, late, broken or doubled ----------------------------------


def altered(how: ReplyChange) -> Strike:
    """Return a fault that changes the bytes of the venue's reply."""

    async def strike(conversation: Conversation) -> bool:
        await conversation.send(how.change(await conversation.ask()))
        return how.goes_on

    return strike


async def reply_lost(conversation: Conversation) -> bool:
    await conversation.ask()
    await asyncio.sleep(LOST_S)
    return conversation.reset()


async def reset_after(conversation: Conversation) -> bool:
    await conversation.ask()
    return conversation.reset()


async def close_after(conversation: Conversation) -> bool:
    await conversation.ask()
    return False


async def reset_amid_reply(conversation: Conversation) -> bool:
    sent = (await conversation.ask()).sent
    await conversation.send(sent[: len(sent) // 2])
    return conversation.reset()


async def reply_late(conversation: Conversation) -> bool:
    reply = await conversation.ask()
    await asyncio.sleep(LATE_S)
    return await conversation.send(reply.sent)


async def reply_lagging(conversation: Conversation) -> bool:
    """Answer when the client has given up, on the connection it may have kept."""
    reply = await conversation.ask()
    await asyncio.sleep(LOST_S)
    return await conversation.send(reply.sent)


async def reply_twice_late(conversation: Conversation) -> bool:
    reply = await conversation.ask()
    await conversation.send(reply.sent)
    await asyncio.sleep(0.05)
    return await conversation.send(reply.sent)


async def reply_trickles(conversation: Conversation) -> bool:
    sent = (await conversation.ask()).sent
    for start in range(0, len(sent), 40):
        await conversation.send(sent[start : start + 40])
        await asyncio.sleep(TRICKLE_S)
    return True


async def reply_in_slices(conversation: Conversation) -> bool:
    sent = (await conversation.ask()).sent
    for position in range(len(sent)):
        await conversation.send(sent[position : position + 1])
    return True


async def reset_after_reply(conversation: Conversation) -> bool:
    await conversation.send((await conversation.ask()).sent)
    await asyncio.sleep(0.01)
    return conversation.reset()


HTTP_FAULTS: dict[str, HttpFault] = {
    name: HttpFault(name, strike)
    for name, strike in {
        "reset_before": reset_before,
        "close_before": close_before,
        "rate_limited": rate_limited,
        "gateway_before": gateway_before,
        "unavailable_before": unavailable_before,
        "swallowed": swallowed,
        "request_late": request_late,
        "request_late_after_gateway": request_late_after_gateway,
        "request_late_after_reset": request_late_after_reset,
        "reply_lost": reply_lost,
        "reset_after": reset_after,
        "close_after": close_after,
        "reset_amid_reply": reset_amid_reply,
        "reply_late": reply_late,
        "reply_lagging": reply_lagging,
        "reply_twice_late": reply_twice_late,
        "reply_trickles": reply_trickles,
        "reply_in_slices": reply_in_slices,
        "reset_after_reply": reset_after_reply,
        **{name: altered(one) for name, one in REPLY_CHANGES.items()},
    }.items()
}
"""Every fault by name."""
