"""Which letters a document can show: those of the typeface of reports/layout/fonts.py, by which a
test holds this list. What has others is told where it is written, before it stands on an invoice.
"""

import unicodedata
from functools import cache

# All of CP949 (every Hangul syllable, the hanja of KS X 1001), and these beside it, in hexadecimal.
BESIDE_CP949 = (
    "A0 A2-A3 A5 A9 AB-AC BB C0-C2 C7-CB CD-CF D1 D3-D4 D9-DC E0-E2 E4 E7-EB ED-EF F1 F3-F4 F6 "
    "F9-FC 2BC 2DC 1100-1112 115F-1175 11A8-11C2 2010 2013-2014 2016 201B 201F 2022 2034-2036 "
    "2039-203A 203C 203E 2042 207A-207E 20A9 21B0-21B4 21BC 21C0 21C4-21C5 21CD 21CF-21D1 21D3 "
    "21E0-21E3 21E6-21E9 2206 2209 220C 2213 221F 2222 2226 2236-2237 2243 2245 2248 2250-2251 "
    "2253 225A 2262 2266-2267 226E-2273 2276-2277 2279-227B 2280-2281 2284-2285 228A-228B "
    "2295-2297 22A3-22A4 22BB-22BC 22CE-22CF 22DA-22DB 22EE-22EF 2306 2314 246F-2473 2483-2487 "
    "24B6-24CF 24EB-24F4 25B1 25B5 25B9 25BF 25C3 25C9-25CA 25CC 25E6 25EF 261D 261F 262F 266F "
    "2716 271A 273D 2756 2776-277F 278A-2793 2963 2965 2AC5-2AC6 2ACB-2ACC 2F00 2F04 2F06 2F08 "
    "2F0A-2F0B 2F11-2F12 2F14 2F17-2F18 2F1C-2F1D 2F1F-2F20 2F23-2F26 2F28-2F29 2F2B 2F2D "
    "2F2F-2F32 2F38 2F3C-2F40 2F42-2F4C 2F4F-2F52 2F54-2F58 2F5A-2F66 2F69-2F70 2F72-2F76 2F78 "
    "2F7A-2F7D 2F7F-2F8B 2F8E-2F90 2F92-2F97 2F99-2FA0 2FA2-2FA3 2FA5-2FA9 2FAC-2FB1 2FB3-2FBC "
    "2FC1-2FCA 2FCD-2FD4 3012 3016-3019 301C 301E-3020 3036 30FB-30FC 3231 3239 3251-325A "
    "328A-3290 3294 329E 32A5 33CB "
)
DROPPED = ("Cc", "Cf")  # marks that print nothing


@cache
def _beside() -> frozenset[str]:
    letters: set[str] = set()
    for part in BESIDE_CP949.split():
        first, _, last = part.partition("-")
        letters.update(map(chr, range(int(first, 16), int(last or first, 16) + 1)))
    return frozenset(letters)


def is_printed(letter: str) -> bool:
    """Whether a document can show a composed letter; blanks and dropped marks are no letters."""
    if letter.isspace() or unicodedata.category(letter) in DROPPED or letter in _beside():
        return True
    try:
        letter.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


def unprinted(text: str) -> str | None:
    """What a document could not show of a text, letter by letter, in words; None if all of it."""
    composed = unicodedata.normalize("NFC", text)
    missing = dict.fromkeys(letter for letter in composed if not is_printed(letter))
    if not missing:
        return None
    listed = ", ".join(_named(letter) for letter in missing)
    return f"{listed} cannot be printed in a document; write it in Hangul, or in plainer letters"


def spelled(text: str) -> str:
    """A text that nobody here can write anew, with [U+5733] for what a document cannot show."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        letter if is_printed(letter) else f"[U+{ord(letter):04X}]" for letter in composed
    )


def _named(letter: str) -> str:
    shown = f"{letter!r} " if letter.isprintable() else ""
    return f"{shown}U+{ord(letter):04X}"
