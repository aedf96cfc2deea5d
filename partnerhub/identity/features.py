"""What two organizations are compared by, derived from one staged record. Pure; never shown, only compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from typing import Any, NamedTuple

from partnerhub.identity.cities import city_key
from partnerhub.identity.folding import folded, folded_name, in_latin, telling_words
from partnerhub.identity.naming import (
    CountryOf,
    Said,
    canonical_words,
    initials_of,
    said_by,
    spelled_words,
)
from partnerhub.identity.streets import street_key
from partnerhub.identity.words import known_words

EDGE = 3
"""Letters at either end of a name that find its misspellings within a city: a slip spoils one end at most."""
LONGEST_BLOCK = 500
"""Letters of a blocking value; four bytes a letter still fit into an index of PostgreSQL."""
LONGEST_LABEL = 20
SHORTEST_LABEL = 3
TELLING = 3
"""How many words of a name are taken in pairs to find others that hold them."""
NO_LABELS = frozenset({"www", "gov", "edu"})
CACHED_NAMES = 32_768
"""What names say is kept for so many of them: 40 MB."""
SHOWN = ("name", "website", "email", "phone", "street", "city", "country")


@dataclass(frozen=True, slots=True)
class Features:
    """One record as it is compared. Empty means unknown.

    names: every folded name, the shown one first. words: the shown name as concepts of the table of words. spelled:
    its words as they are written. labels: what its site is called (`acme` of www.acme.example). said_country: a
    country that only the name tells.
    """

    record: str
    names: tuple[str, ...]
    words: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()
    compact: str = ""
    acronyms: tuple[str, ...] = ()
    initials: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    host: str | None = None
    mail_host: str | None = None
    domain: str | None = None
    phone: str | None = None
    street: str | None = None
    city: str | None = None
    country: str | None = None
    said_country: str | None = None
    latin_name: bool = True
    latin_city: bool = True
    shown: Mapping[str, str | None] = field(default_factory=dict, compare=False)

    @property
    def only_a_name(self) -> bool:
        """Whether nothing is known but the name: such a record may join one organization, never tie two."""
        return not (self.host or self.mail_host or self.phone or self.street or self.city or self.country)

    def blocking_values(self) -> set[str]:
        """`kind:value`. Two records are compared when they share one that is not held by too many.

        They depend on this record alone, so that a change elsewhere leaves them as they are. How common they are says
        how much an agreement is worth.
        """
        short = self.acronyms + self.initials
        values = {f"name:{name}" for name in self.names}
        values |= {f"host:{host}" for host in (self.host, self.mail_host) if host}
        values |= {f"initials:{letters}" for letters in short}
        values |= {f"label:{label}" for label in self.labels + short}
        values |= {f"word:{word}" for word in self.words + self.spelled}
        for kind, value in (("phone", self.phone), ("street", self.street), ("domain", self.domain)):
            if value:
                values.add(f"{kind}:{value}")
        if self.compact and len(self.compact) <= LONGEST_LABEL:
            values.add(f"label:{self.compact}")
        if self.words:
            values.add(f"words:{' '.join(sorted(self.words))}")
        values |= {f"pair:{one} {other}" for one, other in combinations(sorted(self.most_telling()), 2)}
        if self.city and len(self.compact) >= 2 * EDGE:
            values |= {f"start:{self.city} {self.compact[:EDGE]}", f"end:{self.city} {self.compact[-EDGE:]}"}
        return values if max(map(len, values), default=0) <= LONGEST_BLOCK else set(map(bounded, values))

    def most_telling(self) -> list[str]:
        """The words it is most likely known by: own ones first, then the longest ones. No counting, so no change."""
        concepts = known_words().concepts
        return sorted(self.words, key=lambda word: (word in concepts, -len(word), word))[:TELLING]


class Named(NamedTuple):
    """What a name alone says, as in Features."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    spelled: tuple[str, ...]
    compact: str
    acronyms: tuple[str, ...]
    initials: tuple[str, ...]
    said_country: str | None


def bounded(value: str) -> str:
    """A value no longer than an index takes (PostgreSQL: 2,704 bytes a row): the rest of a long one as its hash."""
    if len(value) <= LONGEST_BLOCK:
        return value
    return value[:LONGEST_BLOCK] + blake2b(value.encode(), digest_size=8).hexdigest()


def features_of(
    row: Mapping[str, Any],
    names: Sequence[str],
    hosts: Sequence[str],
    domains: Sequence[str],
    country_of: CountryOf,
) -> Features:
    """Derive the features of a staged organization.

    names: its match keys (legal forms off), the shown one first; [""] where it goes by its host. hosts, domains:
    without generic ones. country_of: reads a country.
    """
    shown = row["name"] if names != [""] else ""
    called = named(shown, tuple(names or [row["name"]]), country_of)
    host = row.get("host") if row.get("host") in hosts else None
    mail_host = next((h for h in sorted(hosts) if h != host), None)
    known = host or mail_host
    domain = next((d for d in sorted(domains) if known and f".{known}".endswith(f".{d}")), known)
    return Features(
        record=row["record"],
        names=called.names,
        words=called.words,
        spelled=called.spelled,
        compact=called.compact,
        acronyms=called.acronyms,
        initials=called.initials,
        labels=tuple(site_labels(known, domain)),
        host=host,
        mail_host=mail_host,
        domain=domain,
        phone=(row.get("phone") or "").partition(";")[0] or None,
        street=street_key(row.get("street")),
        city=city_key(row.get("city")),
        country=row.get("country"),
        said_country=called.said_country,
        latin_name=in_latin(row["name"]),
        latin_city=in_latin(row.get("city")),
        shown={field: row.get(field) for field in SHOWN},
    )


@lru_cache(maxsize=CACHED_NAMES)
def named(shown: str, names: tuple[str, ...], country_of: CountryOf) -> Named:
    """What a record is called. shown: as written; names: its match keys, the shown one first."""
    said = said_by(shown, country_of)
    keys = name_keys(names, said)
    first = keys[0] if keys else ""
    return Named(
        tuple(keys),
        canonical_words(said.main, known_words()) if said.main else (),
        spelled_words(said.whole),
        "".join(telling_words(first)),
        said.acronyms,
        initials_of(said.main, first),
        said.country,
    )


def name_keys(names: Iterable[str], said: Said) -> list[str]:
    """Match keys folded, without a country that stands at the end, then the names found inside the shown one."""
    country = folded(said.country_words) if said.country_words else ""
    keys = [without_country(folded_name(name), country) for name in names]
    keys += [folded_name(part) for part in said.parts]
    return [key for key in dict.fromkeys(keys) if key]


def without_country(key: str, country: str) -> str:
    """A folded name without the country at its end."""
    return folded_name(key.removesuffix(f" {country}")) if country else key


def site_labels(host: str | None, domain: str | None) -> Iterable[str]:
    """What a site is called: the label of its domain, and the last one before it (`www` and the like left out)."""
    if not host or not domain:
        return []
    found = [domain.partition(".")[0]]
    if host != domain:
        found.append(host.removesuffix(f".{domain}").rpartition(".")[2])
    plain = (re.sub(r"[^a-z0-9]", "", folded(label.replace("-", ""))) for label in found)
    return [x for x in dict.fromkeys(plain) if len(x) >= SHORTEST_LABEL and x not in NO_LABELS]
