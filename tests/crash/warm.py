"""What a process does once and first, done before it is forked: half of what a sync of the small company costs."""

from __future__ import annotations

import importlib
import pkgutil

import icalendar
import mailparser_reply
import splink
import striprtf.striprtf

import mappings
from mappings.clean.places import country_of
from pipelines import resolve
from pipelines.resolve import scores

__all__ = ["icalendar", "mailparser_reply", "resolve", "scores", "splink", "striprtf"]

for module in pkgutil.iter_modules(mappings.__path__):
    importlib.import_module(f"mappings.{module.name}")
country_of("a land that no table of names knows")
