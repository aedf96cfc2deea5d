"""What delivery and support write in Jira. Only data.

A scene: (issue type, summary, description, comments). Blanks as in `sales_texts`; `{partner}` is always somebody's name.
"""

from __future__ import annotations

from typing import NamedTuple


class IssueScene(NamedTuple):
    """One issue as people write it; comments are taken in order, the first few of them."""

    issue_type: str
    summary: str
    description: str
    comments: tuple[str, ...]


DELIVERY: tuple[IssueScene, ...] = (
    IssueScene(
        "Story",
        "Set up test tenant for {partner}",
        "{person} needs a tenant with {count} test users before the workshop on {day}. Language follows {city}.",
        (
            "Tenant is up, users are in. Waiting for their logo.",
            "Logo arrived, as a photo of a business card. Asked again.",
        ),
    ),
    IssueScene(
        "Task",
        "Import {count} legacy cases",
        "{partner} sends one CSV per office. Dates come in two notations; the office in {city} uses the American one.",
        (
            "First file imported, 3 rows set aside with a reason.",
            "{person} corrected the three rows. Second file next week.",
        ),
    ),
    IssueScene(
        "Bug",
        "{product}: reminder goes out twice for {partner}",
        "Happens when a case belongs to two teams. {person} counted {count} double reminders since {day}.",
        (
            "Reproduced with two teams and one shared inbox.",
            "Fix is in review; until then we switched off the second team.",
        ),
    ),
    IssueScene(
        "Task",
        "Roll out {product} in {city}",
        "{count} seats, two groups. First group starts on {day}; the second waits for new laptops.",
        (
            "First group trained. Nobody needed the manual, two asked for a shortcut list.",
            "Laptops are late by two weeks.",
        ),
    ),
    IssueScene(
        "Story",
        "Map referral reasons of {partner} to ours",
        "They keep {count} reasons, we keep 12. {person} agrees to lose detail only where the funder does not ask for it.",
        (
            "Draft mapping in the sheet, five open rows.",
            "Four of five settled in the call; the last one needs their lawyer.",
        ),
    ),
    IssueScene(
        "Task",
        "Certificates for the {city} team",
        "{count} people passed the {product} exam. Issue certificates and list them in the directory.",
        ("Two names are spelled differently in the exam tool, asked {person}.",),
    ),
    IssueScene(
        "Bug",
        "Report for {month} shows zero referrals",
        "{partner} made {count} referrals that month. The report filters by closing date, they expect the opening date.",
        (
            "It is the filter. Offered both columns.",
            "{person} prefers opening date as the default, for everybody.",
        ),
    ),
    IssueScene(
        "Task",
        "Hand over operations to {partner}",
        "From {month} on they answer first-line tickets themselves. Needs a runbook and rights for {count} people.",
        ("Runbook reviewed by {us}.", "Rights given to all but one: no account yet."),
    ),
    IssueScene(
        "Epic",
        "Second site: {city}",
        "{partner} opens another office. Same set-up as the first, with its own data region and a shared directory.",
        ("Kick-off held, minutes in the folder.",),
    ),
    IssueScene(
        "Task",
        "Penetration test findings ({count} items)",
        "The tester {partner} hired reports mostly header settings. One finding concerns session length and is fair.",
        ("Headers fixed on staging.", "Session length is a setting per tenant now; told {person}."),
    ),
)
SUPPORT: tuple[IssueScene, ...] = (
    IssueScene(
        "Bug",
        "Attachment names with umlauts are cut",
        "{person} uploads files from {city}; names end at the first special character. {count} files affected.",
        ("Only with the old desktop client. Asked which version they run.", "They updated; works."),
    ),
    IssueScene(
        "Incident",
        "Add {count} seats for {partner}",
        "Order is signed. {person} wants them active by {day}, because a new team starts.",
        ("Done, invoice note sent to {us}.",),
    ),
    IssueScene(
        "Bug",
        "Search finds archived clients",
        "{partner} archived {count} clients in {month} and still finds them by phone number.",
        ("Index was rebuilt over night, clients are gone from the results.", "{person} confirms."),
    ),
    IssueScene(
        "Incident",
        "Change of data protection officer",
        "{partner} names {person} from {month} on. Update the agreement's annex and the notification list.",
        ("Annex updated, list updated.",),
    ),
    IssueScene(
        "Bug",
        "Calendar shows meetings one hour late",
        "Only for users in {city}, since the clocks changed. Invitations themselves are right.",
        ("Time zone of the tenant was set by hand once. Corrected.",),
    ),
    IssueScene(
        "Bug",
        "Export to {product} times out",
        "Works for {count} records, not for all. {person} needs it for the board on {day}.",
        ("Made the export by hand and sent it.", "Real fix: export in pages. Planned."),
    ),
    IssueScene(
        "Incident",
        "Restore a deleted form",
        "Somebody at {partner} deleted the intake form that {city} uses. Last good copy is from {day}.",
        ("Restored. {count} answers of today were attached to the old id and are moved.",),
    ),
)
INTERNAL: tuple[IssueScene, ...] = (
    IssueScene(
        "Task",
        "Rotate signing keys",
        "Yearly rotation. Old key stays valid for {count} days.",
        ("Done on staging.", "Done in production, no failed sign-ins since."),
    ),
    IssueScene(
        "Bug",
        "Nightly build fails on {day}",
        "A test depends on the day of the week. It always did; nobody worked on {day}s.",
        ("Fixed by freezing the clock.",),
    ),
    IssueScene(
        "Task",
        "Archive tickets older than {count} months",
        "Agreed with {us}: archive, do not delete.",
        ("Query is ready, {us} reviews.",),
    ),
    IssueScene(
        "Story",
        "Status page shows regions",
        "One line per region, with the reason when it is not green.",
        ("Design approved.", "Live behind a flag."),
    ),
    IssueScene(
        "Task",
        "Office move: network plan",
        "New floor, {count} desks. Provider needs the plan in {month}.",
        ("Provider confirmed the date.",),
    ),
    IssueScene(
        "Bug",
        "Metrics dashboard double counts retries",
        "Numbers of {month} are {count} percent too high.",
        ("Fixed; history recalculated from {month}.",),
    ),
    IssueScene(
        "Task",
        "Interview plan for the support role",
        "{count} applications. Two rounds, the second with {us}.",
        ("First round done.", "Offer sent."),
    ),
    IssueScene(
        "Story",
        "Command line asks before it deletes",
        "Three colleagues deleted the wrong folder in {month}.",
        ("Asks now; a flag for scripts stays.",),
    ),
)
WORK_DONE = (
    "Set up and first checks",
    "Call with {person}",
    "Fix and test",
    "Review with {us}",
    "Data cleaning",
    "Reading their export",
    "Workshop preparation",
    "Documentation",
)
TEXT_ONLY = (
    "Partner: {partner_line}.",
    "Reported by {person} ({address}).",
    "This is for {partner_line}, not for the branch.",
    "Concerns {partner_line} in {city}.",
)
"""How a text names the organization when nobody filled in the field."""
ONBOARDING: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Kick-off",
        (
            (
                "Kick-off call with {person}",
                "Agenda: goals for the first {count} weeks, who decides, where files live.",
            ),
            (
                "Send welcome pack to {partner}",
                "Price list, brand rules, contact sheet. The printed one goes to {city}.",
            ),
            ("Name a contact for tickets", "{person} stands in until {partner} has decided."),
        ),
    ),
    (
        "Training",
        (
            ("Book room in {city} for {count} people", "Needs a projector and network access for guests."),
            ("{product} basics, first group", "Half a day. Collect questions for the second group."),
            ("Check certification results", "{count} took the exam; results are due by {day}."),
            ("Record the workshop", "{person} asks for the recording of the part about {product}."),
        ),
    ),
    (
        "Go-live",
        (
            ("Publish {partner} in the directory", "Text of at most {count} words, logo, region {city}."),
            ("First joint customer call", "{us} joins as a guest, {person} leads."),
            ("Review after {count} days", "What works, what is missing, what we promised and did not do."),
        ),
    ),
)
ENABLEMENT: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Content",
        (
            ("Local one-pager for {product}", "{partner} translates, we set. Two rounds at most."),
            (
                "Case study with a customer in {city}",
                "{person} asks the customer for consent before we write a line.",
            ),
            ("Slides for the {month} event", "{count} slides, no animation, prices left out."),
        ),
    ),
    (
        "People",
        (
            (
                "Second certified consultant",
                "{person} names somebody; the exam is paid from the {month} budget.",
            ),
            ("Shadow a support day", "One day in our help desk, with {us}."),
        ),
    ),
    (
        "Pipeline",
        (
            ("Register deals of the {city} fair", "{count} contacts. Only those with a name and a date."),
            ("Agree target for {month}", "Last year {amount}; {person} thinks a third more is realistic."),
            ("Clean up stale registrations", "Everything without a step in {count} days is released."),
        ),
    ),
)
TEAM_TASKS: tuple[tuple[str, str], ...] = (
    ("Order badges for the partner day", "{count} pieces, names as in the sign-up list."),
    ("Draft agenda for {month}", "Morning: numbers. Afternoon: two partners show their work."),
    ("Update price list template", "Column for {product}, footnote on seats."),
    ("Collect feedback on the portal", "At least {count} answers before we change the menu."),
    (
        "Budget check {month}",
        "Compare bookings with the plan; {us} explains what is more than {count} percent off.",
    ),
    ("Renew the domain of the event site", "Runs out in {month}; card on file is the old one."),
)
TASK_COMMENTS = (
    "{person} confirmed by phone.",
    "Moved to {day}, their room is taken.",
    "Draft is in the folder, please look at page 2.",
    "Half done: the {city} part is missing.",
    "{us} takes over while I am away.",
    "Waiting for {person} since {day}.",
    "Sent. They usually answer within two days.",
)
