"""Legal forms of organizations (GmbH, S.A., ООО), from rigour: the one door to that library.

rigour imports normality, and normality builds PyICU transliterators as it is imported. PyICU is published as source
only: installing it takes a C++ compiler and ICU's headers, which `make demo` does not ask for. The hub transliterates
nothing, so where PyICU is absent a stand-in takes its place while rigour is imported, and says so if it is ever used.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType


class AbsentTransliterator:
    """Stands in for `icu.Transliterator`: can be made, cannot be used."""

    @staticmethod
    def createInstance(script: str) -> AbsentTransliterator:  # noqa: N802  # PyICU's own name
        """Make one, for whatever script."""
        del script
        return AbsentTransliterator()

    def transliterate(self, text: str) -> str:
        """Refuse: nothing of ours transliterates."""
        raise NotImplementedError(f"install PyICU to transliterate {len(text)} characters")


def import_without_icu() -> None:
    """Import rigour's names with a stand-in for PyICU, which is gone again afterwards. Safe to call twice."""
    stand_in = ModuleType("icu")
    stand_in.Transliterator = AbsentTransliterator  # type: ignore[attr-defined]
    sys.modules["icu"] = stand_in
    try:
        importlib.import_module("rigour.names")
    finally:
        del sys.modules["icu"]


if importlib.util.find_spec("icu") is None:
    import_without_icu()

from rigour.names import extract_org_types, normalize_name  # noqa: E402  # only now can it be imported

__all__ = ["extract_org_types", "normalize_name"]
