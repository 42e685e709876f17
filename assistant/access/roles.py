"""Whose pages an account opens: a closed set."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """Whose pages an account opens, and no others."""

    CLERK, ADMIN = "clerk", "admin"
