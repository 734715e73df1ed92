"""A witness: its own small program, which cosigns the checkpoints of logs it finds append-only.

It speaks C2SP tlog-witness, needs no PostgreSQL and no members list, and serves any log of that
form. `plan` is its settings, `state` its memory, `door` what it answers, `running` its process.
"""
