"""The pass that watches: every stream judged, incidents opened and closed, people told, a sign of life left."""

from pipelines.health.look import HealthReport, look

__all__ = ["HealthReport", "look"]
