"""By what two records are compared. Read this file to know what the hub looks at, `weights.json` what it is worth.

A FACT is DuckDB SQL over the two records, `l` and `r`, whose columns are those of `pipelines.resolve.scores`; a
DERIVED fact is SQL over the facts. A comparison is a row of levels, each SQL over facts: the first that fits counts, a
level without words says nothing. A cross is a comparison whose levels are all combinations of classes: it tells that
the same site under another name weighs less than both do by themselves. The weight of a pair is the sum of the bits of
its levels and the prior (`partnerhub.identity.weights`); one bit more is twice the odds.

Evidence is what the levels are about; an explanation adds up the levels of one evidence.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple


class Level(NamedTuple):
    """One outcome of a comparison. words: how it is called in the weights and to people; None says nothing."""

    when: str
    words: str | None


class Comparison(NamedTuple):
    """A row of levels. The last one is what is left."""

    name: str
    evidence: str
    levels: tuple[Level, ...]


class Cross(NamedTuple):
    """All combinations of classes. silent: it says nothing where the first class shows its last level."""

    name: str
    evidence: str
    classes: tuple[str, ...]
    silent: bool = True


FACTS = {
    "unnamed": "l.names = [] OR r.names = []",
    "shared_name": "list_has_any(l.names, r.names)",
    "first_name": "l.names[1] = r.names[1]",
    "same_words": "l.words = r.words AND len(l.words) > 0",
    "same_letters": "l.compact = r.compact",
    # Counting slips costs more than all else together, so it is done where a single one is possible only.
    "slip": "CASE WHEN least(len(l.compact), len(r.compact)) >= 7 AND abs(len(l.compact) - len(r.compact)) <= 1"
    " AND jaro_winkler_similarity(l.compact, r.compact) >= 0.8"
    " THEN damerau_levenshtein(l.compact, r.compact) = 1 ELSE false END",
    "spelling": "jaro_winkler_similarity(l.compact, r.compact)",
    "shorter": "least(len(l.compact), len(r.compact))",
    "initials": "list_has_any(l.acronyms, r.initials) OR list_has_any(r.acronyms, l.initials)",
    "bearers": "greatest(l.short_names, r.short_names)",
    "same_acronym": "list_has_any(l.acronyms, r.acronyms)",
    "acronyms": "(len(l.acronyms) > 0)::INT + (len(r.acronyms) > 0)::INT",
    # Words that tell more weigh more; a weighed word is a number whose last digit is its weight.
    "shared_weight": "list_sum(list_transform(list_intersect(l.weighed, r.weighed), lambda x: x % 10))",
    "left_weight": "l.weight",
    "right_weight": "r.weight",
    "shared_spelled": "list_sum(list_transform("
    "list_intersect(l.weighed_spelled, r.weighed_spelled), lambda x: x % 10))",
    "left_spelled": "l.spelled_weight",
    "right_spelled": "r.spelled_weight",
    "shared_trigrams": "len(list_intersect(l.trigrams, r.trigrams))",
    "fewer_trigrams": "least(len(l.trigrams), len(r.trigrams))",
    "all_trigrams": "len(l.trigrams) + len(r.trigrams)",
    "shared_own": "len(list_intersect(l.own, r.own))",
    "shared_rare": "len(list_intersect(l.rare, r.rare))",
    "fewer_own": "least(len(l.own), len(r.own))",
    "fewer_words": "least(len(l.words), len(r.words))",
    "same_kinds": "l.kinds = r.kinds",
    "kinds_within": "list_has_all(l.kinds, r.kinds) OR list_has_all(r.kinds, l.kinds)",
    "fewer_kinds": "least(len(l.kinds), len(r.kinds))",
    "same_numbers": "l.numbers = r.numbers",
    "host": "coalesce(l.host = r.host, false)",
    "mail": "coalesce(l.host = r.mail_host, false) OR coalesce(l.mail_host = r.host, false)"
    " OR coalesce(l.mail_host = r.mail_host, false)",
    "domain": "coalesce(l.domain = r.domain, false)",
    "sites": "(l.domain IS NOT NULL)::INT + (r.domain IS NOT NULL)::INT",
    "label_is_name": "list_contains(l.labels, r.compact) OR list_contains(r.labels, l.compact)",
    "label_is_acronym": "list_has_any(l.labels, r.acronyms) OR list_has_any(r.labels, l.acronyms)",
    "label_is_initials": "list_has_any(l.labels, r.initials) OR list_has_any(r.labels, l.initials)",
    "label_is_word": "list_has_any(l.labels, r.own) OR list_has_any(r.labels, l.own)",
    "same_label": "list_has_any(l.labels, r.labels)",
    "label_domains": "greatest(l.label_domains, r.label_domains)",
    "site_names": "greatest(l.site_names, r.site_names)",
    "domain_names": "greatest(l.domain_names, r.domain_names)",
    "name_domains": "greatest(l.name_domains, r.name_domains)",
    "name_records": "greatest(l.name_records, r.name_records)",
    "country": "CASE WHEN l.country = r.country THEN 1 WHEN l.country <> r.country THEN -1 ELSE 0 END",
    "city": "CASE WHEN l.city = r.city THEN 1 WHEN l.city <> r.city AND l.latin_city = r.latin_city"
    " AND NOT contains(l.city, r.city) AND NOT contains(r.city, l.city) THEN -1 ELSE 0 END",
    "said_countries": "(l.said_country IS NOT NULL)::INT + (r.said_country IS NOT NULL)::INT",
    "bare": "l.only_a_name::INT + r.only_a_name::INT",
    "scripts_differ": "l.latin_name <> r.latin_name",
    "other_scripts": "(NOT l.latin_name)::INT + (NOT r.latin_name)::INT",
    "city_in_name": "coalesce(contains(l.names[1], r.city), false) OR coalesce(contains(r.names[1], l.city), false)",
    "phone": "CASE WHEN l.phone = r.phone THEN 1 WHEN l.phone <> r.phone THEN -1 ELSE 0 END",
    "phone_names": "greatest(l.phone_names, r.phone_names)",
    "street": "CASE WHEN l.street = r.street THEN 1 WHEN l.street <> r.street THEN -1 ELSE 0 END",
    "street_names": "greatest(l.street_names, r.street_names)",
}
DERIVED = {
    "alike": "NOT unnamed AND (shared_name OR same_words OR same_letters OR slip)",
    "settled": "unnamed OR shared_name OR same_words OR same_letters OR initials",
    "words": "coalesce(shared_weight, 0)",
    "words_of_less": "coalesce(shared_weight, 0) / greatest(1, least(left_weight, right_weight))",
    "words_of_more": "coalesce(shared_weight, 0) / greatest(1, greatest(left_weight, right_weight))",
    "missing_in_less": "least(left_weight, right_weight) - coalesce(shared_weight, 0)",
    "missing_in_more": "greatest(left_weight, right_weight) - coalesce(shared_weight, 0)",
    "spelled": "coalesce(shared_spelled, 0)",
    "spelled_of_less": "coalesce(shared_spelled, 0) / greatest(1, least(left_spelled, right_spelled))",
    "spelled_of_more": "coalesce(shared_spelled, 0) / greatest(1, greatest(left_spelled, right_spelled))",
    "unspelled_in_less": "least(left_spelled, right_spelled) - coalesce(shared_spelled, 0)",
    "unspelled_in_more": "greatest(left_spelled, right_spelled) - coalesce(shared_spelled, 0)",
    "trigrams_of_less": "shared_trigrams / greatest(1, fewer_trigrams)",
    "trigrams_of_all": "shared_trigrams / greatest(1, all_trigrams - shared_trigrams)",
    "site": "host OR mail",
    "family": "domain OR phone = 1",
}

CLASSES: dict[str, tuple[Level, ...]] = {
    "how_named": (
        Level("unnamed", "no name to compare"),
        Level("shared_name", "same name"),
        Level("same_words OR same_letters OR slip", "same words in the name"),
        Level("initials AND bearers <= 2", "one name is the initials of the other"),
        Level("initials", "one name is the initials of the other and of others"),
        Level("words_of_less >= 1 AND words >= 7", "all telling words of one name are in the other"),
        Level("words_of_less >= 1 AND words >= 4", "all words of one name are in the other"),
        Level(
            "words_of_less >= 0.7 AND words >= 4 OR spelling >= 0.94 AND shorter >= 8",
            "most words of the name are the same",
        ),
        Level(
            "words_of_less >= 0.5 AND words >= 4 OR spelling >= 0.9 AND shorter >= 7",
            "half of the words of the name are the same",
        ),
        Level("words >= 3", "a telling word of the name is the same"),
        Level("words >= 1", "a common word of the name is the same"),
        Level("scripts_differ", "names in different scripts"),
        Level("ELSE", "different names"),
    ),
    "how_sited": (
        Level("site AND site_names <= 4", "same website or mail domain"),
        Level("site", "same website or mail domain, used under many names"),
        Level("domain AND domain_names <= 6", "websites of one domain"),
        Level("domain", "websites of one domain, used under many names"),
        Level("sites = 2", "different websites"),
        Level("sites = 1", "a website on one side"),
        Level("ELSE", "no website"),
    ),
    "site_says": (
        Level("label_is_name AND label_domains <= 1", "the site is called like the other"),
        Level("label_is_name", "the site is called like the other, and so are other sites"),
        Level("label_is_acronym AND label_domains <= 1", "the site is called by the other's acronym"),
        Level("label_is_acronym", "the site is called by the other's acronym, and so are other sites"),
        Level("label_is_initials AND label_domains <= 1", "the site is called by the other's initials"),
        Level("label_is_initials", "the site is called by the other's initials, and so are other sites"),
        Level("label_is_word AND label_domains <= 1", "the site is called by a word of the other"),
        Level("label_is_word", "the site is called by a word of the other, and so are other sites"),
        Level("ELSE", "the site is called otherwise"),
    ),
    "how_known": (
        Level("bare = 2", "nothing is known but two names"),
        Level("bare = 1", "nothing is known of one but its name"),
        Level("ELSE", "more is known than names"),
    ),
    "how_borne": (
        Level("alike AND name_domains = 0", "nobody of that name has a site"),
        Level("alike AND name_domains = 1", "one site bears the name"),
        Level("alike AND name_domains = 2", "two sites bear the name"),
        Level("alike AND name_domains <= 4", "up to four sites bear the name"),
        Level("alike", "others bear the name, too"),
        Level("ELSE", "two names"),
    ),
    "same_street": (
        Level("street = 1 AND street_names <= 1", "same street and number, used under one name"),
        Level("street = 1 AND street_names <= 2", "same street and number, used under two names"),
        Level("street = 1 AND street_names <= 4", "same street and number, used under up to four names"),
        Level("street = 1", "same street and number, used under many names"),
        Level("street = -1", "different streets"),
        Level("ELSE", "no streets to compare"),
    ),
    "same_phone": (
        Level("phone = 1 AND phone_names <= 2", "same phone, used under two names at most"),
        Level("phone = 1 AND phone_names <= 4", "same phone, used under up to four names"),
        Level("phone = 1", "same phone, used under many names"),
        Level("phone = -1", "different phones"),
        Level("ELSE", "no phones to compare"),
    ),
    "how_placed": (
        Level("country = -1", "different countries"),
        Level("city = -1 AND country = 1", "different cities of one country"),
        Level("city = -1", "different cities"),
        Level("city = 1", "same city"),
        Level("country = 1", "same country"),
        Level("ELSE", "no place to compare"),
    ),
}


def ladder(fact: str, borders: tuple[float, ...], sign: str, words: str) -> tuple[Level, ...]:
    """A level per border, then nothing. words: with {} for the border."""
    return (*(Level(f"{fact} {sign} {b}", words.format(b)) for b in borders), Level("ELSE", None))


SETTLED = Level("settled", None)
SHARES = (1, 0.75, 0.5, 0.25)
SUMS = (10, 7, 5, 4, 3, 2, 1)


def coverage(share: str, total: str, words: str) -> tuple[Level, ...]:
    """Levels for how much of the words of the shorter name are in the other, and how much that is."""
    grid = product(SHARES, SUMS)
    found = (
        Level(f"{share} >= {s} AND {total} >= {t}", f"{words}: {s:.0%} of the shorter name, weight {t}+")
        for s, t in grid
    )
    return (
        SETTLED,
        *found,
        Level(f"{total} >= 1", f"{words}: little"),
        Level("ELSE", f"{words}: none"),
    )


MISSING = (0, 1, 2, 3, 4, 6, 8, 11)
CLASSES |= {
    "how_worded": coverage("words_of_less", "words", "shared words"),
    "how_missing": (SETTLED, *ladder("missing_in_less", MISSING, "<=", "{} or less missing")),
}
"""Classes that are comparisons, too."""
