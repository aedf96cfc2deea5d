"""One message for all streams it happened to."""

from partnerhub.cli.stream_errors import StreamError, told_once


def test_one_reason_for_several_streams_is_told_once():
    down = [StreamError("crm", name, "It is down.", "Wait.") for name in ("deals", "notes")]
    assert told_once([*down, StreamError("mail", "messages", "It is down.", "Wait.")]) == [
        "crm deals, notes: It is down. → Wait.",
        "mail messages: It is down. → Wait.",
    ]


def test_of_many_streams_their_number_is_told():
    down = [StreamError("crm", str(number), "It is down.", "Wait.") for number in range(31)]
    assert told_once(down) == ["crm 31 streams: It is down. → Wait."]
