"""Recordings: what a venue and a client said to each other, byte for byte, with both clocks, on disk.

Bottom up: ``format`` says what the bytes of a file mean, ``writer`` and ``reader`` write and read them, ``redaction``
takes secrets out, ``taps`` stand between a session and its transports, ``recorder`` joins these.

The recorder stands at the transport seam: what passes there is all there is, so no venue needs code of its own, and
nothing runs where nothing is recorded (the taps are put in when a recorder is made). On the event loop a frame costs
one more call, one clock and an entry in a queue; packing, redacting, compressing and writing happen in a thread.
"""
