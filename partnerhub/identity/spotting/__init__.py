"""Spotting: which organization a free text names, such as an affiliation, a project title or a line of a slide.

A text is cut into segments; rows of words that are a name of an organization of the base (`base`, `names`) are weighed
by how they match and what stands around them (`evidence`, `card`). Precision first: what several may bear waits.
Pure; `pipelines/resolve/spotting.py` reads the base from the warehouse.
"""

from partnerhub.identity.spotting.base import Base, Known
from partnerhub.identity.spotting.spot import Answer, Candidate, spot

__all__ = ["Answer", "Base", "Candidate", "Known", "spot"]
