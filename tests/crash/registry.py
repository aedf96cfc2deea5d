"""The commit sites by name: those a sync passes, where it is killed, and the others, with why not there.

A new transaction belongs into one of the two lists, or `test_failpoints.py` fails: into the first when a sync of the
small company passes it, else into the second with the reason.
"""

from __future__ import annotations

PASSED_BY_A_SYNC = (
    "pipelines.golden.publish.publish",
    "pipelines.land.backfill.note_gone",
    "pipelines.land.fields.note_fields",
    "pipelines.land.known.known_among",
    "pipelines.land.page.store_page",
    "pipelines.land.runs.end_stream",
    "pipelines.land.runs.finish_run",
    "pipelines.land.runs.start_run",
    "pipelines.land.runs.start_stream",
    "pipelines.land.writer.SourceWriter.open",
    "pipelines.leases.release",
    "pipelines.leases.take_row",
    "pipelines.phases.write",
    "pipelines.resolve.proposal.propose_batch",
    "pipelines.resolve.proposal.propose_waiting",
    "pipelines.resolve.retraining.rescore_if_rules_moved",
    "pipelines.resolve.thresholds.score_anew_if_thresholds_moved",
    "pipelines.signals.evaluate.evaluate",
    "pipelines.stage.columns.declare_columns",
    "pipelines.stage.engine.remember_rules",
    "pipelines.stage.engine.stage_stream",
    "pipelines.uncompared.note_compared",
    "warehouse.marts.views.make_views",
)

OF_CHANGES = (
    "pipelines.golden.publish.publish",
    "pipelines.land.page.store_page",
    "pipelines.resolve.proposal.propose_batch",
    "pipelines.stage.engine.stage_stream",
)
"""Where a kill is tried once more, while changes arrive at a hub that is already there."""

A_PERSON = "One command of a person in one transaction: it is made or not, and nothing goes on by itself."
BY_TIME = "Passed only when time goes by while nothing else happens."
OF_RECONCILING = "Passed by `partnerhub reconcile`; killed there in test_killed_reconciling.py."
OF_WATCHING = "Passed by whoever watches on a schedule, who looks and tells again."
ON_FAILURE = "Passed only when a source fails."

FIRST_LOAD = "Only when tens of thousands of records wait; killed there in test_first_load.py."
OF_A_BASE = "Only where a hub is scored whole; whoever comes next does it again."

ON_A_PAGE = {
    "accounts": (
        "add",
        "add_key",
        "disable",
        "enable",
        "end_theirs",
        "finish_key",
        "new_link",
        "other_roles",
    ),
    "api_finding": ("add", "drop", "remove", "save"),
    "api_troubles": ("decide",),
    "asking": ("closed", "put_question"),
    "commitments": ("as_csv",),
    "mail_text": ("body",),
    "next_actions": ("said_next",),
    "partner_list": ("exported",),
    "quarantine": ("let_be", "try_again"),
    "records": ("record_page",),
    "saved_lists": ("add", "drop", "remove", "save"),
    "signing_in": ("sign_out", "sign_out_everywhere"),
    "sync_errors": ("decide",),
    "timeline": ("set_mailbox_visibility", "set_visibility"),
}
"""Module of `partnerhub.web.routes` → its functions that write: a form or a file, one transaction each."""
COUNTED_AGAIN = "By the daily measure or by hand; the next one counts every table again."
TOLD_AGAIN = "While webhooks are told; the next pass sends the page again, each change with the id it had."
OF_ASKED_RUNS = (
    "While runs are asked for on pages; the next taker takes what was left, tried in test_asked_runs.py."
)
ASKED = ("Taker.close", "Taker.start", "cancel", "settle")
"""What `pipelines.supervision.asked` writes."""
BESIDE = "In a second warehouse that is dropped with whoever made it."
ELSEWHERE = {
    "partnerhub.access.sign_in.choose_password": A_PERSON,
    "partnerhub.access.sign_in.enter": A_PERSON,
    "partnerhub.cli.accounts.add": A_PERSON,
    "partnerhub.cli.accounts.add_key": A_PERSON,
    "partnerhub.cli.accounts.disable": A_PERSON,
    "partnerhub.cli.accounts.enable": A_PERSON,
    "partnerhub.cli.accounts.end": A_PERSON,
    "partnerhub.cli.accounts.link": A_PERSON,
    "partnerhub.cli.accounts.roles_of": A_PERSON,
    "partnerhub.cli.accounts.sign_out": A_PERSON,
    "partnerhub.cli.mailing.visibility": A_PERSON,
    "partnerhub.cli.trial.guest_link": A_PERSON,
    **{
        f"partnerhub.web.routes.{module}.{name}": A_PERSON
        for module, names in ON_A_PAGE.items()
        for name in names
    },
    "partnerhub.web.operating.Operating.cancel": A_PERSON,
    "partnerhub.web.operating.Operating.resume": A_PERSON,
    "partnerhub.web.operating.Operating.sync": A_PERSON,
    "partnerhub.cli.changing.resume": A_PERSON,
    "partnerhub.cli.keeping.backup": A_PERSON,
    "partnerhub.cli.keeping.restore": A_PERSON,
    "partnerhub.cli.listing.export": A_PERSON,
    "partnerhub.cli.quarantining.replay": A_PERSON,
    "partnerhub.cli.running.cancel": A_PERSON,
    "pipelines.alerts.asked.tell_questions": OF_WATCHING,
    "pipelines.alerts.daily.sent": OF_WATCHING,
    "pipelines.alerts.deliver.deliver": OF_WATCHING,
    "pipelines.alerts.trial.send_tests": A_PERSON,
    "pipelines.changes.push.failed": TOLD_AGAIN,
    "pipelines.measure.measure.measure": COUNTED_AGAIN,
    "pipelines.openlineage.telling.note": "Only where events of runs go somewhere; the next run's says how it went.",
    "pipelines.changes.push.one_page": TOLD_AGAIN,
    "pipelines.entering.landed_now": A_PERSON,
    "pipelines.golden.acting.act": A_PERSON,
    "pipelines.golden.publish.carry_out": A_PERSON,
    "pipelines.golden.finding.make_findable": "At the start of the pages; the next start does it again.",
    "pipelines.golden.questions.make_whole": OF_A_BASE,
    "pipelines.health.look.look": OF_WATCHING,
    "pipelines.health.look.tell": OF_WATCHING,
    "pipelines.land.backfill.backfill": ON_FAILURE,
    "pipelines.land.comparison.write_comparison": OF_RECONCILING,
    "pipelines.land.rewinding.set_cursor": A_PERSON,
    "pipelines.land.runs.fail_stream": ON_FAILURE,
    "pipelines.land.runs.find_abandoned": "Whoever watches; the next look does it again.",
    "pipelines.land.runs.leave_stream": "After a lease was lost; the books of a run that is over.",
    "pipelines.land.writer.SourceWriter.heartbeat": BY_TIME,
    "pipelines.leases.keep_alive": BY_TIME,
    "pipelines.leases.take_again": "Only after the server ended a connection.",
    "pipelines.preview.run.stage_again": BESIDE,
    "pipelines.pruning.prune": A_PERSON,
    "pipelines.rebuild.prepare.fill": BESIDE,
    "pipelines.rebuild.replace.replace_derived": "One transaction; broken off in test_rebuild.py.",
    "pipelines.reconcile.compare.uncounted": OF_RECONCILING,
    "pipelines.resolve.again.score_again": A_PERSON,
    "pipelines.resolve.evaluation.evaluate_rules": A_PERSON,
    "pipelines.resolve.own_weights.learn_from_verdicts": A_PERSON,
    "pipelines.resolve.proposal.propose_all": OF_A_BASE,
    "pipelines.resolve.proposal.write_between": OF_A_BASE,
    "pipelines.resolve.retraining.rescore": "After new weights only; one transaction, tried in test_retraining.py.",
    "pipelines.scratch.copying.copy_all": BESIDE,
    "pipelines.scratch.copying.copy_tables": BESIDE,
    "pipelines.stage.mass_change.held_beyond": "Only when too much changes at once; the next staging asks again.",
    "pipelines.stage.field_notes.tell_fields": "When a field is not what it was; the next staging tells again.",
    **{f"pipelines.supervision.asked.{name}": OF_ASKED_RUNS for name in ASKED},
    "pipelines.stopping.close_books": "At the end of a process that is ending already.",
    "warehouse.backup.restore": A_PERSON,
    "warehouse.commands.measure_fill.keep": COUNTED_AGAIN,
    "warehouse.commands.measure_fill.measure_fill": COUNTED_AGAIN,
    "warehouse.changes.logged.log_reading": "One entry, before a reader has its changes; a sync reads no feed.",
    "warehouse.exports.logged.log_export": "One entry, before the files of an export stand; a sync exports nothing.",
    "warehouse.indexes.build": FIRST_LOAD,
    "warehouse.indexes.take_away": FIRST_LOAD,
    "warehouse.commands.approve.approve": A_PERSON,
    "warehouse.commands.let_go.let_go": A_PERSON,
    "warehouse.commands.operate.pause": A_PERSON,
    "warehouse.commands.operate.unpause": A_PERSON,
    "warehouse.commands.set_aside.decide_problems": A_PERSON,
    "warehouse.marts.views.drop_views": "Before a migration; the next one does it again.",
    "warehouse.moving.copy_all": "Passed by `partnerhub migrate-db`; killed there in test_moving.py.",
    "warehouse.moving.stand_at": "Passed by `partnerhub migrate-db`, which begins anew.",
}
"""Commit site → why no sync of the small company passes it."""

BARE = {
    "warehouse/migrations/env.py: module": "Migrations; their failpoints are `warehouse.migrations.env.…`.",
    "warehouse/schema.py: prepare_schemas": "Empty schemas, created again if they are missing.",
    "warehouse/schema.py: run_alembic": "After a migration that has committed already.",
}
"""What commits by other means than `Connection.transaction`, and why it may."""
