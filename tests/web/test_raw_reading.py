"""Reading a record as it arrived is an act of its own."""


def test_whoever_reads_what_arrived_is_in_the_audit_log_and_whoever_may_not_is_not(hub):
    place = "/".join(hub.one("SELECT source, stream, source_id FROM raw_current ORDER BY source_id"))
    read = "SELECT actor, subject FROM audit_entry WHERE verb = 'raw.read'"
    with hub.browser("manager", login="m@hub.example") as manager:
        assert manager.get(f"/records/{place}").status_code == 200
    assert hub.rows(read) == []
    with hub.browser("steward") as steward:
        assert steward.get(f"/records/{place}").status_code == 200
    assert hub.rows(read) == [("stew@hub.example", f"record:{place}")]
