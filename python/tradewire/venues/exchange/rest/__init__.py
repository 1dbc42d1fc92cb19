"""Exchange over REST: one file per subject of its documentation, with rows, requests, replies and methods."""
