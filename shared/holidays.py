"""Public holidays of the German Länder as of 2026, by ISO 3166-2.

Left out: those that only fall on Sundays, those of single communities (Mariä Himmelfahrt in Bayern, Fronleichnam in
Sachsen and Thüringen, Augsburg's Friedensfest), and those that a Land gave itself for one year.
"""

from datetime import date, timedelta

FIXED = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
AFTER_EASTER = {-2, 1, 39, 50}  # days
EPIPHANY, WOMEN, ASSUMPTION, CHILDREN, REFORMATION, ALL_SAINTS = (1, 6), (3, 8), (8, 15), (9, 20), (10, 31), (11, 1)
CORPUS_CHRISTI = 60
# Beside those of all of Germany: months with days, and days after Easter Sunday.
LANDS: dict[str, set[tuple[int, int] | int]] = {
    "DE-BW": {EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS},
    "DE-BY": {EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS},
    "DE-BE": {WOMEN},
    "DE-BB": {REFORMATION},
    "DE-HB": {REFORMATION},
    "DE-HH": {REFORMATION},
    "DE-HE": {CORPUS_CHRISTI},
    "DE-MV": {WOMEN, REFORMATION},
    "DE-NI": {REFORMATION},
    "DE-NW": {CORPUS_CHRISTI, ALL_SAINTS},
    "DE-RP": {CORPUS_CHRISTI, ALL_SAINTS},
    "DE-SL": {CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS},
    "DE-SN": {REFORMATION},
    "DE-ST": {EPIPHANY, REFORMATION},
    "DE-SH": {REFORMATION},
    "DE-TH": {CHILDREN, REFORMATION},
}


def is_holiday(when: date, land: str) -> bool:
    fixed, moving = (when.month, when.day), (when - easter(when.year)).days
    if land == "DE-SN" and when == repentance(when.year):
        return True
    return fixed in FIXED or moving in AFTER_EASTER or not LANDS[land].isdisjoint({fixed, moving})


def repentance(year: int) -> date:
    """Buß- und Bettag: the Wednesday before 23 November."""
    last = date(year, 11, 22)
    return last - timedelta(days=(last.isoweekday() - 3) % 7)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876, as in Meeus)."""
    golden, century, rest = year % 19, year // 100, year % 100
    correction = (8 * century + 13) // 25
    moon = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * weekday) // 451
    month, number = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, number + 1)
