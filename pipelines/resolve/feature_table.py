"""Features as a table for DuckDB: what a record says, and how common that is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # ships none

from partnerhub.identity.features import Features
from partnerhub.identity.policy import DEFAULT, Policy
from partnerhub.identity.words import known_words
from pipelines.resolve.frequency import ONCE, Count, Frequencies, is_generic

TEXTS = pa.list_(pa.string())
TEXT_LISTS = ("own", "rare", "kinds", "numbers")
NUMBERED_LISTS = ("weighed", "weighed_spelled", "trigrams")
"""Words and letters as numbers, which are compared three times as fast; the last digit of a word is its weight."""
COLUMNS = pa.schema(
    [
        ("unique_id", pa.string()),
        ("fresh", pa.bool_()),
        *((name, TEXTS) for name in ("names", "words", "acronyms", "initials", "labels")),
        *((name, TEXTS) for name in TEXT_LISTS),
        *((name, pa.list_(pa.int64())) for name in NUMBERED_LISTS),
        ("weight", pa.int32()),
        ("spelled_weight", pa.int32()),
        *(
            (name, pa.string())
            for name in (
                "compact", "host", "mail_host", "domain", "phone", "street", "city", "country", "said_country",
            )
        ),
        *((name, pa.bool_()) for name in ("latin_name", "latin_city", "only_a_name")),
        *(
            (name, pa.int32())
            for name in (
                "site_names", "domain_names", "name_domains", "name_records", "short_names", "label_domains",
                "phone_names", "street_names",
            )
        ),
        ("shared", TEXTS),
    ]
)  # fmt: skip
SAID = [name for name in COLUMNS.names if name in {"only_a_name", *Features.__dataclass_fields__}]
"""What a record says as it is; the other columns are worked out."""
RECORDS, NAMES, DOMAINS = map(Count._fields.index, ("records", "names", "domains"))
IDENTIFYING = (
    ("host", ("host", "domain")),
    ("host", ("mail_host",)),
    ("phone", ("phone",)),
    ("street", ("street",)),
)
"""Kinds of values that may be generic, and what is unknown then: by the first of the columns."""
GENERAL, COMMON, UNUSUAL, RARE = 1, 2, 3, 4
"""What a word weighs. General ones are those of the table of words, and those that many records hold."""
GENERAL_FROM, COMMON_FROM, UNUSUAL_FROM = 40, 21, 5
"""From how many records a word is general, and from how many names it is common or unusual."""


def feature_table(
    features: Iterable[Features],
    fresh: Collection[str] | None,
    frequencies: Frequencies,
    policy: Policy = DEFAULT,
) -> pa.Table:
    """A row per record. fresh: records that are to be compared with all; None: all are."""
    rows = [
        feature_row(f, frequencies, policy) | {"fresh": fresh is None or f.record in fresh} for f in features
    ]
    return pa.Table.from_pylist(rows, schema=COLUMNS)


def feature_row(f: Features, frequencies: Frequencies, policy: Policy) -> dict[str, Any]:
    """One record as a row; a generic site, phone or street is left out, as if it was not known."""
    row: dict[str, Any] = {name: getattr(f, name) for name in SAID}
    for kind, columns in IDENTIFYING:
        value = f"{kind}:{row[columns[0]]}"
        if is_generic(value, frequencies.of(value), policy):
            row |= dict.fromkeys(columns)
    return (
        row
        | word_columns(f, frequencies)
        | count_columns(f, frequencies)
        | {
            "unique_id": f.record,
            "country": f.country or f.said_country,
            "trigrams": sorted({numbered(f.compact[k : k + 3]) for k in range(len(f.compact) - 2)}),
            "shared": sorted(f.blocking_values - frequencies.too_common),
        }
    )


def word_columns(f: Features, frequencies: Frequencies) -> dict[str, Any]:
    """The words of a name by how telling they are."""
    known = known_words()
    weight = {word: word_weight(word, frequencies) for word in (*f.words, *f.spelled)}
    own = [word for word in f.words if weight[word] > GENERAL and len(word) > 1]
    return {
        "own": own,
        "rare": [word for word in own if weight[word] == RARE],
        "kinds": sorted(word for word in f.words if word in known.kinds),
        "numbers": sorted(word for word in f.words if word.isdigit()),
        "words": sorted(f.words),
        "weighed": [numbered(word) * 10 + weight[word] for word in f.words],
        "weight": sum(weight[word] for word in f.words),
        "weighed_spelled": [numbered(word) * 10 + weight[word] for word in f.spelled],
        "spelled_weight": sum(weight[word] for word in f.spelled),
    }


@lru_cache(maxsize=262_144)
def numbered(text: str) -> int:
    """A text as a number: the same one everywhere and always, and hardly ever that of another text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest())


def word_weight(word: str, frequencies: Frequencies) -> int:
    """How telling a word is, from GENERAL to RARE."""
    count = frequencies.of(f"word:{word}")
    if word in known_words().concept_of or count.records >= GENERAL_FROM:
        return GENERAL
    if count.names >= COMMON_FROM:
        return COMMON
    return UNUSUAL if count.names >= UNUSUAL_FROM else RARE


def count_columns(f: Features, frequencies: Frequencies) -> dict[str, int]:
    """How common the site, the name and the rest of a record are; the most common of several."""
    counts = frequencies.counts

    def most(of: int, kind: str, values: Iterable[str | None]) -> int:
        return max([counts.get(f"{kind}:{value}", ONCE)[of] for value in values if value], default=0)

    return {
        "site_names": most(NAMES, "host", (f.host, f.mail_host)),
        "domain_names": most(NAMES, "domain", (f.domain,)),
        "name_domains": most(DOMAINS, "name", f.names),
        "name_records": most(RECORDS, "name", f.names),
        "short_names": most(NAMES, "initials", f.acronyms + f.initials),
        "label_domains": most(DOMAINS, "label", f.labels),
        "phone_names": most(NAMES, "phone", (f.phone,)),
        "street_names": most(NAMES, "street", (f.street,)),
    }
