"""What two organizations are compared by, derived from one staged record. Pure; never shown, only compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from anyascii import anyascii

SHORTEST_ACRONYM, LONGEST_ACRONYM = 3, 7
EDGE = 3
"""Letters at either end of a name that find its misspellings within a city: a slip spoils one end at most."""
SMALL_WORDS = frozenset(
    """
    a and the of for in at on to und fur der die das des von vom zu zum zur e y et le la les l de du d di da
    do dos das del
    della delle dei degli il lo el los las i o en og och van het voor te op
    """.split()  # noqa: SIM905
)
LEGAL_WORDS = frozenset(
    """
    co company inc incorporated ltd limited llc llp lp corp corporation plc gmbh mbh ag kg ohg gbr ug ev eg
    eu ek sa sas
    sarl sl slu srl srls spa sapa bv nv vof cv ab as aps oy oyj hb sp zoo lda ltda eirl sro doo dd ooo tov pp
    ike ae epe
    stichting vereniging kft zrt jsc pty pvt gk kk ideell forening
    """.split()  # noqa: SIM905
)
"""Legal forms that are left over in match keys, mostly because they stand in front or are dotted."""
CJK_LEGAL_FORMS = re.compile(
    "株式会社|合同会社|有限会社|合名会社|一般社団法人|股份有限公司|有限责任公司|有限公司|주식회사"
)
SPELLED_OUT = re.compile(r"\b\w(?: \w\b)+")
"""Single letters in a row: `s r l` was `S.r.l.`."""
UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Umlauts are written out or dropped; both spellings end as one, at the price of a few short words looking alike."""
CITY_NAMES = """
munich=munchen cologne=koln nuremberg=nurnberg hanover=hannover brunswick=braunschweig
frankfurt=frankfurt-am-main
vienna=wien geneva=geneve=genf berne=bern basle=basel=bale lucerne=luzern zurich=zuerich lyons=lyon
strassburg=strasbourg
marseilles=marseille nice=nizza=nizza seville=sevilla saragossa=zaragoza lisbon=lisboa oporto=porto
milan=milano=mailand
turin=torino rome=roma=rom florence=firenze=florenz venice=venezia=venedig naples=napoli=neapel genoa=genova=genua
padua=padova the-hague=den-haag=s-gravenhage brussels=bruxelles=brussel ghent=gent=gand antwerp=antwerpen=anvers
bruges=brugge liege=luttich=luik copenhagen=kobenhavn=kopenhagen gothenburg=goteborg helsinki=helsingfors turku=abo
warsaw=warszawa=warschau cracow=krakow=krakau gdansk=danzig wroclaw=breslau poznan=posen lodz=lodsch prague=praha=prag
brno=brunn bratislava=pressburg budapest=budapesta bucharest=bucuresti=bukarest athens=athina=athinai
thessaloniki=saloniki sofia=sofiya belgrade=beograd=belgrad kyiv=kiev=kyyiv=kiew lviv=lvov=lemberg
kharkiv=kharkov odesa=odessa
moscow=moskva=moskau istanbul=konstantinopel tokyo=tokio beijing=peking bombay=mumbai calcutta=kolkata
madras=chennai bangalore=bengaluru
new-york=new-york-city=nyc mexico-city=ciudad-de-mexico luxembourg=luxemburg tallinn=reval vilnius=wilna
"""
"""One city, several names, as they look when folded; the first of a line part stands for all. Not complete."""


SHOWN = ("name", "website", "email", "phone", "street", "city", "country")


@dataclass(frozen=True, slots=True)
class Features:
    """One record as it is compared. Empty means unknown. `names` holds every folded name, the shown one first."""

    record: str
    names: tuple[str, ...]
    tokens: tuple[str, ...]
    compact: str
    initials: str | None
    acronym: str | None
    host: str | None = None
    mail_host: str | None = None
    domain: str | None = None
    phone: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    latin_name: bool = True
    latin_city: bool = True
    shown: Mapping[str, str | None] = field(default_factory=dict, compare=False)

    @property
    def only_a_name(self) -> bool:
        """Whether nothing is known but the name: such a record may join one organization, never tie two."""
        return not (self.host or self.mail_host or self.phone or self.street or self.city or self.country)

    def blocking_values(self) -> set[str]:
        """Two records are compared when they share one of these."""
        values = {f"name:{name}" for name in self.names}
        values |= {f"host:{host}" for host in (self.host, self.mail_host) if host}
        values |= {f"initials:{letters}" for letters in (self.initials, self.acronym) if letters}
        values |= {
            f"{kind}:{value}" for kind, value in (("phone", self.phone), ("street", self.street)) if value
        }
        if len(self.tokens) > 1:
            values.add(f"words:{' '.join(self.rarest(2))}")
        if self.domain and self.tokens:
            values.add(f"domain:{self.domain} {self.rarest(1)[0]}")
        if self.city and len(self.compact) >= 2 * EDGE:
            values |= {f"start:{self.city} {self.compact[:EDGE]}", f"end:{self.city} {self.compact[-EDGE:]}"}
        return values

    def rarest(self, count: int) -> list[str]:
        """The most telling words: the longest ones, which needs no counting and so never changes with the data."""
        return sorted(sorted(self.tokens, key=lambda token: (-len(token), token))[:count])


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Lower-case ASCII words, umlauts either way the same, joined by single spaces."""
    plain = anyascii(text).lower().replace("'", "").replace("`", "")
    words = " ".join(re.findall(r"[a-z0-9]+", plain))
    for written, short in UMLAUTS:
        words = words.replace(written, short)
    return SPELLED_OUT.sub(lambda run: run[0].replace(" ", ""), words)


def folded_name(name: str) -> str:
    """A match key folded, without the legal forms that are left in it (unless nothing else is)."""
    words = folded(CJK_LEGAL_FORMS.sub(" ", name)) or folded(name)
    return " ".join(word for word in words.split() if word not in LEGAL_WORDS) or words


def in_latin(text: str | None) -> bool:
    """Whether a text is written in Latin letters (digits and signs do not count)."""
    return (
        not text
        or text.isascii()
        or all("LATIN" in unicodedata.name(letter, "") for letter in text if letter.isalpha())
    )


def city_names() -> dict[str, str]:
    """Folded other name → folded first name."""
    known: dict[str, str] = {}
    for line in CITY_NAMES.split():
        spelled = [folded(name.replace("-", " ")) for name in line.split("=")]
        known.update(dict.fromkeys(spelled, spelled[0]))
    return known


KNOWN_CITIES = city_names()


def city_key(city: str | None) -> str | None:
    """A city for comparing: folded, well-known other names as one."""
    words = re.sub(r"\bst\b", "saint", folded(city)) if city else ""
    return KNOWN_CITIES.get(words, words) or None


def street_key(street: str | None) -> str | None:
    """Street and number for comparing; None without a number, because a street alone has many houses."""
    words = folded(street) if street else ""
    return words if any(c.isdigit() for c in words) and len(words) > SHORTEST_ACRONYM else None


def telling_words(name: str) -> list[str]:
    """The words of a folded name without the small ones (all of them when nothing else is left)."""
    words = name.split()
    return [word for word in words if word not in SMALL_WORDS] or words


def initials_of(name: str) -> str | None:
    """Initials of a folded name of three or more telling words."""
    words = telling_words(name)
    return "".join(word[0] for word in words)[:LONGEST_ACRONYM] if len(words) >= SHORTEST_ACRONYM else None


def acronym_of(shown: str) -> str | None:
    """The name itself where it looks like an acronym: one short word in capitals."""
    word = re.sub(r"[.\s]", "", shown) if re.fullmatch(r"(?:\w\.\s?)+\w?\.?", shown) else shown
    fits = word.isalnum() and SHORTEST_ACRONYM <= len(word) <= LONGEST_ACRONYM and word == word.upper()
    return folded(word) if fits else None


def features_of(
    row: Mapping[str, Any], names: Sequence[str], hosts: Sequence[str], domains: Sequence[str]
) -> Features:
    """Derive the features of a staged organization.

    names: its match keys (legal forms off), the shown one first. hosts, domains: without generic ones.
    """
    keys = list(dict.fromkeys(folded_name(name) for name in (names or [row["name"]])))
    first = next((key for key in keys if key), folded_name(row["name"]))
    words = telling_words(first)
    host = row.get("host") if row.get("host") in hosts else None
    mail_host = next((h for h in sorted(hosts) if h != host), None)
    known = host or mail_host
    phone = (row.get("phone") or "").partition(";")[0]
    return Features(
        record=row["record"],
        names=tuple(key for key in keys if key),
        tokens=tuple(sorted(set(words))),
        compact="".join(words),
        initials=initials_of(first),
        acronym=acronym_of(row["name"]),
        host=host,
        mail_host=mail_host,
        domain=next((d for d in sorted(domains) if known and f".{known}".endswith(f".{d}")), known),
        phone=phone or None,
        street=street_key(row.get("street")),
        postcode=folded(row.get("postcode") or "") or None,
        city=city_key(row.get("city")),
        country=row.get("country"),
        latin_name=in_latin(row["name"]),
        latin_city=in_latin(row.get("city")),
        shown={
            field: row.get(field)
            for field in ("name", "website", "phone", "street", "city", "country", "email")
        },
    )
