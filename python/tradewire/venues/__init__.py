"""One package per venue. Venues do not know each other; ``tradewire.registry`` says which there are.

The ``__init__`` of a venue holds its description, ``VENUE``. Its other files have the same names on every venue; some
have one or two of their own beside them. Only ``client``, ``connection`` and what belongs to them await.

    hosts       where it is, and its rate groups
    auth        how a request says who sends it
    api         what all its REST endpoints share: the rows' maker, arguments in the venue's spelling
    rest/       a file for each subject of its documentation: rows, requests, replies, the client's methods
    rest_rules  what ``session.rest`` must know of the venue
    shapes      the wire's spelling that REST and pushes share
    parse       shapes -> the common model
    model       the words only this venue has
    replies     how its replies are wrapped
    errors      codes and words -> errors
    dialect     WebSocket frames out, topics, codes
    pushes      WebSocket frames in -> model (or a reducer, ``user_state``)
    queries     the questions that settle an order's fate
    connection  its streams and everything that lives on them
    streams     the ``watch_...`` methods
    client      the class a bot uses
"""
