"""Which copies of mails and meetings are one, where no shared id says so: a mail the CRM logged, an event typed again.

One of a kind, about the same, at the same time, in the same direction, with the same people outside, and no two texts
that differ. Where several could be meant, none is taken: two touchpoints too many harm less than one too few. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from mappings.copy_keys import WORDS, is_day_only

SHORT, SAME_WORDS, MEETING = timedelta(minutes=10), timedelta(hours=24), timedelta(minutes=5)
"""How far the times of two copies may lie apart: as they are, where their texts agree, and of meetings."""
TELLING = 24
"""Letters of a text that tell it from others."""
COMPARED = 160
LOGGED_HEADER = re.compile(r"\A(?:[\w -]{2,20}:[^\n]*\n|\s*\n){2,12}", re.MULTILINE)
"""`To: …`, `Subject: …`, `Body:` as CRMs put them above the text of a logged mail."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One staged copy. addresses: of people outside; domains: theirs, and of the organizations it is about."""

    record: str
    source: str
    kind: str
    same_as: str | None
    happened_at: str
    topic: str
    direction: str | None = None
    text: str | None = None
    living: bool = True
    addresses: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()

    @property
    def identity(self) -> str:
        """What it is by itself."""
        return self.same_as or self.record


@dataclass(frozen=True, slots=True, order=True)
class Alike:
    """Two copies that may be one, the surest first: their texts agree, then their times."""

    differs: bool
    gap: timedelta
    left: str
    right: str


def one_touchpoint(copies: Sequence[Seen]) -> dict[str, str]:
    """What each copy is: the identity shared by all copies of one touchpoint. Independent of order."""
    known = {copy.record: copy for copy in copies}
    alike = [found for left, right in candidates(copies) if (found := compare(left, right))]
    choices: dict[tuple[str, str], list[Alike]] = {}
    for pair in alike:
        choices.setdefault((pair.left, known[pair.right].source), []).append(pair)
        choices.setdefault((pair.right, known[pair.left].source), []).append(pair)
    chosen = {key: choice(key[0], pairs, known) for key, pairs in choices.items()}
    groups = {copy.record: [copy.record] for copy in copies}
    for pair in sorted(alike):
        left, right = known[pair.left], known[pair.right]
        agreed = (
            right.identity in chosen[left.record, right.source],
            left.identity in chosen[right.record, left.source],
        )
        if all(agreed) and groups[left.record] is not groups[right.record]:
            join(groups, left.record, right.record, known)
    return {record: identity([known[each] for each in group]) for record, group in groups.items()}


def candidates(copies: Iterable[Seen]) -> Iterable[tuple[Seen, Seen]]:
    """Pairs that share somebody outside, each once; the rest need not be compared."""
    by_person: dict[str, list[Seen]] = {}
    for copy in sorted(copies, key=lambda copy: copy.record):
        for person in (*copy.addresses, *(f"@{domain}" for domain in copy.domains)):
            by_person.setdefault(f"{copy.kind}:{copy.topic}:{person}", []).append(copy)
    pairs = {
        (left.record, right.record): (left, right)
        for sharing in by_person.values()
        for left, right in combinations(sharing, 2)
        if left.source != right.source and not (left.same_as and right.same_as)
    }
    return [pairs[key] for key in sorted(pairs)]


def compare(left: Seen, right: Seen) -> Alike | None:
    """How alike two copies are; None where something speaks against it."""
    if left.direction and right.direction and left.direction != right.direction:
        return None
    if left.addresses and right.addresses and not left.addresses & right.addresses:
        return None
    agree = texts_agree(left.text, right.text) if left.kind == "email" else None
    if agree is False:
        return None
    gap = abs(datetime.fromisoformat(left.happened_at) - datetime.fromisoformat(right.happened_at))
    day_only = left.kind == "email" and (is_day_only(left.happened_at) or is_day_only(right.happened_at))
    patience = MEETING if left.kind == "meeting" else SAME_WORDS if agree or day_only else SHORT
    return Alike(agree is not True, gap, left.record, right.record) if gap <= patience else None


def texts_agree(one: str | None, other: str | None) -> bool | None:
    """Whether two texts begin alike; None where one of them says too little."""
    short, long = sorted((letters(one), letters(other)), key=len)
    if len(short) < TELLING:
        return None if not short or long.startswith(short) else False
    return long.startswith(short[:COMPARED])


def letters(text: str | None) -> str:
    """A text for comparing: its letters and digits in lower case, without a header the CRM put above it."""
    return "".join(WORDS.findall(LOGGED_HEADER.sub("", text or "").casefold()))


def choice(record: str, pairs: Sequence[Alike], known: dict[str, Seen]) -> set[str]:
    """The one identity meant in another source: of those that live, of the surest; none where two are as sure."""
    others = {known[pair.right if pair.left == record else pair.left]: pair for pair in pairs}
    living = {other: pair for other, pair in others.items() if other.living} or others
    surest = min((pair.differs for pair in living.values()), default=True)
    meant = {other.identity for other, pair in living.items() if pair.differs == surest}
    return meant if len(meant) == 1 else set()


def join(groups: dict[str, list[str]], left: str, right: str, known: dict[str, Seen]) -> None:
    """Make two groups one, unless they bear two ids, or two copies of one source without any."""
    both = [known[record] for record in (*groups[left], *groups[right])]
    ids = {copy.same_as for copy in both if copy.same_as}
    bare = [copy.source for copy in both if not copy.same_as]
    if len(ids) > 1 or len(bare) != len(set(bare)):
        return
    merged = [copy.record for copy in both]
    groups.update(dict.fromkeys(merged, merged))


def identity(group: Sequence[Seen]) -> str:
    """What a group is known by: the id one of them bears, else the smallest record."""
    return next((copy.same_as for copy in group if copy.same_as), None) or min(copy.record for copy in group)
