"""Incidents told to people: one message when one opens, one when it is over, tried again until it arrives."""
