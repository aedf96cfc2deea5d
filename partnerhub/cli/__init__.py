"""The command line: one file per command group, each thin over the engine and the warehouse.

Belongs here: arguments, tables, JSON, exit codes. Does not belong here: anything a page or a schedule needs too.
Heavy libraries are imported inside the command that uses them, so that `--help` answers at once.
"""
