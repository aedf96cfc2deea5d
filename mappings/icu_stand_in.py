"""Lets rigour run where PyICU is not installed, and everywhere alike: it answers `import icu` with anyascii.

rigour imports normality, and normality makes two PyICU transliterators while it is imported. PyICU is
published as source only: installing it takes a C++ compiler and ICU's headers, which `make demo` does not ask
for. The hub transliterates only to look up country names, where both sides of the comparison take the same way.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from anyascii import anyascii

if TYPE_CHECKING:
    from collections.abc import Sequence


class Transliterator:
    """In place of `icu.Transliterator`: every script it is made for ends as ASCII."""

    @staticmethod
    def createInstance(script: str) -> Transliterator:  # noqa: N802  # PyICU's own name
        """Make one, for whatever script."""
        del script
        return Transliterator()

    def transliterate(self, text: str) -> str:
        """The text in ASCII letters: `Россия` is `Rossiya`."""
        return str(anyascii(text))


class StandInFinder(MetaPathFinder, Loader):
    """Finds `icu` and nothing else. First in line, so that an installed PyICU makes no difference."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The stand-in for `icu`."""
        del path, target
        return ModuleSpec(fullname, self) if fullname == "icu" else None

    def exec_module(self, module: ModuleType) -> None:
        """Put in the one name that normality imports."""
        module.Transliterator = Transliterator  # type: ignore[attr-defined]


if not any(isinstance(finder, StandInFinder) for finder in sys.meta_path):
    sys.meta_path.insert(0, StandInFinder())
