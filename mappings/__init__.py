"""Mappings: one module per system; each says, row by row, which staged field comes from which path by which cleaner.

Belongs here: the canonical record (`canonical`), mapping rows and how they run (`rows`), cleaners (`clean/`). Pure
functions, no I/O. Knows of connectors only the record they yield and the errors.
"""

import mappings.icu_stand_in  # noqa: F401  # before anything here imports rigour
