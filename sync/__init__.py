"""Signed files reach this machine, over a link or on a stick, and never go backwards.

python-tuf decides what may be trusted; here are the resumable fetcher, the marks, the clock floor, packs and deltas,
the admin's repository, and the outbox that goes the other way.  Imports nothing of ours; only `line` and what is
handed in open a connection.
"""
