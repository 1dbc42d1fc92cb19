"""Replays: a recording played back to clients as if the venue were there, with orders that meet a fill model.

What a bot talks to is the sandbox's venue, so that logins, orders, their pushes and everything about its own account
work as in the sandbox. Two things are different. Public market data is what was recorded: the venue's own never leaves
it, and recorded frames go out byte for byte when they are due. And the venue's market makers are gone: whether an order
trades is decided by the recorded book and the fill model, which then has a counterparty trade with it.

    tape      the records of a file, in order, and what they are about
    wires     what of a venue's frames must be known: whose book a push is about, what a message subscribes to
    player    sends what is due to whoever subscribed to it, and a whole book to whoever comes later
    model     which orders trade: queues, latency, what is consumed
    queues    how much is ahead of an order
    session   ``tradewire.replay``: in memory with virtual time, or over sockets
    report    what came of it: fills, profit, inventory; ``plots`` draws it

Numbers of a channel may count per connection: a client that follows fewer markets than were recorded gets its frames
renumbered, gaps kept. Nothing else of a recorded frame is ever changed.
"""
