"""Sentences in which people say that they, or somebody else, go: English, German, French, Spanish. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

COMPANY = (
    r"(?:the (?:company|firm|organi[sz]ation|business|team)|my (?:role|position|job|post)|us\b|our company|"
    r"(?:at|by|from|on|in|after|before) (?:the )?(?:end of|[A-Z]?[a-z]+ \d|\d{1,2}(?:st|nd|rd|th)?\b))"
)
FIRST_PERSON: Final = re.compile(
    "|".join(
        (
            r"\bmy last (?:working )?day\b(?! (?:off|of (?:vacation|leave|holiday)))",
            rf"\bI(?:['’]m| am|['’]ll be| will be) leaving {COMPANY}",
            r"\bI(?:['’]ve| have) (?:decided to leave|resigned|left the|left my|handed in my notice)\b",
            r"\bI(?: am|['’]m)? no longer (?:work(?:ing)? (?:at|for|with)|(?:employed |working )?(?:at|with)\b)",
            r"\bI(?:['’]ll| will) be moving on from\b",
            r"\bmein(?:en)? letzte[rn]? (?:arbeits)?tag\b",
            r"\bverlasse (?:ich )?(?:das unternehmen|die firma|die organisation|zum)\b",
            r"\bich (?:scheide|werde) [^.!?\n]{0,60}(?:aus dem unternehmen|ausscheiden|verlassen)\b",
            r"\bich bin nicht (?:mehr|länger) (?:für|bei) [^.!?\n]{0,60}(?:tätig|beschäftigt)\b",
            r"\bmon dernier jour\b(?! de (?:congé|vacances))",
            r"\bje (?:quitte|quitterai|vais quitter) (?:la société|l['’](?:entreprise|équipe)|mes fonctions|mon poste)",
            r"\bje ne (?:travaille|travaillerai) plus (?:chez|pour|à|au)\b",
            r"\bmi último día\b(?! de (?:vacaciones|permiso))",
            r"\b(?:dejo|dejaré|voy a dejar) (?:la empresa|la compañía|mi puesto|el equipo|mi cargo)\b",
            r"\bya no (?:trabajo|trabajaré) (?:en|para)\b",
        )
    ),
    re.IGNORECASE,
)
NAMED: Final = (
    r"(?: [\w'’-]+)? (?:is leaving (?:us|the|at|by|in|on|end|after|next|this)|will be leaving (?:us|the|at|by|in|on)|"
    r"has left (?:us|the (?:company|firm|organi[sz]ation|team|business))|is no longer (?:with|at|working)|"
    r"no longer works|verlässt (?:uns|das unternehmen|die firma)|hat (?:uns|das unternehmen|die firma) verlassen|"
    r"arbeitet nicht mehr|ist nicht mehr (?:bei|für)|quitte (?:la société|l['’]entreprise|l['’]équipe)|"
    r"a quitté (?:la société|l['’]entreprise|l['’]équipe)|ne travaille plus|"
    r"deja (?:la empresa|la compañía|el equipo)|ha dejado (?:la empresa|la compañía|el equipo)|ya no trabaja)"
)
SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+|\n\s*\n")
SHORTEST_NAME: Final = 3


def farewell(text: str, company: str) -> str | None:
    """The sentence in which the writer says that they go from the company, or None."""
    found = FIRST_PERSON.search(text) or leaving(company).search(text)
    return sentence_around(text, found.start()) if found else None


def farewell_of_another(text: str, name: str) -> str | None:
    """The sentence that says somebody of that name goes or has gone, by first name or in full; else None."""
    first = name.partition(" ")[0]
    if len(first) < SHORTEST_NAME or first not in text:
        return None
    found = going(first).search(text)
    return sentence_around(text, found.start()) if found else None


@lru_cache(maxsize=4_096)
def leaving(company: str) -> re.Pattern[str]:
    """`I am leaving Brightwater`, for the first word of the company's name."""
    first = re.escape(company.partition(" ")[0] or "the company")
    return re.compile(
        rf"\b(?:I(?:['’]m| am|['’]ll be| will be) leaving|ich verlasse|je quitte|dejo) {first}\b",
        re.IGNORECASE,
    )


@lru_cache(maxsize=4_096)
def going(first: str) -> re.Pattern[str]:
    """`Priya is leaving us`, for one first name."""
    return re.compile(rf"\b{re.escape(first)}{NAMED}", re.IGNORECASE)


def sentence_around(text: str, at: int) -> str:
    """The sentence at a position."""
    start = 0
    for end in SENTENCE_END.finditer(text):
        if end.start() > at:
            return text[start : end.start()].strip()
        start = end.end()
    return text[start:].strip()
