"""What a text of an address or a form may be at all."""

from __future__ import annotations

from typing import Final

PLAIN: Final = r"^[^\x00]*$"
"""A text a database can take."""
