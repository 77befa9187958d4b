"""Locales: what formatting needs to know about a language and a country.

A locale is written `en` or `en-US`. Names of months, weekdays and periods are English in every locale;
number separators, the first day of the week and the default time pattern follow language and country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from axon.errors import ParseErr

__all__ = ["DAYS", "MONTHS", "TEXTS", "Locale", "find_locale"]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

#: Texts of relative periods, by the name of the period.
TEXTS = {
    "today": "Today",
    "yesterday": "Yesterday",
    "thisWeek": "This Week",
    "lastWeek": "Last Week",
    "pastWeek": "Past Week",
    "thisMonth": "This Month",
    "lastMonth": "Last Month",
    "pastMonth": "Past Month",
    "thisQuarter": "This Quarter",
    "lastQuarter": "Last Quarter",
    "pastQuarter": "Past Quarter",
    "thisYear": "This Year",
    "lastYear": "Last Year",
    "pastYear": "Past Year",
    "weekOf": "Week of",
}

_COMMA_POINT = (",", ".")
_POINT_COMMA = (".", ",")
_SPACE_COMMA = ("\u00a0", ",")
_THIN_COMMA = ("\u202f", ",")
_QUOTE_POINT = ("\u2019", ".")

# (group, decimal) per language or locale; what is not listed writes as English does.
_SEPARATORS = {
    **dict.fromkeys("de es it nl pt da tr el ro hr sl id vi".split(), _POINT_COMMA),
    **dict.fromkeys("sv no nb nn fi pl cs ru uk hu bg sk et lt lv".split(), _SPACE_COMMA),
    "fr": _THIN_COMMA,
    "de-AT": _SPACE_COMMA,
    "pt-PT": _SPACE_COMMA,
    **dict.fromkeys(("de-CH", "de-LI", "it-CH"), _QUOTE_POINT),
    **dict.fromkeys("es-MX es-US es-GT es-HN es-NI es-PA es-PE es-SV es-DO es-PR".split(), _COMMA_POINT),
}

# First day of the week (Sunday is 0) where it is not Monday, and the country a bare language stands for.
_FIRST_DAY = {
    **dict.fromkeys(
        "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN JM JP KE KH KR LA MH MM MO MT MX MZ NI "
        "NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW".split(),
        0,
    ),
    **dict.fromkeys("AE AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY".split(), 6),
    "MV": 5,
}
_HOME = dict(
    pair.split(":")
    for pair in (
        "en:US pt:BR ja:JP ko:KR hi:IN he:IL th:TH id:ID ar:EG fa:IR km:KH lo:LA my:MM ne:NP bn:BD ur:PK"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Locale:
    """A language and perhaps a country; `group` and `decimal` separate digits."""

    lang: str
    country: str | None
    group: str
    decimal: str
    first_weekday: int

    @property
    def text(self) -> str:
        """Such as `en` or `en-US`."""
        return self.lang if self.country is None else f"{self.lang}-{self.country}"

    @property
    def is_metric(self) -> bool:
        """Whether the country is another than the United States; true without a country."""
        return self.country != "US"

    @property
    def _is_en_us(self) -> bool:
        return self.lang == "en" and self.country == "US"

    @property
    def date_pattern(self) -> str:
        """How a Date is written without a pattern."""
        return "D-MMM-YYYY"

    @property
    def time_pattern(self) -> str:
        """How a Time is written without a pattern."""
        return "k:mmAA" if self._is_en_us else "hh:mm"

    @property
    def datetime_pattern(self) -> str:
        """How a DateTime is written without a pattern."""
        return "D-MMM-YYYY WWW k:mm:ssAA zzz" if self._is_en_us else "D-MMM-YYYY WWW hh:mm:ss zzz"


_TEXT = re.compile(r"([a-z]{2})(?:-([A-Z]{2}))?")


@lru_cache(maxsize=64)
def find_locale(text: str) -> Locale:
    """Return the locale of a code such as `en` or `en-US`.

    Raises:
        ParseErr: not two small letters, perhaps followed by a dash and two capitals.
    """
    m = _TEXT.fullmatch(text)
    if m is None:
        raise ParseErr(f"Invalid Locale: '{text}'")
    lang, country = m[1], m[2]
    group, decimal = _SEPARATORS.get(text) or _SEPARATORS.get(lang) or _COMMA_POINT
    first = _FIRST_DAY.get(country or _HOME.get(lang, ""), 1)
    return Locale(lang, country, group, decimal, first)
