"""`tradewire demo`: the main job, run for real and checked against the venue's own books.

``venue_process`` starts the venue, ``oracle`` asks it for its own state, ``bot`` trades, ``stopwatch`` measures,
``checks`` compares, ``part`` is one venue's part of it, ``run`` puts the parts together and ``summary`` shows the
outcome. All of it is the same for every venue; what differs are the constants in the venue's ``DemoPlan``.
"""
