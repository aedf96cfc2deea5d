"""Cities as they are compared: one city is one key whatever language it is written in."""

from __future__ import annotations

import re
from functools import lru_cache

from partnerhub.identity.folding import folded

CACHED_CITIES = 65_536
CITY_NAMES = """
munich=munchen cologne=koln nuremberg=nurnberg hanover=hannover brunswick=braunschweig
frankfurt=frankfurt-am-main
vienna=wien geneva=geneve=genf berne=bern basle=basel=bale lucerne=luzern zurich=zuerich lyons=lyon
strassburg=strasbourg
marseilles=marseille nice=nizza=nizza seville=sevilla saragossa=zaragoza lisbon=lisboa oporto=porto
milan=milano=mailand
turin=torino rome=roma=rom florence=firenze=florenz venice=venezia=venedig naples=napoli=neapel genoa=genova=genua
padua=padova the-hague=den-haag=s-gravenhage brussels=bruxelles=brussel ghent=gent=gand antwerp=antwerpen=anvers
bruges=brugge liege=luttich=luik copenhagen=kobenhavn=kopenhagen gothenburg=goteborg helsinki=helsingfors turku=abo
warsaw=warszawa=warschau cracow=krakow=krakau gdansk=danzig wroclaw=breslau poznan=posen lodz=lodsch prague=praha=prag
brno=brunn bratislava=pressburg budapest=budapesta bucharest=bucuresti=bukarest athens=athina=athinai
thessaloniki=saloniki sofia=sofiya belgrade=beograd=belgrad kyiv=kiev=kyyiv=kiew lviv=lvov=lemberg
kharkiv=kharkov odesa=odessa
moscow=moskva=moskau istanbul=konstantinopel tokyo=tokio beijing=peking bombay=mumbai calcutta=kolkata
madras=chennai bangalore=bengaluru
new-york=new-york-city=nyc mexico-city=ciudad-de-mexico luxembourg=luxemburg tallinn=reval vilnius=wilna
"""
"""One city, several names, as they look when folded; the first of a line part stands for all. Not complete."""


def city_names() -> dict[str, str]:
    """Folded other name → folded first name."""
    known: dict[str, str] = {}
    for line in CITY_NAMES.split():
        spelled = [folded(name.replace("-", " ")) for name in line.split("=")]
        known.update(dict.fromkeys(spelled, spelled[0]))
    return known


KNOWN_CITIES = city_names()


@lru_cache(maxsize=CACHED_CITIES)
def city_key(city: str | None) -> str | None:
    """A city for comparing: folded, well-known other names as one."""
    words = re.sub(r"\bst\b", "saint", folded(city)) if city else ""
    return KNOWN_CITIES.get(words, words) or None
