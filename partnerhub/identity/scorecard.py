"""How much each agreement and disagreement weighs. Read this file to know what the hub thinks evidence is worth.

`same` and `others` are the shares of pairs that show the level: among pairs of one organization, and among pairs of two
different ones. Their ratio is the weight: log2(same / others) bits, one bit more is twice the odds. The numbers
are fixed, not estimated from the user's data: a hub of 300 records cannot teach them, and thresholds that move with the
data would move ids. `when` is DuckDB SQL over the columns of `partnerhub.identity.features`, left `l`, right `r`; the
first level that fits counts; a level without numbers says nothing.
"""

from __future__ import annotations

import math
from typing import NamedTuple

VETO = -40
"""Bits of a level that forbids a join whatever else agrees."""
PRIOR = 2.0**-12
"""How likely two records are the same before anything is compared. Fixed: weights mean the same in every hub."""


class Level(NamedTuple):
    """One outcome of a comparison. words: how it reads in an explanation. rare: a name counts less the more bear it."""

    when: str
    words: str
    same: float | None = None
    others: float | None = None
    rare: bool = False

    @property
    def weight(self) -> float:
        """Bits for (positive) or against (negative) the two being the same, before rarity of a name counts."""
        return math.log2(self.same / self.others) if self.same and self.others else 0.0


class Comparison(NamedTuple):
    """One kind of evidence. field: which shown value an explanation quotes."""

    name: str
    field: str
    levels: tuple[Level, ...]


def weighing(bits: float, same: float = 0.2) -> tuple[float, float]:
    """Shares whose ratio is worth `bits`."""
    share = min(same, 0.999 * 2.0**bits)
    return share, share / 2.0**bits


OTHER_SITES = "l.domain <> r.domain"
OTHER_CITIES = (
    "l.city <> r.city AND l.latin_city = r.latin_city "
    "AND NOT contains(l.city, r.city) AND NOT contains(r.city, l.city)"
)
SHORTER = "least(len(l.compact), len(r.compact))"
INITIALS = "l.acronym = r.initials OR l.initials = r.acronym"
BEARERS = "greatest(l.initials_names, r.initials_names)"
SITE_NAMES = "greatest(l.site_names, r.site_names)"
MAIL = "l.host = r.mail_host OR l.mail_host = r.host OR l.mail_host = r.mail_host"
WITHIN = "(list_has_all(l.tokens, r.tokens) OR list_has_all(r.tokens, l.tokens))"
SAME_NAME = "list_has_any(l.names, r.names)"
SLIP = f"{SHORTER} >= 7 AND damerau_levenshtein(l.compact, r.compact) = 1"
ALIKE = f"({SAME_NAME} OR l.tokens = r.tokens OR l.compact = r.compact OR ({SLIP}))"

SCORECARD: tuple[Comparison, ...] = (
    Comparison(
        "name",
        "name",
        (
            Level("l.names = [] OR r.names = []", "no name to compare"),
            Level("l.names[1] = r.names[1]", "same name", *weighing(14), rare=True),
            Level(SAME_NAME, "same name among their names", *weighing(13)),
            Level("l.tokens = r.tokens OR l.compact = r.compact", "same words in the name", *weighing(14)),
            Level(
                f"({INITIALS}) AND {BEARERS} <= 2 AND {SHORTER} >= 4",
                "one name is the initials of the other and of nobody else",
                *weighing(16),
            ),
            Level(
                f"({INITIALS}) AND {BEARERS} <= 3",
                "one name is the initials of the other and of hardly anybody else",
                *weighing(13),
            ),
            Level(INITIALS, "one name is the initials of the other and of others", *weighing(10)),
            Level(
                SLIP,
                "one slip of the finger apart",
                *weighing(12),
            ),
            Level(
                f"{SHORTER} >= 12 AND jaro_winkler_similarity(l.compact, r.compact) >= 0.94",
                "nearly the same spelling of a long name",
                *weighing(11),
            ),
            Level(
                f"{SHORTER} >= 6 AND jaro_winkler_similarity(l.compact, r.compact) >= 0.94",
                "nearly the same spelling",
                *weighing(9),
            ),
            Level(
                f"least(len(l.tokens), len(r.tokens)) >= 2 AND {WITHIN}",
                "all words of one name are in the other",
                *weighing(10),
            ),
            Level(
                f"{SHORTER} >= 5 AND {WITHIN}",
                "the one word of one name is in the other",
                *weighing(4),
            ),
            Level(
                f"{SHORTER} >= 6 AND jaro_winkler_similarity(l.compact, r.compact) >= 0.88",
                "similar spelling",
                *weighing(4),
            ),
            Level(
                "len(list_intersect(l.tokens, r.tokens)) * 2 >= greatest(len(l.tokens), len(r.tokens))",
                "half of the words of the name are the same",
                *weighing(1),
            ),
            Level("l.latin_name <> r.latin_name", "names in different scripts", *weighing(0.5)),
            Level("ELSE", "different names", *weighing(-4)),
        ),
    ),
    Comparison(
        "site",
        "website",
        (
            Level("l.domain IS NULL OR r.domain IS NULL", "no website or mail domain to compare"),
            Level(f"l.host = r.host AND {SITE_NAMES} <= 3", "same website", *weighing(19)),
            Level(
                f"l.host = r.host AND {SITE_NAMES} <= 6",
                "same website, used under several names",
                *weighing(17),
            ),
            Level("l.host = r.host", "same website, used under many names", *weighing(11)),
            Level(f"({MAIL}) AND {SITE_NAMES} <= 3", "same mail domain", *weighing(18)),
            Level(
                f"({MAIL}) AND {SITE_NAMES} <= 6", "same mail domain, used under several names", *weighing(16)
            ),
            Level(MAIL, "same mail domain, used under many names", *weighing(10)),
            Level("l.domain = r.domain", "websites of one domain", *weighing(8)),
            Level("ELSE", "different websites", *weighing(-5)),
        ),
    ),
    Comparison(
        "phone",
        "phone",
        (
            Level("l.phone IS NULL OR r.phone IS NULL", "no phone to compare"),
            Level(f"l.phone = r.phone AND {OTHER_SITES}", "same phone, but different websites", *weighing(4)),
            Level("l.phone = r.phone", "same phone", *weighing(11)),
            Level("ELSE", "different phones", *weighing(-1)),
        ),
    ),
    Comparison(
        "street",
        "street",
        (
            Level("l.street IS NULL OR r.street IS NULL", "no street to compare"),
            Level(
                f"l.street = r.street AND ({OTHER_SITES})",
                "same street, but different websites",
                *weighing(2),
            ),
            Level(
                f"l.street = r.street AND NOT coalesce({OTHER_CITIES}, false)",
                "same street and number",
                *weighing(8),
            ),
            Level("ELSE", "different streets", *weighing(-1.5)),
        ),
    ),
    Comparison(
        "place",
        "city",
        (
            Level("l.country <> r.country", "different countries", *weighing(-8)),
            Level("l.city IS NULL OR r.city IS NULL", "no city to compare"),
            Level(OTHER_CITIES, "different cities", *weighing(-3)),
            Level("ELSE", "same city", *weighing(2)),
        ),
    ),
    Comparison(
        "branch",
        "city",
        (
            Level(f"NOT coalesce({OTHER_CITIES}, false) OR {ALIKE}", "no sign of a branch"),
            Level(
                "l.domain = r.domain OR l.phone = r.phone",
                "looks like head office and branch",
                *weighing(VETO),
            ),
            Level("ELSE", "no sign of a branch", *weighing(0)),
        ),
    ),
)
