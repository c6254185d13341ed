"""The loops over an exposition text: where each line's head ends, and its number, exactly.

They take only what is written plainly; any other line is left to exposition_text, which knows the
whole grammar. Whatever they do take, it would have taken with the same result.
"""

import numba as nb
import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Int64s = npt.NDArray[np.int64]
Number = int | np.int64

# what is known of a line, where it is no number of a series
UNKNOWN, SLOW, NOTHING, OTHER, OUTSIDE = -1, -2, -3, -4, -5
# columns of where a line's parts lie: its end, its head's end, where value and timestamp begin
END, HEAD, VALUE, STAMP = range(4)
# columns of what a series takes; NUMERATOR is 0 where no number can be taken here
NUMERATOR, DENOMINATOR, LOW, HIGH, ZERO, GOOD = range(6)
NO_GOOD = -1
LARGEST = 2**63 - 1
FACTOR = 6364136223846793005  # odd, of 64 well mixed bits: a common multiplier of generators
DIGITS = 18  # of a number that 64 bits always hold
NEWLINE, RETURN, SPACE, HASH, POINT, MINUS, PLUS, BRACE = 10, 13, 32, 35, 46, 45, 43, 125
ZERO_DIGIT, NINE_DIGIT, SMALL_E, LARGE_E = 48, 57, 101, 69
TENS = np.array([10**n for n in range(DIGITS + 1)], np.int64)


@nb.njit(nogil=True, cache=True)
def locate(text: Bytes, begins: Int64s, ends: Int64s) -> tuple[Int64s, Int64s]:
    """The parts of every line, and UNKNOWN where it has a head, else what it is."""
    places = np.zeros((begins.size, 4), np.int64)
    codes = np.empty(begins.size, np.int64)
    for i in range(begins.size):
        begin, end = begins[i], ends[i]
        if end > begin and text[end - 1] == RETURN:
            end -= 1
        places[i, END] = end
        codes[i] = _parts(text, begin, end, places[i])
    return places, codes


@nb.njit(nogil=True, cache=True)
def find(
    text: Bytes, begins: Int64s, places: Int64s, codes: Int64s,
    known: Bytes, spans: Int64s, known_codes: Int64s, slots: Int64s,
) -> None:  # fmt: skip
    """Fills in the code of every UNKNOWN line whose head is among the known ones.

    A head lies in `known` from where to where its span says; its number stands in `slots`, at its
    hash or in the next free place after it.
    """
    for i in range(codes.size):
        if codes[i] != UNKNOWN:
            continue
        head = text[begins[i] : places[i, HEAD]]
        at = hashed(head) & (slots.size - 1)
        while slots[at] >= 0:
            number = slots[at]
            if alike(head, known[spans[number, 0] : spans[number, 1]]):
                codes[i] = known_codes[number]
                break
            at = (at + 1) & (slots.size - 1)


@nb.njit(nogil=True, cache=True)
def put(known: Bytes, spans: Int64s, first: int, end: int, slots: Int64s) -> None:
    """Puts the numbers of some heads into free slots."""
    for number in range(first, end):
        at = hashed(known[spans[number, 0] : spans[number, 1]]) & (slots.size - 1)
        while slots[at] >= 0:
            at = (at + 1) & (slots.size - 1)
        slots[at] = number


@nb.njit(nogil=True, cache=True)
def alike(some: Bytes, other: Bytes) -> bool:
    """Whether two runs of bytes are the same; it looks at all of them, which goes by the dozen."""
    if some.size != other.size:
        return False
    unlike = np.uint8(0)
    for k in range(some.size):
        unlike |= some[k] ^ other[k]
    return bool(unlike == 0)


@nb.njit(nogil=True, cache=True)
def hashed(text: Bytes) -> Number:
    """A hash of some bytes, eight at a time."""
    words = text[: text.size // 8 * 8].view(np.int64)
    a, b = np.int64(text.size), np.int64(1)
    for k in range(words.size // 2):
        a = (a ^ words[2 * k]) * FACTOR
        b = (b ^ words[2 * k + 1]) * FACTOR
        a ^= a >> 32
        b ^= b >> 32
    for k in range(words.size // 2 * 16, text.size):
        a = a * FACTOR + text[k]
    a = (a ^ b) * FACTOR
    return np.int64(a ^ (a >> 29))


@nb.njit(nogil=True, cache=True)
def _parts(text: Bytes, begin: Number, end: Number, place: Int64s) -> Number:
    """Fills in where a line's parts lie: `head value`, or `head} value timestamp`."""
    if end == begin:
        return NOTHING
    if text[begin] == HASH:
        for k in range(begin, end):
            if text[k] >= 128:
                return SLOW
        return NOTHING
    last = _token(text, begin, end)
    if last <= begin:
        return SLOW
    place[HEAD], place[VALUE], place[STAMP] = last - 1, last, end + 1
    if text[last - 2] != BRACE:
        value = _token(text, begin, last - 1)
        if value > begin and text[value - 2] == BRACE:
            place[HEAD], place[VALUE], place[STAMP] = value - 1, value, last
    return UNKNOWN


@nb.njit(nogil=True, cache=True)
def _token(text: Bytes, begin: Number, end: Number) -> Number:
    """Where the last token before `end` begins, after one space; 0 where there is none."""
    k = end - 1
    while k > begin and text[k] != SPACE:
        if text[k] == BRACE:
            return 0
        k -= 1
    return k + 1 if k > begin and text[k] == SPACE and k < end - 1 else 0


@nb.njit(nogil=True, cache=True)
def measure(
    text: Bytes,
    places: Int64s,
    codes: Int64s,
    takes: Int64s,
    bounds: tuple[int, int, int, int],
    in_seconds: bool,
    instant: int,
    blank: int,
) -> tuple[Int64s, Int64s]:
    """The instant and the value of each line with a series; other codes and SLOW stand in `codes`.

    `bounds` are the first and last instant that can be, and those of the window; `instant` is that
    of lines without their own, -1 for none.
    """
    at, value = np.empty(codes.size, np.int64), np.empty(codes.size, np.int64)
    for i in range(codes.size):
        if codes[i] < 0:
            continue
        place = places[i]
        at[i] = instant
        if place[STAMP] <= place[END]:
            at[i] = _instant(text, place[STAMP], place[END], in_seconds)
        if not bounds[0] <= at[i] < bounds[1]:
            codes[i] = SLOW
        elif not bounds[2] <= at[i] < bounds[3]:
            codes[i] = OUTSIDE
        else:
            value[i] = _value(text, place[VALUE], place[STAMP] - 1, takes[codes[i]], blank)
            if value[i] < 0:
                codes[i] = SLOW
    return at, value


@nb.njit(nogil=True, cache=True)
def _instant(text: Bytes, begin: Number, end: Number, in_seconds: bool) -> Number:
    """The instant of a timestamp in ms, -1 where it is not written plainly."""
    digits, places = _number(text, begin, end)
    if digits < 0 or digits > LARGEST // 1000:
        return -1
    if in_seconds:
        return np.int64(digits * 1000 // TENS[places])
    for k in range(begin, end):
        if not ZERO_DIGIT <= text[k] <= NINE_DIGIT:
            return -1
    return digits


@nb.njit(nogil=True, cache=True)
def _value(text: Bytes, begin: Number, end: Number, takes: Int64s, blank: int) -> Number:
    """A number in its field's unit, rounded down; -1 where it is not plain or may not be taken."""
    digits, places = _number(text, begin, end)
    ten = TENS[max(places, 0)]
    if digits < 0 or takes[NUMERATOR] == 0 or takes[DENOMINATOR] > LARGEST // ten:
        return -1
    whole, rest = digits // ten, digits % ten
    low = takes[LOW] <= whole or (takes[ZERO] == 1 and digits == 0)
    high = whole < takes[HIGH] or (whole == takes[HIGH] and rest == 0)
    if not (low and high) or whole >= blank:
        return -1
    if takes[GOOD] != NO_GOOD:
        return 1 if rest == 0 and whole == takes[GOOD] else 0
    if digits > LARGEST // takes[NUMERATOR]:
        return -1
    return np.int64(digits * takes[NUMERATOR] // (takes[DENOMINATOR] * ten))


@nb.njit(nogil=True, cache=True)
def _number(text: Bytes, begin: Number, end: Number) -> tuple[int, int]:
    """The digits of a number as an integer and how many stand after the point; -1 if not plain."""
    digits, seen, places, point = 0, 0, 0, False
    k: Number = begin
    while k < end:
        byte = text[k]
        if ZERO_DIGIT <= byte <= NINE_DIGIT:
            digits = digits * 10 + (byte - ZERO_DIGIT)
            seen += 1
            places += 1 if point else 0
            if seen > DIGITS:
                return -1, 0
        elif byte == POINT and not point:
            point = True
        else:
            break
        k += 1
    if seen == 0:
        return -1, 0
    if k < end:
        if text[k] != SMALL_E and text[k] != LARGE_E:
            return -1, 0
        power = _power(text, k + 1, end)
        if power > 2 * DIGITS:
            return -1, 0
        places -= int(power)
    if places < 0:
        if -places > DIGITS or digits > LARGEST // TENS[-places]:
            return -1, 0
        digits, places = digits * TENS[-places], 0
    return (digits, places) if places <= DIGITS else (-1, 0)


@nb.njit(nogil=True, cache=True)
def _power(text: Bytes, begin: Number, end: Number) -> Number:
    """The power of ten after an `e`; more than any number here can have where it is not plain."""
    sign, k = 1, int(begin)
    if k < end and (text[k] == PLUS or text[k] == MINUS):
        sign = -1 if text[k] == MINUS else 1
        k += 1
    if not 0 < end - k <= 2:
        return LARGEST
    power: Number = 0
    while k < end:
        if not ZERO_DIGIT <= text[k] <= NINE_DIGIT:
            return LARGEST
        power = power * 10 + (text[k] - ZERO_DIGIT)
        k += 1
    return sign * power
