"""The guard's process: waits until its bot dies, hangs or goes mute, and cancels what the bot has open.

``watch`` knows the bot, ``clearing`` the venues; ``python -m tradewire.guard`` is what ``tradewire.Guard`` starts.
"""
