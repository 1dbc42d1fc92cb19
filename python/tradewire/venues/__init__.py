"""One package per venue. Venues do not know each other; ``tradewire.registry`` says which there are.

The ``__init__`` of a venue holds its description, ``VENUE``. Its other files have the same names on every venue; some
have one or two of their own beside them. All but ``client`` and ``connection`` are sans-IO.

    hosts       where it is, and its rate groups
    auth        how a request says who sends it
    shapes      the wire's spelling, nothing else
    model       the words only this venue has
    requests    what the methods ask, checked, and how it is encoded
    endpoints   one typed row per REST endpoint
    parse       shapes -> model
    errors      codes and words -> errors
    rest        what ``session.rest`` must know of the venue
    dialect     WebSocket frames out, topics, codes
    pushes      WebSocket frames in -> model (or a reducer, ``user_state``)
    queries     the questions that settle an order's fate
    connection  its streams and everything that lives on them
    client      the class a bot uses; its methods call one row or watch one topic each, and are in
                ``market_data``, ``account``, ``trading`` and ``streams``
"""
