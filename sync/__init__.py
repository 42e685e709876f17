"""Signed files reach this machine.

The room is kept free of the others: nothing of ours is imported here.  Documents come by hand so far
(`rohnamo ingest`); nothing in this program opens a connection.
"""
