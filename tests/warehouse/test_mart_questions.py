"""Questions of the marts that ask for today: the same answer on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.web.partner_rig import ACME, partner_hub
from warehouse.marts import mart


def test_what_is_due_today_is_not_overdue_and_what_was_due_yesterday_is(database_url):
    hub = partner_hub(database_url)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for number, due in enumerate((today, today - timedelta(days=1)), start=1):
        key = f"crm/tasks/{number}"
        hub.stage("work_item", key, title="Call", status="New", due_at=f"{due:%Y-%m-%d}T00:00:00.000000Z")
        hub.stage("relation", f"{key}#0", kind="about", from_record=key, to_record=ACME)
    hub.publish()
    with hub.database.session() as connection:
        (late,) = connection.query(mart("fct_work_item").questions[0].sql)
    assert late[1] == 1
