"""What is measured once a day and kept as a series: quality of partners and sources, and the figures of the registry.

Nothing here decides what a partner is or says; what it counts is published by `warehouse.marts`.
"""

from pipelines.measure.measure import Measured, measure

__all__ = ["Measured", "measure"]
