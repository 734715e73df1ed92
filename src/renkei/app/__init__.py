"""The rooms put together: settings, keys, doors, command line, demo.

Words: *site* (one process with its settings, keys, database and log), *door* (where it listens),
*ecosystem* (the sites of one members list).
Each folder is one matter: `units` (questions of own units), `passing` (messages), `bodies` (what is
kept of them), `files`, `deliveries`, `disclosure` (what the store tells), `membership`,
`sign_in`, `console`, `operations`, `keeping`, `proofs`, `standards`, `decisions`, `commands`,
`demo`, `sandbox`.
Promise: what runs in production and what runs in the demo and the tests is the same program; a
site refuses to start on settings, keys or a database it does not understand.
Trust: the files of a site's `keys` folder are its identity; whoever reads them can speak for it.
"""

from renkei.app.cli import main

__all__ = ["main"]
