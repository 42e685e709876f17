"""Whether this machine can answer: each check a line, with what to do where it fails.

Checks look and change nothing, and open no connection but to a server that is configured.
"""

from assistant.doctor.check import Check, worst
from assistant.doctor.examination import examine

__all__ = ["Check", "examine", "worst"]
