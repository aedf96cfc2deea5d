"""Whether the hub holds what its sources hold: counted where the source counts, listed id by id where it does not.

Nothing here decides what a record says; what a comparison brings goes the way of every other version.
"""

from pipelines.reconcile.compare import Proof, ReconcileReport, reconcile

__all__ = ["Proof", "ReconcileReport", "reconcile"]
