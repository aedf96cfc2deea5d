"""Marts of quality: how good the record of each partner and the data of each source are, measured and kept.

Scores go from 0 to 1, beside the two numbers they are made of. Where the number they are divided by is 0 they are null:
nothing was there to be judged, which is no 1.
"""

from __future__ import annotations

from typing import Final

from warehouse.marts.mart import Column, Mart, Question, lineage_of_hub, text

EXPECTED: Final = (
    "domain", "email", "phone", "street", "city", "country", "industry", "owner", "tier", "status",
)  # fmt: skip
"""What a partner's record should say."""
FRESH_DAYS: Final = 365
DIMENSIONS: Final = ("completeness", "validity", "consistency", "freshness", "uniqueness")


def share(part: str, whole: str) -> str:
    """One number by another one; null where there is none to divide by."""
    return f"CASE WHEN {whole} > 0 THEN {{share({part}, {whole})}} END"


def mean() -> str:
    """The mean of the scores that are not null; null where all are."""
    known = " + ".join(f"CASE WHEN {name} IS NULL THEN 0 ELSE 1 END" for name in DIMENSIONS)
    sums = " + ".join(f"coalesce({name}, 0)" for name in DIMENSIONS)
    return f"CASE WHEN ({known}) > 0 THEN ({sums}) / ({known}) END"


def score(name: str, says: str, of: str) -> Column:
    """A score."""
    return Column(name, "float", says, of)


def count(name: str, says: str, of: str) -> Column:
    """A number a score is made of."""
    return Column(name, "integer", says, of, required=True)


OVERALL: Final = "mean of the five scores, those left out that are null"
AGREEMENT: Final = "count_agreed ÷ count_compared; null where no value was stated twice"

QUALITY_PARTNER: Final = Mart(
    "quality_partner",
    "How good the record of one partner was, from the measure that saw it so until the one that saw it otherwise.",
    "Measured once a day, of whoever is on the partner list; a partner of whom nothing is new keeps its row. Deleted at"
    " every source, merged into another id or taken off the list: the row ends and none follows. Split: the new id"
    " begins with a first row. Former rows are never measured anew.",
    ("partner_id", "valid_from"),
    (
        text("partner_id", "the organization", "partner_quality.organization_id", required=True),
        Column(
            "valid_from",
            "time",
            "the measure that first saw it so",
            "partner_quality.measured_from_at",
            required=True,
        ),
        Column(
            "valid_to",
            "time",
            "the measure that saw it otherwise; null for what stands",
            "partner_quality.measured_to_at",
        ),
        Column("is_current", "boolean", "whether it stands", "partner_quality.measured_to_at", required=True),
        score("score", OVERALL, ""),
        score(
            "completeness",
            f"count_filled ÷ count_fields; the fields are {', '.join(EXPECTED)}",
            "partner_quality.fields_filled",
        ),
        score(
            "validity",
            "count_readable ÷ count_records: live records whose last state could be read; null where none is held",
            "partner_quality.records_readable",
        ),
        score("consistency", AGREEMENT, "partner_quality.fields_agreed"),
        score(
            "freshness",
            f"1 − days from changed_at to valid_to, or to the last measure, ÷ {FRESH_DAYS}, at least 0; null where no"
            " record says when it changed",
            "partner_quality.changed_at",
        ),
        score("uniqueness", "1 ÷ (1 + count_doubles)", "partner_quality.doubles"),
        count("count_filled", "of these fields, those that have a value", "partner_quality.fields_filled"),
        count("count_fields", "fields a partner should have", "partner_quality.fields_expected"),
        count(
            "count_readable",
            "of these records, those that are not set aside",
            "partner_quality.records_readable",
        ),
        count("count_records", "live source records of the organization", "partner_quality.records_held"),
        count(
            "count_agreed", "of these values, those nobody states otherwise", "partner_quality.fields_agreed"
        ),
        count(
            "count_compared",
            "values that at least two of its live records state",
            "partner_quality.fields_compared",
        ),
        count(
            "count_doubles",
            "other organizations that may be the same one, as open questions ask",
            "partner_quality.doubles",
        ),
        Column(
            "changed_at",
            "time",
            "when the newest of its records changed at its source",
            "partner_quality.changed_at",
        ),
        *lineage_of_hub("", "partner_quality.measured_from_at"),
    ),
    f"""
SELECT partner_id, valid_from, valid_to, is_current, {mean()} AS score, completeness, validity, consistency, freshness,
uniqueness, count_filled, count_fields, count_readable, count_records, count_agreed, count_compared, count_doubles,
changed_at, {{null(text)}} AS _hub_run_id, valid_from AS _hub_loaded_at, {{no_time()}} AS _hub_deleted_at,
'hub' AS _hub_source FROM (
SELECT q.organization_id AS partner_id, q.measured_from_at AS valid_from, q.measured_to_at AS valid_to,
q.measured_to_at IS NULL AS is_current,
{share("q.fields_filled", "q.fields_expected")} AS completeness,
{share("q.records_readable", "q.records_held")} AS validity,
{share("q.fields_agreed", "q.fields_compared")} AS consistency,
CASE WHEN q.changed_at IS NULL THEN NULL
WHEN {{days(q.seen_at, q.changed_at)}} >= {FRESH_DAYS} THEN {{share(0, 1)}}
WHEN {{days(q.seen_at, q.changed_at)}} <= 0 THEN {{share(1, 1)}}
ELSE 1 - {{days(q.seen_at, q.changed_at)}} / {FRESH_DAYS}.0 END AS freshness,
{{share(1, (1 + q.doubles))}} AS uniqueness,
q.fields_filled AS count_filled, q.fields_expected AS count_fields, q.records_readable AS count_readable,
q.records_held AS count_records, q.fields_agreed AS count_agreed, q.fields_compared AS count_compared,
q.doubles AS count_doubles, q.changed_at FROM (SELECT b.*, coalesce(b.measured_to_at, m.measured_at) AS seen_at
FROM partner_quality b CROSS JOIN (SELECT max(measured_at) AS measured_at FROM measurement) m) q) scored
""",
    (
        Question(
            "Which partners have the poorest record, and in what?",
            "SELECT p.name, q.score, q.completeness, q.validity, q.consistency, q.freshness, q.uniqueness"
            " FROM quality_partner q JOIN dim_partner p ON p.partner_id = q.partner_id AND p.is_current"
            " WHERE q.is_current ORDER BY q.score, p.name",
        ),
        Question(
            "How did completeness develop, month by month?",
            "SELECT d.date_day, avg(q.completeness) AS completeness FROM dim_date d JOIN quality_partner q"
            " ON q.valid_from <= d.date_day AND (q.valid_to IS NULL OR q.valid_to > d.date_day)"
            " WHERE d.day = 1 AND d.date_day <= CURRENT_DATE GROUP BY d.date_day ORDER BY d.date_day",
        ),
    ),
)

QUALITY_SOURCE: Final = Mart(
    "quality_source",
    "How good the data of one source was in one measure.",
    "A row is added for every source by every measure, once a day; no row changes. A deleted record is not counted in"
    " the next measure; merges and splits move organizations and count_organizations with them.",
    ("source", "measured_at"),
    (
        text("source", "the source", "source_quality.source", required=True),
        Column("measured_at", "time", "when it was measured", "source_quality.measured_at", required=True),
        Column(
            "is_current",
            "boolean",
            "whether it is the last measure",
            "source_quality.measured_at",
            required=True,
        ),
        score("score", OVERALL, ""),
        score(
            "completeness",
            "count_in_hub ÷ count_in_source, by the last comparison of each stream; null where none was compared",
            "source_quality.in_hub",
        ),
        score(
            "validity",
            "count_readable ÷ count_records; null where none is held",
            "source_quality.records_readable",
        ),
        score("consistency", AGREEMENT, "source_quality.fields_agreed"),
        score(
            "freshness",
            "count_fresh ÷ count_streams: streams read to their end since the schedule struck the last time but one,"
            " without a schedule within a day; null where none was read",
            "source_quality.streams_fresh",
        ),
        score(
            "uniqueness",
            "count_organizations ÷ count_organization_records: 1 where no two records of it are the same organization;"
            " null for a source without organizations",
            "source_quality.organizations",
        ),
        count("count_in_hub", "of these records, those the hub held then", "source_quality.in_hub"),
        count(
            "count_in_source", "records the source held when it was last compared", "source_quality.in_source"
        ),
        count(
            "count_readable",
            "of these records, those that are not set aside",
            "source_quality.records_readable",
        ),
        count("count_records", "live records of the source, of every stream", "source_quality.records_held"),
        count(
            "count_agreed", "of these values, those nobody states otherwise", "source_quality.fields_agreed"
        ),
        count(
            "count_compared",
            "values of partners it states and another of their records states, too",
            "source_quality.fields_compared",
        ),
        count(
            "count_fresh", "of these streams, those that were read in time", "source_quality.streams_fresh"
        ),
        count("count_streams", "streams that were ever read", "source_quality.streams_read"),
        count("count_organizations", "organizations its records belong to", "source_quality.organizations"),
        count(
            "count_organization_records",
            "live records of organizations",
            "source_quality.organization_records",
        ),
        *lineage_of_hub("", "source_quality.measured_at", "source_quality.source"),
    ),
    f"""
SELECT source, measured_at, is_current, {mean()} AS score, completeness, validity, consistency, freshness, uniqueness,
count_in_hub, count_in_source, count_readable, count_records, count_agreed, count_compared, count_fresh, count_streams,
count_organizations, count_organization_records, {{null(text)}} AS _hub_run_id, measured_at AS _hub_loaded_at,
{{no_time()}} AS _hub_deleted_at, source AS _hub_source FROM (SELECT q.source, q.measured_at,
q.measured_at = m.measured_at AS is_current, {share("q.in_hub", "q.in_source")} AS completeness,
{share("q.records_readable", "q.records_held")} AS validity,
{share("q.fields_agreed", "q.fields_compared")} AS consistency,
{share("q.streams_fresh", "q.streams_read")} AS freshness,
{share("q.organizations", "q.organization_records")} AS uniqueness,
q.in_hub AS count_in_hub, q.in_source AS count_in_source, q.records_readable AS count_readable,
q.records_held AS count_records, q.fields_agreed AS count_agreed, q.fields_compared AS count_compared,
q.streams_fresh AS count_fresh, q.streams_read AS count_streams, q.organizations AS count_organizations,
q.organization_records AS count_organization_records FROM source_quality q
CROSS JOIN (SELECT max(measured_at) AS measured_at FROM measurement) m) scored
""",
    (
        Question(
            "Which source got worse since it was first measured?",
            "SELECT source, min(score) AS lowest, max(score) AS highest,"
            " max(CASE WHEN is_current THEN score END) AS now FROM quality_source GROUP BY source ORDER BY now",
        ),
    ),
)

MARTS: Final = (QUALITY_PARTNER, QUALITY_SOURCE)
