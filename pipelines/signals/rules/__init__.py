"""One rule a file, found by its name, which is what `signal.rule` says.

A rule is `find(partner, today, limits) -> Iterable[Finding]`: pure, and silent as soon as its reason is gone.
"""
