"""One message for all streams it happened to."""

from partnerhub.cli.inspect import show_errors
from partnerhub.cli.output import console
from partnerhub.cli.stream_errors import StreamError, told_once
from partnerhub.cli.syncing import stream_table
from pipelines.sync import StreamReport, SyncReport


def test_one_reason_for_several_streams_is_told_once():
    down = [StreamError("crm", name, "It is down.", "Wait.") for name in ("deals", "notes")]
    assert told_once([*down, StreamError("mail", "messages", "It is down.", "Wait.")]) == [
        "crm deals, notes: It is down. → Wait.",
        "mail messages: It is down. → Wait.",
    ]


def test_of_many_streams_their_number_is_told():
    down = [StreamError("crm", str(number), "It is down.", "Wait.") for number in range(31)]
    assert told_once(down) == ["crm 31 streams: It is down. → Wait."]


def problem(stream, source_id=None):
    return {
        "severity": "error", "source": "crm", "stream": stream, "source_id": source_id, "code": "unauthorized",
        "field": None, "happened": "It refuses.", "sample": None, "to_do": "Renew it.", "called": f"crm/{stream}",
        "records": 1,
    }  # fmt: skip


def test_errors_lists_what_happened_to_many_streams_once_with_the_command_that_follows(capsys):
    listed = [problem(str(number)) for number in range(5)]
    show_errors(console(), {"counts": listed, "problems": listed, "pin_conflicts": []}, summary=False)
    assert capsys.readouterr().out.splitlines() == [
        "error  crm 5 streams  unauthorized: It refuses.",
        "  → Renew it.",
        "→ Then run `partnerhub check crm`, and `partnerhub sync crm`.",
    ]


def test_errors_of_two_records_are_two(capsys):
    listed = [problem("deals", "1"), problem("deals", "2")]
    show_errors(console(), {"counts": listed, "problems": listed, "pin_conflicts": []}, summary=False)
    assert capsys.readouterr().out.count("It refuses.") == 2


def test_many_streams_that_ended_alike_are_one_line_of_a_sync(capsys):
    def report(stream, state, read):
        return StreamReport("crm", stream, state, read, 0, 0, 0, 0, 0, None, 0.5)

    streams = [
        *(report(str(number), "needs_person", 0) for number in range(5)),
        report("deals", "needs_person", 3),
    ]
    console().print(stream_table(SyncReport("run", "needs_person", 1.0, streams)))
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "crm" in line]
    assert [line[1:3] for line in lines] == [["5", "streams"], ["deals", "needs"]]
