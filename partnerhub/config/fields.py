"""Which field names a configuration may mention."""

from __future__ import annotations

from partnerhub.config.expect import Place
from partnerhub.config.problems import closest

CUSTOM = "custom."


def organization_fields() -> frozenset[str]:
    """The canonical fields of an organization; lists go by their plain name (`labels`, not `labels_json`)."""
    from mappings.canonical import Organization

    return own_fields((Organization,))


def all_fields() -> frozenset[str]:
    """The canonical fields of every staged kind."""
    from mappings.canonical import STAGED_KINDS

    return own_fields(STAGED_KINDS)


def own_fields(kinds: tuple[type, ...]) -> frozenset[str]:
    """The fields of these staged kinds, without the hub's own bookkeeping."""
    from mappings.canonical import Staged

    names = {name for kind in kinds for name in kind.model_fields}  # type: ignore[attr-defined]  # all SQLModel
    names -= set(Staged.model_fields)
    plain = {name.removesuffix("_json") for name in names}
    return frozenset(names | plain | {"created_at", "modified_at", "deleted_at"})


def stored_name(name: str) -> str:
    """A field as staged rows call it: a list that is named plainly has `_json` behind it."""
    from mappings.canonical import STAGED_KINDS

    as_list = f"{name}_json"
    return as_list if any(as_list in kind.model_fields for kind in STAGED_KINDS) else name


def require_field(place: Place, name: str, allowed: frozenset[str]) -> None:
    """Report a field that does not exist; `custom.<name>` always may."""
    if name in allowed or (name.startswith(CUSTOM) and name != CUSTOM):
        return
    near = closest(name, allowed)
    do = near if near.count("`") else f"See `partnerhub mappings` for fields, or call it `{CUSTOM}{name}`."
    place.note(f"There is no field `{name}`.", do)
