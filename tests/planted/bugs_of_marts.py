"""Bugs in what others build on: views of streams, exports, contracts, lineage."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import Bug

WAREHOUSE: Final = "tests/warehouse/"
VIEWS: Final = WAREHOUSE + "test_stream_views.py::"
EXPORT: Final = WAREHOUSE + "test_export.py::"
DIFFERENCE: Final = WAREHOUSE + "test_export_difference.py::"
PUT_IN_PLACE: Final = (
    "        if folder is None or not exchanged(made, folder):\n            put(made, place)\n"
)
CONTRACTS: Final = WAREHOUSE + "test_contracts.py::"
MEASURE: Final = "tests/pipelines/test_measure.py::"
CHECKS: Final = WAREHOUSE + "test_mart_checks.py::"
OVER_TIME: Final = WAREHOUSE + "test_marts_over_time.py::"
THEN: Final = WAREHOUSE + "test_marts_then.py::"
IMAGES: Final = WAREHOUSE + "test_marts_by_images.py::"
HSDS: Final = WAREHOUSE + "test_export_hsds.py::"

BUGS_OF_MARTS: Final = (
    Bug(
        "words-of-mail-published",
        11,
        "warehouse/marts/stream_sql.py",
        'return f"CASE WHEN {MAIL[kind]} THEN NULL ELSE {shown} END"',
        "return shown",
        VIEWS + "test_the_words_of_a_mail_are_not_shown_and_those_of_a_call_are",
    ),
    Bug(
        "columns-come-and-go",
        8,
        "warehouse/marts/streams.py",
        "if field.key not in keys:",
        "if field.key:",
        VIEWS + "test_columns_once_declared_stay_and_new_ones_come_last",
    ),
    Bug(
        "views-dropped-under-others",
        8,
        "warehouse/marts/views.py",
        'if connection.dialect != "postgresql":\n        return False\n    created',
        "if connection.dialect:\n        return False\n    created",
        VIEWS + "test_who_reads_only_marts_sees_the_views_of_streams_and_what_others_built_on_them_stays",
    ),
    Bug(
        "tables-of-two-moments",
        3,
        "warehouse/exports/reading.py",
        'BEGIN: Final = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}',
        'BEGIN: Final = {"sqlite": "SELECT 1", "postgresql": "BEGIN"}',
        EXPORT + "test_tables_fit_together_while_somebody_writes",
    ),
    Bug(
        "order-left-to-the-engine",
        3,
        "warehouse/exports/arranging.py",
        " ORDER BY {named(by)}",
        "",
        EXPORT + "test_the_same_rows_are_the_same_bytes_on_both_engines_and_in_whatever_order_they_lie",
    ),
    Bug(
        "rows-of-one-time-as-they-came",
        3,
        "warehouse/exports/ties.py",
        "    if not tied.size:\n",
        "    if tied is not None:\n",
        EXPORT + "test_rows_of_one_time_are_in_order_of_their_keys_however_many_they_are",
    ),
    Bug(
        "export-nobody-knows-of",
        11,
        "warehouse/exports/export.py",
        "        log_export(database, actor, place, told)\n",
        "",
        "tests/warehouse/test_export_log.py::test_the_log_names_who_took_which_tables_where_and_the_hash_of_their_manifest",
    ),
    Bug(
        "process-that-outlives-who-waits",
        6,
        "warehouse/exports/apart.py",
        'name="watch-parent", daemon=True).start()',
        'name="watch-parent", daemon=True)',
        WAREHOUSE + "test_export_apart.py::test_it_ends_as_soon_as_the_process_that_waits_for_it_is_killed",
    ),
    Bug(
        "list-exports-everybody",
        11,
        "warehouse/exports/listed.py",
        '                f" WHERE partner_id IN (SELECT id FROM {PARTNERS})"\n',
        "",
        "tests/warehouse/test_export_of_list.py"
        "::test_nothing_of_a_partner_that_is_not_on_the_list_is_in_any_file",
    ),
    Bug(
        "rows-without-what-hsds-wants",
        1,
        "warehouse/exports/hsds_package.py",
        "if missing:",
        "if len(missing) > len(table.fields):",
        HSDS + "test_every_cell_is_what_its_field_declares_and_what_hsds_wants_is_there",
    ),
    Bug(
        "package-of-everybody",
        11,
        "warehouse/exports/hsds_package.py",
        "partners is None or partner in partners",
        "bool(row)",
        HSDS + "test_a_list_holds_its_partners_and_nothing_of_anybody_else",
    ),
    Bug(
        "changes-of-private-fields-in-the-package",
        11,
        "warehouse/exports/hsds_rows.py",
        'return OWN.get(field) or (field.removesuffix("_json") if field in SORTED else None)',
        'return OWN.get(field) or field.removesuffix("_json")',
        HSDS + "test_changes_stand_in_metadata_of_the_row_they_are_about_and_nothing_private_does",
    ),
    Bug(
        "second-library-in-one-process",
        3,
        "warehouse/exports/export.py",
        "apart(read_into, ",
        "read_into(",
        EXPORT + "test_the_hubs_own_lock_is_kept_while_its_process_exports",
    ),
    Bug(
        "copies-not-counted",
        8,
        "warehouse/exports/joined.py",
        "f.source_count AS count_sources",
        "1 AS count_sources",
        EXPORT + "test_touchpoints_read_part_by_part_are_what_the_view_says",
    ),
    Bug(
        "gone-rows-stay",
        8,
        "warehouse/exports/difference.py",
        "FULL JOIN former",
        "LEFT JOIN former",
        DIFFERENCE
        + "test_increments_over_the_first_make_what_a_whole_export_says_after_merge_split_and_deletion",
    ),
    Bug(
        "files-of-others-replaced",
        1,
        "warehouse/exports/destination.py",
        "if holds and not is_export:",
        "if holds and is_export is None:",
        EXPORT + "test_a_folder_with_files_of_others_is_left_alone",
    ),
    Bug(
        "half-an-export",
        3,
        "warehouse/exports/destination.py",
        f"        yield made\n{PUT_IN_PLACE}    finally:\n",
        f"        yield made\n    finally:\n{PUT_IN_PLACE}",
        EXPORT + "test_an_export_that_fails_leaves_the_former_one_and_nothing_beside_it",
    ),
    Bug(
        "month-too-late",
        8,
        "warehouse/exports/parquet.py",
        "pc.subtract(pc.month(at), 1)",
        "pc.month(at)",
        EXPORT + "test_facts_lie_in_a_folder_a_month_and_duckdb_and_pandas_read_them",
    ),
    Bug(
        "ended-versions-forgotten",
        1,
        "warehouse/exports/since.py",
        '"_hub_deleted_at", "valid_to", "merged_at")',
        '"_hub_deleted_at", "merged_at")',
        EXPORT + "test_since_a_moment_only_versions_written_or_ended_from_then_on_are_there",
    ),
    Bug(
        "formulas-for-spreadsheets",
        11,
        "warehouse/exports/delimited.py",
        "return pc.if_else(runs,",
        "return pc.if_else(pc.and_(runs, False),",
        EXPORT + "test_csv_for_spreadsheets_marks_formulas_and_keeps_numbers_and_phones",
    ),
    Bug(
        "promise-broken-in-silence",
        8,
        "warehouse/contracts/promised.py",
        "if breaks and not breaking:",
        "if breaks and breaking is None:",
        CONTRACTS + "test_a_release_that_breaks_a_promise_writes_nothing_until_somebody_says_so",
    ),
    Bug(
        "key-not-looked-at",
        8,
        "warehouse/contracts/checks.py",
        "HAVING count(*) > 1",
        "HAVING count(*) < 1",
        CONTRACTS + "test_the_warehouse_keeps_every_contract_and_one_it_does_not_keep_is_told",
    ),
    Bug(
        "lineage-ends-at-golden",
        8,
        "warehouse/marts/lineage.py",
        "kind = KIND_OF.get(table) or",
        'kind = KIND_OF.get("") or',
        WAREHOUSE + "test_lineage.py::test_a_column_of_a_mart_leads_to_the_field_of_every_source",
    ),
    Bug(
        "known-before-it-was",
        8,
        "warehouse/marts/moment.py",
        'return f"CASE WHEN b.{column} <= {MOMENT} THEN b.{column} END"',
        'return f"b.{column}"',
        THEN + "test_a_mart_as_of_then_is_row_by_row_what_was_read_then",
    ),
    Bug(
        "past-guessed",
        8,
        "warehouse/marts/then.py",
        "return all(kept_for(mart, name) is not None",
        "return any(kept_for(mart, name) is not None",
        THEN + "test_a_mart_whose_past_is_not_kept_is_refused_by_name_with_what_to_use_instead",
    ),
    Bug(
        "deal-of-today-shown-then",
        8,
        "warehouse/marts/kept.py",
        "AS record_count, v.deleted_at FROM deal_version v WHERE {OPEN_VERSION}",
        "AS record_count, v.deleted_at FROM deal_version v WHERE v.recorded_to_at IS NULL",
        THEN + "test_a_mart_as_of_then_is_row_by_row_what_was_read_then",
    ),
    Bug(
        "later-work-shown-then",
        8,
        "warehouse/marts/images.py",
        "b.entity = 'work_item' AND {FACT_KNOWN}",
        "b.entity = 'work_item'",
        THEN + "test_a_mart_as_of_then_is_row_by_row_what_was_read_then",
    ),
    Bug(
        "person-guessed-from-those-who-joined",
        8,
        "warehouse/marts/kept.py",
        "AND was.records = (SELECT count(*)",
        "AND 0 < (SELECT count(*)",
        THEN + "test_persons_who_came_together_since_are_two_then_of_whom_no_value_is_guessed",
    ),
    Bug(
        "nothing-judged-is-perfect",
        8,
        "warehouse/marts/quality.py",
        "{{share({part}, {whole})}} END",
        "{{share({part}, {whole})}} ELSE 1.0 END",
        MEASURE + "test_a_score_is_its_two_numbers_and_null_where_there_is_nothing_to_judge",
    ),
    Bug(
        "unchanged-measured-again",
        2,
        "pipelines/measure/measure.py",
        "IS NOT DISTINCT FROM",
        "=",
        MEASURE + "test_what_did_not_change_is_not_written_again_and_what_did_keeps_its_former_row",
    ),
    Bug(
        "formula-changed-in-silence",
        8,
        "pipelines/measure/figures.py",
        "tuple(stands[name] for name in TOLD) == told",
        "bool(told)",
        MEASURE + "test_a_changed_formula_begins_a_version_and_the_former_series_stays",
    ),
    Bug(
        "reference-not-looked-at",
        8,
        "warehouse/contracts/checks.py",
        "AND x.{named} IS NULL",
        "AND x.{named} <> x.{named}",
        CHECKS + "test_a_fact_of_a_partner_nobody_knows_is_named_by_its_key",
    ),
    Bug(
        "role-of-a-partner-lost",
        8,
        "warehouse/marts/deals.py",
        "THEN 'reselling'",
        "THEN 'customer'",
        OVER_TIME + "test_the_part_of_a_partner_in_a_deal_is_told_in_four_words",
    ),
    Bug(
        "before-image-forgotten",
        8,
        "pipelines/golden/past.py",
        "if after.get(key) != was]",
        "if key not in after]",
        IMAGES + "test_a_colleague_who_is_renamed_is_known_twice_and_leaves",
    ),
    Bug(
        "absence-forgotten",
        8,
        "pipelines/golden/past.py",
        "    return changed + [(*key, *absent, False) for key in come]\n",
        "    return changed or [(*key, *absent, False) for key in come[:0]]\n",
        IMAGES + "test_what_a_steward_attached_and_took_off_again_is_there_in_between",
    ),
    Bug(
        "rebuild-adds-a-past",
        9,
        "pipelines/golden/past.py",
        "return remembered(connection, RULES_NAME) is None",
        "return remembered(connection, RULES_NAME) == ''",
        IMAGES + "test_a_first_publication_and_one_that_makes_all_anew_write_no_image",
    ),
    Bug(
        "copies-of-today-counted-then",
        8,
        "warehouse/marts/images.py",
        "FROM ({COPIES}) c WHERE",
        "FROM {{base(fact_source)}} c WHERE",
        IMAGES + "test_a_copy_of_one_touchpoint_that_turns_out_to_be_of_another_and_back",
    ),
    Bug(
        "copies-left-uncounted-by-a-migration",
        8,
        "warehouse/migrations/versions/0040_counted_copies.py",
        "    op.execute(COUNT_COPIES)\n",
        "",
        WAREHOUSE
        + "test_migrations.py::test_copies_of_facts_are_counted_when_the_count_comes_and_again_when_it_comes_back",
    ),
    Bug(
        "redacted-in-an-image",
        11,
        "warehouse/commands/redact.py",
        "    forget_past(connection, record)\n",
        "",
        IMAGES + "test_what_is_redacted_stands_in_no_image_and_no_version",
    ),
    Bug(
        "due-today-is-overdue",
        11,
        "warehouse/marts/facts.py",
        "w.is_open AND w.due_at < CURRENT_DATE GROUP",
        "w.is_open AND w.due_at < CURRENT_TIMESTAMP GROUP",
        WAREHOUSE + "test_mart_questions.py::"
        "test_what_is_due_today_is_not_overdue_and_what_was_due_yesterday_is[postgresql]",
    ),
)
