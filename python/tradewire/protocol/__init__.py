"""The conversation with a venue, sans-IO: bytes and the time come in, bytes, events and deadlines come out."""
