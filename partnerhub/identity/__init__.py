"""Identity: which records are the same organization or person, and on which lasting id.

Belongs here: pure rules (policy, features, grouping, ids, explanations). Does not belong here: databases, Splink,
reading or writing anything (`pipelines/resolve` does that).
"""
