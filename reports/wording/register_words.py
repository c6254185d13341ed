"""How it is told in Korean that a database and its lake are not of one time."""

from billing.ledger.number_register import Apart, RegisterEntry, path_of

SHOWN = 3  # entries that are listed


def apart_text(apart: Apart) -> str:
    """What is wrong, and what to do."""
    place = path_of(apart.sequence)
    if apart.behind == "lake":
        return (
            f"주의: 레이크가 데이터베이스보다 오래되었습니다({place} 없음). "
            "데이터베이스를 저장한 때나 그 뒤의 레이크로 되돌리십시오. "
            "그때까지 아무것도 발행하지 않습니다."
        )
    if not apart.entries:
        return (
            f"주의: 데이터베이스와 레이크의 발행 기록({place})이 서로 다릅니다. "
            "이 레이크의 데이터베이스로 되돌리십시오. 그때까지 아무것도 발행하지 않습니다."
        )
    listed = ", ".join(map(_entry_text, apart.entries[:SHOWN]))
    more = len(apart.entries) - SHOWN
    rest = f" 외 {more:,}건" if more > 0 else ""
    return (
        f"주의: 데이터베이스가 발행 전의 것입니다. 이미 나간 발행: {listed}{rest}. "
        "그 뒤에 저장한 데이터베이스로 되돌리십시오. 없으면 같은 날짜로 똑같이 다시 발행하십시오: "
        "같은 문서는 제 번호를 되찾고, 다른 문서는 거절됩니다."
    )


def _entry_text(entry: RegisterEntry) -> str:
    """2025-10 발행(T2025-000001~T2025-000012, 12건)."""
    kind, _, of = entry.what.partition(" ")
    name = {"issue": f"{of} 발행", "adjustment": f"{of}차 정정"}.get(kind, "발행 기록의 시작")
    numbers = [given.number for given in entry.numbers]
    spread = f"{numbers[0]}~{numbers[-1]}, {len(numbers):,}건" if numbers else "문서 없음"
    return f"{name}({spread})"
