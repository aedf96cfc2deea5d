"""Reads: the questions pages, commands and checks ask, returning plain typed rows. Nothing here writes."""
