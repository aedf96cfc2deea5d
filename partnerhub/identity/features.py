"""What two organizations are compared by, derived from one staged record. Pure; never shown, only compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import combinations
from typing import Any, NamedTuple

from partnerhub.identity.cities import city_key
from partnerhub.identity.folding import folded, folded_name, in_latin, telling_words
from partnerhub.identity.naming import CountryOf, Said, said_by, worded
from partnerhub.identity.streets import street_key
from partnerhub.identity.words import known_words

EDGE = 3
"""Letters at either end of a name that find its misspellings within a city: a slip spoils one end at most."""
FIRST, LAST = slice(EDGE), slice(-EDGE, None)
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


@dataclass(frozen=True)
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

    @cached_property
    def blocking_values(self) -> frozenset[str]:
        """`kind:value`. Two records are compared when they share one that is not held by too many.

        They depend on this record alone, so that a change elsewhere leaves them as they are. How common they are says
        how much an agreement is worth.
        """
        return frozenset(
            bounded(f"{kind}:{value}") for kind, values in BLOCKED_BY.items() for value in values(self)
        )

    def most_telling(self) -> Sequence[str]:
        """The words it is most likely known by: own ones first, then the longest ones. No counting, so no change."""
        if len(self.words) <= TELLING:
            return self.words
        concepts = known_words().concepts
        return sorted(self.words, key=lambda word: (word in concepts, -len(word), word))[:TELLING]


def labels_among(features: Features) -> Collection[str]:
    """What a site may be called: what its own is called, what the name is abbreviated to, a short name in one word."""
    found = features.labels + features.acronyms + features.initials
    short = features.compact and len(features.compact) <= LONGEST_LABEL
    return tuple(dict.fromkeys((*found, features.compact) if short else found))


def pairs_among(features: Features) -> list[str]:
    """The most telling words in pairs."""
    return [f"{one} {other}" for one, other in combinations(sorted(features.most_telling()), 2)]


def edges_among(features: Features, edge: slice) -> tuple[str, ...]:
    """One end of the name within its city; a short one has none."""
    known = features.city and len(features.compact) >= 2 * EDGE
    return (f"{features.city} {features.compact[edge]}",) if known else ()


BLOCKED_BY: Mapping[str, Callable[[Features], Collection[str]]] = {
    "name": lambda f: f.names,
    "host": lambda f: [host for host in (f.host, f.mail_host) if host],
    "domain": lambda f: (f.domain,) if f.domain else (),
    "initials": lambda f: tuple(dict.fromkeys(f.acronyms + f.initials)),
    "label": labels_among,
    "word": lambda f: tuple(dict.fromkeys(f.words + f.spelled)),
    "phone": lambda f: (f.phone,) if f.phone else (),
    "street": lambda f: (f.street,) if f.street else (),
    "words": lambda f: (" ".join(sorted(f.words)),) if f.words else (),
    "pair": pairs_among,
    "start": lambda f: edges_among(f, FIRST),
    "end": lambda f: edges_among(f, LAST),
}
"""Every kind of blocking value, and which ones a record has of it, each once."""


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
    host = said if (said := row.get("host")) in hosts else None
    mail_host = min([other for other in hosts if other != host], default=None)
    known = host or mail_host
    domain = domain_of(known, domains) if known else None
    return Features(
        record=row["record"],
        names=called.names,
        words=called.words,
        spelled=called.spelled,
        compact=called.compact,
        acronyms=called.acronyms,
        initials=called.initials,
        labels=site_labels(known, domain),
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
    first = telling_words(keys[0]) if keys else []
    words = worded(said.main, said.whole, first)
    return Named(
        keys, words.concepts, words.spelled, "".join(first), said.acronyms, words.initials, said.country
    )


def name_keys(names: Iterable[str], said: Said) -> tuple[str, ...]:
    """Match keys folded, without a country that stands at the end, then the names found inside the shown one."""
    keys = [folded_name(name) for name in names]
    if country := folded(said.country_words) if said.country_words else "":
        keys = [folded_name(key.removesuffix(f" {country}")) for key in keys]
    keys += [folded_name(part) for part in said.parts]
    return tuple([key for key in dict.fromkeys(keys) if key])


def domain_of(host: str, domains: Iterable[str]) -> str:
    """The one of the registrable domains that a host is or is under; the host itself where none is known."""
    return min([domain for domain in domains if f".{host}".endswith(f".{domain}")], default=host)


def site_labels(host: str | None, domain: str | None) -> tuple[str, ...]:
    """What a site is called: the label of its domain, and the last one before it (`www` and the like left out)."""
    if not host or not domain:
        return ()
    found = [domain.partition(".")[0]]
    if host != domain:
        found.append(host.removesuffix(f".{domain}").rpartition(".")[2])
    plain = [folded(label.replace("-", "")).replace(" ", "") for label in found]
    return tuple([x for x in dict.fromkeys(plain) if len(x) >= SHORTEST_LABEL and x not in NO_LABELS])
