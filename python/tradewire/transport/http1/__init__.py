"""HTTP/1.1 over connections of our own: ``transport`` sends, ``pool`` keeps connections, ``connection`` is one.

One request is one ``write`` of one buffer, one reply is read by the core; nothing else happens between a bot and its
socket. That is what makes it lean, and why it is not a general client: no redirect, no cookie, no compression.
"""

from tradewire.transport.http1.transport import Http1Transport

__all__ = ["Http1Transport"]
