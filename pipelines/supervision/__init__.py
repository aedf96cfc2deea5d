"""Keeping a hub's programs at work on one machine: started together, started again when one dies, stopped together."""
