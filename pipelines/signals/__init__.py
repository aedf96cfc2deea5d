"""Signals: what about a partner needs a person, found by rules over golden and staged rows, opened and closed by them.

Belongs here: reading the facts of a partner, the rules (`rules/`, one a file, pure), bringing table `signal` to what
they found. Does not belong here: how signals are shown (`partnerhub/cli`, `partnerhub/web`).
"""
