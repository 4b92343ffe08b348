"""What is a telephone number, and whether it is a mobile phone's: the numbering plan, in one place."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

_CHINA = 86
_OF_CITIZENS = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


def in_numbering_plan(digits: str) -> PhoneNumber | None:
    """The number that ``digits`` dial from China; None where there can be none. Digits only, a + or 00 before them:
    letters would be read as the keys they stand on."""
    try:
        parsed = phonenumbers.parse(digits, "CN")
    except NumberParseException:  # nothing but zeros, hundreds of digits
        return None
    return parsed if phonenumbers.is_valid_number(parsed) else None


def is_chinese(number: PhoneNumber) -> bool:
    """Whether it is of mainland China, a citizen's or not."""
    return number.country_code == _CHINA


def citizens_phone(number: PhoneNumber) -> str | None:
    """A Chinese mobile or fixed-line number as people write it: 13800138000, 01062345678; None where it is neither."""
    kind = phonenumbers.number_type(number)
    if not is_chinese(number) or kind not in _OF_CITIZENS:
        return None
    national = phonenumbers.national_significant_number(number)
    return national if kind == PhoneNumberType.MOBILE else f"0{national}"


def is_mobile(phone: str) -> bool:
    """Whether a Chinese number, as people write it, is a mobile phone's: whether a text reaches it."""
    number = in_numbering_plan(phone)
    return number is not None and is_chinese(number) and phonenumbers.number_type(number) == PhoneNumberType.MOBILE
