"""`tradewire demo`: the main job, run for real and checked against the venue's own books.

``venue_process`` starts the venue, ``oracle`` asks it for its own state, ``bot`` trades, ``checks`` compares,
``coinex`` puts one venue's part together, ``run`` puts the parts together and ``summary`` tells the outcome.
"""
