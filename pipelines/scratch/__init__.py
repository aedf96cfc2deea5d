"""A second warehouse beside the hub's: filled from it, worked on with the steps of a sync, compared with it, dropped.

Belongs here: making and dropping it, copying tables into it, and comparing it with the hub row by row. Does not belong
here: what is proven (`pipelines/rebuild`) or tried (`pipelines/preview`) in it.
"""
