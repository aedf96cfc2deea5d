"""The comparisons of the scorecard, in the terms of `partnerhub.identity.scorecard`."""

from __future__ import annotations

from partnerhub.identity.scorecard import (
    CLASSES,
    MISSING,
    SETTLED,
    Comparison,
    Cross,
    Level,
    coverage,
    ladder,
)

SHARES_OF_ALL = (1, 0.85, 0.7, 0.55, 0.4, 0.3, 0.2, 0.1)
NOT_ALIKE = Level("NOT alike", None)

SCORECARD: tuple[Comparison | Cross, ...] = (
    Comparison(
        "name",
        "name",
        (
            Level("unnamed", None),
            Level("first_name", "same name"),
            Level("shared_name", "same name among their names"),
            Level("same_words", "same words in the name"),
            Level("same_letters", "same letters in the name"),
            Level(
                "initials AND bearers <= 1 AND shorter >= 4",
                "one name is the initials, four or more, of the other and of nobody else",
            ),
            Level(
                "initials AND bearers <= 2 AND shorter >= 4",
                "one name is the initials, four or more, of the other and hardly anybody else",
            ),
            Level(
                "initials AND bearers <= 2", "one name is the initials of the other and hardly anybody else"
            ),
            Level("initials AND bearers <= 3", "one name is the initials of the other and of one more"),
            Level("initials AND bearers <= 6", "one name is the initials of the other and of a few"),
            Level("initials", "one name is the initials of the other and of many"),
            Level("slip", "one slip of the finger apart"),
            Level("shorter >= 12 AND spelling >= 0.96", "nearly the same spelling of a long name"),
            Level("shorter >= 12 AND spelling >= 0.92", "similar spelling of a long name"),
            Level("shorter >= 6 AND spelling >= 0.94", "nearly the same spelling"),
            Level("shorter >= 6 AND spelling >= 0.88", "similar spelling"),
            Level("spelling >= 0.8", "distantly similar spelling"),
            Level("spelling >= 0.7", "hardly similar spelling"),
            Level("ELSE", None),
        ),
    ),
    Comparison("words", "name", CLASSES["how_worded"]),
    Comparison("spelled words", "name", coverage("spelled_of_less", "spelled", "shared words as spelled")),
    Comparison(
        "words of both", "name", (SETTLED, *ladder("words_of_more", SHARES_OF_ALL, ">=", "{:.0%} shared"))
    ),
    Comparison(
        "spelled words of both",
        "name",
        (SETTLED, *ladder("spelled_of_more", SHARES_OF_ALL, ">=", "{:.0%} shared")),
    ),
    Comparison("missing", "name", CLASSES["how_missing"]),
    Comparison(
        "missing spelled",
        "name",
        (SETTLED, *ladder("unspelled_in_less", MISSING, "<=", "{} or less missing")),
    ),
    Comparison(
        "missing of both",
        "name",
        (SETTLED, *ladder("missing_in_more", (*MISSING, 15), "<=", "{} or less missing")),
    ),
    Comparison(
        "missing spelled of both",
        "name",
        (SETTLED, *ladder("unspelled_in_more", (*MISSING, 15), "<=", "{} or less missing")),
    ),
    Comparison(
        "trigrams",
        "name",
        (
            SETTLED,
            *ladder(
                "trigrams_of_less",
                (0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15),
                ">=",
                "{:.0%} of the letters of the shorter name in a row",
            ),
        ),
    ),
    Comparison(
        "trigrams of both",
        "name",
        (
            SETTLED,
            *ladder(
                "trigrams_of_all",
                (0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15),
                ">=",
                "{:.0%} of the letters in a row",
            ),
        ),
    ),
    Comparison(
        "rare words",
        "name",
        (
            Level("unnamed OR shared_name OR same_words OR same_letters", None),
            Level("shared_rare >= 2", "two rare words shared"),
            Level("shared_rare = 1", "a rare word shared"),
            Level("shared_own >= 2", "two words of their own shared"),
            Level("shared_own = 1", "a word of their own shared"),
            Level("ELSE", None),
        ),
    ),
    Comparison(
        "sites of the name",
        "name",
        (
            NOT_ALIKE,
            Level("name_domains = 0", "nobody of that name has a site"),
            Level("name_domains = 1", "one site bears the name"),
            Level("name_domains = 2", "two sites bear the name"),
            Level("name_domains <= 4", "up to four sites bear the name"),
            Level("ELSE", "others bear the name, too"),
        ),
    ),
    Comparison(
        "records of the name",
        "name",
        (
            Level("NOT alike OR name_records <= 2", None),
            Level("name_records <= 4", "3 or 4 records"),
            Level("name_records <= 8", "5 to 8 records"),
            Level("name_records <= 16", "9 to 16 records"),
            Level("ELSE", "17 or more records"),
        ),
    ),
    Comparison(
        "how telling",
        "name",
        (
            NOT_ALIKE,
            Level("fewer_own = 0 AND fewer_words <= 2", "a name of one or two general words"),
            Level("fewer_own = 0", "a name of general words"),
            Level("fewer_words = 1 AND shorter <= 4", "a name of one short word"),
            Level("fewer_words = 1", "a name of one word"),
            Level("fewer_own = 1", "a name with one word of its own"),
            Level("ELSE", "a name with several words of its own"),
        ),
    ),
    Comparison(
        "site",
        "site",
        (
            Level("sites < 2", None),
            Level("host AND site_names <= 1", "same website, used under one name"),
            Level("host AND site_names <= 2", "same website, used under two names"),
            Level("host AND site_names <= 3", "same website, used under three names"),
            Level("host AND site_names <= 4", "same website, used under four names"),
            Level("host AND site_names <= 6", "same website, used under up to six names"),
            Level("host AND site_names <= 10", "same website, used under up to ten names"),
            Level("host", "same website, used under more than ten names"),
            Level("mail AND site_names <= 2", "same mail domain, used under two names at most"),
            Level("mail AND site_names <= 4", "same mail domain, used under up to four names"),
            Level("mail AND site_names <= 6", "same mail domain, used under up to six names"),
            Level("mail AND site_names <= 10", "same mail domain, used under up to ten names"),
            Level("mail", "same mail domain, used under more than ten names"),
            Level("domain AND domain_names <= 3", "one domain, used under up to three names"),
            Level("domain AND domain_names <= 6", "one domain, used under up to six names"),
            Level("domain AND domain_names <= 20", "one domain, used under up to twenty names"),
            Level("domain", "one domain, used under more than twenty names"),
            Level("same_label", "sites called the same"),
            Level("ELSE", "different sites"),
        ),
    ),
    Cross("name and site", "site", ("how_named", "how_sited", "how_known"), silent=False),
    Cross("what the site is called and name", "site", ("site_says", "how_named")),
    Cross("what the site is called and site", "site", ("site_says", "how_sited")),
    Cross("place and name", "place", ("how_placed", "how_named")),
    Cross("place and site", "place", ("how_placed", "how_sited")),
    Cross("place and what is known", "place", ("how_placed", "how_known")),
    Cross("bearers and site", "site", ("how_borne", "how_sited", "how_known")),
    Cross("bearers and place", "place", ("how_borne", "how_placed")),
    Comparison(
        "said country",
        "place",
        (
            Level("said_countries = 1 AND country = 1", "one name says the country the other is in"),
            Level("said_countries = 1 AND country = 0", "one name says its country"),
            Level("said_countries = 2 AND country = 1", "both names say one country"),
            Level("ELSE", None),
        ),
    ),
    Comparison(
        "kind of organization",
        "name",
        (
            Level("unnamed OR alike", None),
            Level("same_kinds AND fewer_kinds > 0", "same kind of organization"),
            Level("same_kinds", None),
            Level("fewer_kinds = 0", "a kind of organization on one side"),
            Level("kinds_within", "more kinds of organization on one side"),
            Level("ELSE", "other kinds of organization"),
        ),
    ),
    Comparison(
        "kind of organization at one site",
        "name",
        (
            Level("unnamed OR alike OR NOT (site OR domain)", None),
            Level("same_kinds AND fewer_kinds > 0", "same kind of organization"),
            Level("same_kinds", None),
            Level("fewer_kinds = 0", "a kind of organization on one side"),
            Level("kinds_within", "more kinds of organization on one side"),
            Level("ELSE", "other kinds of organization"),
        ),
    ),
    Comparison(
        "acronym",
        "name",
        (Level("unnamed OR alike OR NOT same_acronym", None), Level("ELSE", "same acronym")),
    ),
    Comparison(
        "numbers", "name", (Level("unnamed OR same_numbers", None), Level("ELSE", "different numbers"))
    ),
    Comparison(
        "city in the name",
        "name",
        (Level("unnamed OR alike OR NOT city_in_name", None), Level("ELSE", "the city of one in the name")),
    ),
    Comparison(
        "acronyms",
        "name",
        (
            Level("acronyms = 2 AND NOT alike", "two different acronyms"),
            Level(
                "acronyms = 1 AND NOT alike AND NOT initials AND NOT scripts_differ",
                "an acronym of something else",
            ),
            Level("ELSE", None),
        ),
    ),
    Comparison(
        "script",
        "name",
        (
            Level("unnamed", None),
            Level("other_scripts = 1", "one name in another script"),
            Level("other_scripts = 2", "both names in another script"),
            Level("ELSE", None),
        ),
    ),
    Comparison(
        "phone",
        "phone",
        (
            Level("phone = 0", None),
            Level("phone = 1 AND alike", "same phone"),
            Level("phone = 1 AND phone_names <= 2", "same phone, used under two names"),
            Level("phone = 1 AND shared_own >= 1", "same phone, a word of the name shared"),
            Level("phone = 1", "same phone, used under several names"),
            Level("alike", "different phones of one name"),
            Level("ELSE", "different phones"),
        ),
    ),
    Comparison(
        "street",
        "street",
        (
            Level("street = 0", None),
            Level("street = 1 AND alike", "same street and number"),
            Level("street = 1 AND street_names <= 2", "same street and number, used under two names"),
            Level("street = 1 AND shared_own >= 1", "same street and number, a word of the name shared"),
            Level("street = 1", "same street and number, used under several names"),
            Level("alike", "different streets of one name"),
            Level("ELSE", "different streets"),
        ),
    ),
    Cross("words and what is known", "name", ("how_worded", "how_known")),
    Cross("missing and site", "name", ("how_missing", "how_sited")),
    Cross("phone and name", "phone", ("same_phone", "how_named")),
    Cross("street and name", "street", ("same_street", "how_named")),
    Cross("street and phone", "street", ("same_street", "same_phone")),
)
"""Every comparison; the sum of their weights is the weight of a pair."""

BRANCH = "family AND city = -1 AND NOT alike"
"""Head office and branch: one domain or phone, other cities, other names."""
