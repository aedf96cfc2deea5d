"""The kinds of changes there are, and which of them a row of history is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from warehouse.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KINDS: Final = {
    "identity.created": "an organization or person got an id",
    "identity.merged": "the id answers by `other_id` from now on",
    "identity.redirected": "the id, merged before, answers by another one now: `other_id`",
    "identity.revived": "the id, merged before, answers for itself again, no longer by `other_id`",
    "identity.split": "the id left `other_id`, founded by `record`",
    "identity.moved": "`record` went from `other_id` to the id",
    "partner.created": "an organization is published",
    "partner.changed": "`field` went from `before` to `after`",
    "partner.joined": "it is on the partner list now; `field` names the program",
    "partner.left": "it is no longer on the list of this program",
    "partner.deleted": "every source deleted it, or no record of its own is left",
    "partner.restored": "a source has it again",
    "deal.opened": "a deal is published",
    "deal.stage_changed": "`stage` went from `before` to `after`",
    "deal.amount_changed": "`before` and `after` are minor units and ISO currency: `1250000 EUR`",
    "deal.won": "it is closed, and won",
    "deal.lost": "it is closed, and lost",
    "deal.reopened": "it is open again, or no source says any more how it ended",
    "deal.changed": "another `field` went from `before` to `after`",
    "deal.deleted": "every source deleted it, or it is one with another deal now",
    "deal.restored": "a source has it again",
}
"""Kind → what happened."""
GROUPS: Final = {
    **{
        name: frozenset(kind for kind in KINDS if kind.startswith(f"{name}."))
        for name in ("identity", "partner", "deal")
    },
    "deal.closed": frozenset({"deal.won", "deal.lost"}),
}
"""Further words for `kinds`: all of one subject, and however a deal closed."""
IDENTITY: Final = {"minted": "created"}
"""Words of the ledger that others would not know."""
DEAL_FIELDS: Final = ("name", "pipeline", "close_date", "deal_type", "owner")
"""Fields of a deal without a kind of their own, in the order in which they are told."""
CLOSED: Final = frozenset({"won", "lost"})


class UnknownKind(WarehouseError):
    """Somebody asks for a kind of change that there is not."""


class Happened(NamedTuple):
    """One change of one deal: its kind, the field and what that held before and after."""

    kind: str
    field: str
    before: str | None
    after: str | None


def wanted_kinds(words: Iterable[str]) -> frozenset[str]:
    """The kinds that words and groups name; all for none. Raises UnknownKind."""
    found: set[str] = set()
    for word in words:
        if word not in KINDS and word not in GROUPS:
            raise UnknownKind(
                f"There is no kind of change {word[:60]!r}.", f"Use of: {', '.join((*GROUPS, *KINDS))}."
            )
        found |= GROUPS.get(word, {word})
    return frozenset(found or KINDS)


def kind_of_event(kind: str) -> str:
    """What a row of `identity_event` is."""
    return f"identity.{IDENTITY.get(kind, kind)}"


def kind_of_change(field: str, before: str | None, after: str | None) -> str:
    """What a row of `change_log` is."""
    if field == "organization":
        return "partner.created" if before is None else "partner.deleted"
    if field == "deleted_at":
        return "partner.restored" if after is None else "partner.deleted"
    if field.startswith("partnership.") and (before is None or after is None):
        return "partner.joined" if before is None else "partner.left"
    return "partner.changed"


def kinds_of_version(former: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Iterator[Happened]:
    """What a version of a deal tells that the former one did not; nothing where they differ in nothing told."""
    if former is None:
        yield Happened("deal.opened", "deal", None, now["name"])
        if now["status"] in CLOSED:
            yield Happened(f"deal.{now['status']}", "status", None, now["status"])
        return
    if (former["deleted_at"] is None) != (now["deleted_at"] is None):
        kind = "deal.restored" if now["deleted_at"] is None else "deal.deleted"
        yield Happened(kind, "deleted_at", former["deleted_at"], now["deleted_at"])
    if former["status"] != now["status"] and not {former["status"], now["status"]} <= {None, "open"}:
        kind = f"deal.{now['status']}" if now["status"] in CLOSED else "deal.reopened"
        yield Happened(kind, "status", former["status"], now["status"])
    if former["stage"] != now["stage"]:
        yield Happened("deal.stage_changed", "stage", former["stage"], now["stage"])
    if amount_of(former) != amount_of(now):
        yield Happened("deal.amount_changed", "amount", amount_of(former), amount_of(now))
    for name in DEAL_FIELDS:
        if former[name] != now[name]:
            yield Happened("deal.changed", name, former[name], now[name])


MOST_OF_A_VERSION: Final = 16
"""More changes than one version of a deal can tell: places of each version among positions."""


def amount_of(version: Mapping[str, Any]) -> str | None:
    """Minor units and currency as one text."""
    if version["amount_minor"] is None:
        return None
    return f"{version['amount_minor']} {version['currency'] or ''}".strip()
