"""Bugs in what proves that the hub can be rebuilt, and in what says beforehand what a change does."""

from __future__ import annotations

from typing import Final

from tests.planted.bug import PIPELINES, Bug

REBUILD: Final = PIPELINES + "test_rebuild.py::"
PREVIEW: Final = PIPELINES + "test_preview.py::"
COMES_OUT_AGAIN: Final = (
    REBUILD + "test_after_changes_merges_splits_pins_and_deletions_every_row_comes_out_again"
)
MONTHS: Final = PIPELINES + "test_timeline_months.py::test_months_count_what_timelines_hold_after_each_change"
COPIES: Final = PIPELINES + "test_counted_copies.py::"
COUNTED: Final = COPIES + "test_a_fact_says_how_many_records_hold_it_after_each_change_and_a_rebuild"

BUGS_OF_REBUILDS: Final = (
    Bug(
        "copy-goes-and-count-stays",
        8,
        "pipelines/golden/copies.py",
        "        touch_former(connection, kind)\n",
        "",
        COUNTED + "[sqlite-a copy went]",
    ),
    Bug(
        "deleted-copies-not-counted",
        8,
        "pipelines/golden/facts.py",
        "len(known), own,",
        "len([each for each in known if not each.deleted_at]), own,",
        COUNTED + "[sqlite-a copy was deleted]",
    ),
    Bug(
        "wrong-count-not-found",
        8,
        "pipelines/validate/rules.py",
        "AND f.source_count <> (SELECT count(*)",
        "AND f.source_count IS NULL AND 0 <> (SELECT count(*)",
        COPIES + "test_a_count_that_is_not_that_of_the_copies_is_found[sqlite-2-1]",
    ),
    Bug(
        "month-left-behind",
        9,
        "pipelines/golden/months.py",
        "(-1, stood - stands)",
        "(-1, set[Counted]())",
        MONTHS + "[sqlite-moved to another month]",
    ),
    Bug(
        "turned-round-and-not-counted",
        9,
        "pipelines/golden/facts.py",
        "months.note(connection, changed | moved,",
        "months.note(connection, moved,",
        MONTHS + "[sqlite-turned round]",
    ),
    Bug(
        "first-moment-of-what-is-gone",
        9,
        "pipelines/golden/months.py",
        "first_at = excluded.first_at, last_at",
        "last_at",
        PIPELINES
        + "test_timeline_months.py::test_a_month_that_loses_its_first_and_gains_a_later_one_tells_both_moments[sqlite]",
    ),
    Bug(
        "order-of-arrival",
        9,
        "pipelines/golden/differences.py",
        "for key, row in wanted.items() if stands.get(key) != row]",
        "for key, row in wanted.items() if key not in stands]",
        COMES_OUT_AGAIN,
    ),
    Bug(
        "kept-in-golden-alone",
        9,
        "pipelines/golden/differences.py",
        "    bulk.delete(connection, name, keys, gone)\n",
        "    gone.clear()\n",
        COMES_OUT_AGAIN,
    ),
    Bug(
        "entered-and-never-compared",
        9,
        "pipelines/entering.py",
        'if staged.rows.get("organization"):',
        'if staged.rows.get("nothing"):',
        COMES_OUT_AGAIN,
    ),
    Bug(
        "keys-of-before-stay",
        9,
        "pipelines/stage/write.py",
        '    bulk.delete(connection, "key", KEY_OF_KEYS, sorted(row[: len(KEY_OF_KEYS)] for row in over))\n',
        "    over.clear()\n",
        COMES_OUT_AGAIN,
    ),
    Bug(
        "proof-reads-what-waits",
        9,
        "pipelines/rebuild/prepare.py",
        "    connection.execute(NEWER)\n    connection.execute(AS_STAGED)\n",
        "",
        REBUILD + "test_versions_that_landed_and_wait_are_no_part_of_the_proof",
    ),
    Bug(
        "proof-of-keys-alone",
        9,
        "pipelines/scratch/compare.py",
        "        if one != another:\n            found.differing += 1\n",
        "        if one is None or another is None:\n            found.differing += 1\n",
        REBUILD + "test_a_value_that_only_golden_holds_is_found_with_its_key_and_column",
    ),
    Bug(
        "rebuilt-piece-by-piece",
        3,
        "pipelines/rebuild/replace.py",
        "leases.fenced(database, lease).session() as writing, writing.transaction():",
        "leases.fenced(database, lease).session() as writing:",
        REBUILD + "test_a_rebuild_that_breaks_while_it_writes_leaves_what_was_there",
    ),
    Bug(
        "tried-in-the-hub",
        9,
        "pipelines/scratch/derive.py",
        "replace(config, warehouse_url=target.url, clock=",
        "replace(config, clock=",
        PREVIEW + "test_trying_writes_nothing_to_the_hub",
    ),
    Bug(
        "tried-mapping-stays",
        9,
        "mappings/discover.py",
        "        TRIED.pop(mapping.connector, None)\n",
        "        TRIED.get(mapping.connector)\n",
        PREVIEW + "test_a_mapping_module_is_tried_in_place_of_the_one_that_stands",
    ),
    Bug(
        "secret-among-changed-keys",
        11,
        "pipelines/preview/changed.py",
        "if not hidden else name",
        "if not hidden or name else name",
        PREVIEW + "test_no_secret_of_a_source_is_shown_among_the_keys_that_differ",
    ),
)
