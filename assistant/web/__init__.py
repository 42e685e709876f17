"""The pages of a kiosk: server-rendered HTML over the same answers as the command line, on this machine only.

    app ─ guard ─ screens, events, source, take, forms, … ─ pages (templates) ─ desk (current snapshot, sessions)

Nothing of a citizen is written to a disk or to a log, and no question stands in an address.
"""
