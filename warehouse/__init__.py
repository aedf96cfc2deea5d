"""The warehouse: what is kept, and how it is written and read, on SQLite (embedded) or PostgreSQL (production).

Belongs here: tables (`tables/`), migrations, the connection (`database`), bulk writes (`bulk`), reads (`queries/`) and
the writes people trigger (`commands/`). Does not belong here: what a field means (`mappings`), when a step runs
(`pipelines`), pages and commands (`partnerhub`).
"""
