"""Answers for other programs: our own API, and the shape that chat clients know.

    guard (who, how much) ─ inputs (what is asked) ─ answers (in turn, off the loop) ─ JSON

The objects are those of the command line; nothing of a question is kept.
"""
