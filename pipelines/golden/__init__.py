"""Publication: staged records and identity become one golden record per organization and person, facts and timeline.

Belongs here: what is recomputed for which change, and how it is written. Does not belong here: which records are the
same (`pipelines.resolve`) and which value wins (`partnerhub.identity.survivorship`).
"""
