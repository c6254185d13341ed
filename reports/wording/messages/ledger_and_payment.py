"""The ledger, the bank's list, money of the state."""

from typing import Final

MESSAGES: Final = {
    "{place}: {document} is not {kind}": "{place}: {document} 은(는) {kind} 이(가) 아닙니다",
    "{place}: {digits} is not an integer": "{place}: {digits}: 정수가 아닙니다",
    "{place}: {kind} is missing or does not know {unknown}": (
        "{place}: {kind} 이(가) 없거나 다음을 모릅니다: {unknown}"
    ),
    "{place}: a key is repeated": "{place}: 같은 키가 두 번 있습니다",
    "{place}: {document} is not a {kind}": "{place}: {document}: {kind} 이(가) 아닙니다",
    "settlement {programme} {year} no. {sequence}": "정산 {programme} {year} {sequence}차",
    "{programme} gets no money of {funding}; only of {known}": (
        "{programme}: 재원 {funding} 의 돈은 받지 않습니다. 받는 재원: {known}"
    ),
    "money of the state is recorded with an amount, --by NAME and --reason": (
        "국고보조금 등의 기록에는 금액, --by NAME, --reason 이 필요합니다"
    ),
    "{place}: its document is not the one that was filed": "{place}: 문서가 제출한 것과 다릅니다",
    "a settlement is filed with the name of who files it: --by NAME": (
        "정산의 제출에는 제출하는 사람의 이름이 필요합니다: --by NAME"
    ),
    "{name} {year}: {open_months} is not issued yet": (
        "{name} {year}: 아직 발행하지 않은 달이 있습니다: {open_months}"
    ),
    (
        "{name} {year}: invoices, ledger and claims differ in {count} places, the first "
        "{company_id} {month}"
    ): ("{name} {year}: 계산서, 장부, 청구가 {count}곳에서 다릅니다. 처음은 {company_id} {month}"),
    (
        "{name} {year} is not what was looked at any more ({digest} was, it is {digest2} now); "
        "look at it again: `jeongsan grant {name} {year}`"
    ): (
        "{name} {year}: 살펴본 것과 달라졌습니다(그때 {digest}, 지금 {digest2}). 다시 "
        "살펴보십시오: `jeongsan grant {name} {year}`"
    ),
    "invoice {number}: its document is not the one that was issued": (
        "계산서 {number}: 문서가 발행한 것과 다릅니다"
    ),
    "{month} is issued and never changes; correct it with `jeongsan adjust`": (
        "{month}: 발행되어 바뀌지 않습니다. `jeongsan adjust` 로 정정하십시오"
    ),
    "{month} is {month_state}, its draft is no longer the one looked at": (
        "{month}: {month_state} 상태이며 초안이 살펴본 것과 다릅니다"
    ),
    "{month} is {month_state}: there is no approval to take back": (
        "{month}: {month_state} 상태라 거둘 승인이 없습니다"
    ),
    "{month} is {month_state}, not approved; nothing was issued": (
        "{month}: 승인되지 않은 {month_state} 상태입니다. 발행된 것은 없습니다"
    ),
    "no invoice has the number {number}": "번호 {number} 의 계산서가 없습니다",
    "no line has the headings {needed}; name the bank's own in [bank] columns of site.toml": (
        "머리글 {needed} 이(가) 있는 줄이 없습니다. 은행의 머리글을 site.toml의 [bank] "
        "columns에 적으십시오"
    ),
    "has {count} cells, its headings are {width}": "칸이 {count}개인데 머리글은 {width}개입니다",
    "the heading {heading} stands twice": "머리글 {heading} 이(가) 두 번 있습니다",
    "takes back {moved} won": "{moved}원을 되가져갑니다",
    "withdrawn: {withdrawn_krw} is no amount that went out": (
        "출금: {withdrawn_krw} 은(는) 나간 금액이 아닙니다"
    ),
    "amount: money comes in and goes out on one line": "금액: 한 줄에 입금과 출금이 함께 있습니다",
    "{key}: {text} is no amount in won like 1,234,000": (
        "{key}: {text} 은(는) 1,234,000 같은 원 단위 금액이 아닙니다"
    ),
    "paid: {text} has an offset; a bank's day is the site's": (
        "입금일: {text} 에 시차가 있습니다. 은행의 날짜는 사이트의 날짜입니다"
    ),
    "paid: {error}": "입금일: {error}",
    "taking back": "되돌리기",
    "a decision about a line of the bank": "은행 거래에 대한 결정",
    "there is no line {line_id}; `jeongsan ageing` lists those that wait": (
        "은행 거래 {line_id}: 없습니다. `jeongsan ageing` 에 남은 것의 목록이 있습니다"
    ),
    "there is no payment {payment_id}": "입금 {payment_id}: 없습니다",
    "line {line_id} is no payment that came in; nothing was recorded": (
        "은행 거래 {line_id}: 들어온 입금이 아닙니다. 기록된 것은 없습니다"
    ),
    "line {line_id} takes no money back; nothing was recorded": (
        "은행 거래 {line_id}: 되가져가는 돈이 아닙니다. 기록된 것은 없습니다"
    ),
    "say which payment line {line_id} takes back; `jeongsan ageing` has them": (
        "은행 거래 {line_id}: 어느 입금을 되가져가는지 적으십시오. `jeongsan ageing` 에 목록이 "
        "있습니다"
    ),
    "payment {named} has {there}, line {line_id} takes back {krw}": (
        "입금 {named}: {there} 이(가) 있는데 은행 거래 {line_id} 은(는) {krw} 을(를) 되가져갑니다"
    ),
    "nobody has decided line {line_id}": "은행 거래 {line_id}: 아무도 결정하지 않았습니다",
    "line {line_id} was decided by {by} on {on} ({kind}); --undo first": (
        "은행 거래 {line_id}: {by} 이(가) {on} 에 결정했습니다({kind}). 먼저 --undo 로 되돌리십시오"
    ),
    "payment {line_id} is used; `jeongsan match {line_id} --undo` first": (
        "입금 {line_id}: 쓰였습니다. 먼저 `jeongsan match {line_id} --undo` 로 되돌리십시오"
    ),
    "payments are taken in with the name of who does it: --by NAME": (
        "입금을 들이려면 들이는 사람의 이름이 필요합니다: --by NAME"
    ),
    "{payment_id} has {left_krw}, {number} {open_krw} open": (
        "{payment_id} 에 남은 금액 {left_krw}, {number} 에 남은 금액 {open_krw}"
    ),
    "{payment_id} has nothing left": "{payment_id}: 남은 금액이 없습니다",
    "{company_id} is owed {owed_krw} on {on}, {most} can be used": (
        "{company_id}: {on} 에 줄 돈이 {owed_krw} 이며 {most} 까지 쓸 수 있습니다"
    ),
    "there is no payment {payment_id}; `jeongsan ageing` lists what is unmatched": (
        "입금 {payment_id}: 없습니다. `jeongsan ageing` 에 남은 것의 목록이 있습니다"
    ),
    "no document of the number {number} asks for money": (
        "번호 {number}: 돈을 청구하는 문서가 아니거나 없습니다"
    ),
    "payment {payment_id} is used for nothing": "입금 {payment_id}: 쓰인 곳이 없습니다",
    "nothing that was owed to {company_id} is refunded or set against": (
        "{company_id}: 돌려주거나 상계한 것이 없습니다"
    ),
    "{why}; nothing was recorded": "{why}. 기록된 것은 없습니다",
    (
        "the bank takes payment {payment_id} back by its line {line_id}; decide that first: "
        "`jeongsan line {line_id}`"
    ): (
        "입금 {payment_id}: 은행이 거래 {line_id} 로 되가져갑니다. 먼저 그것을 결정하십시오: "
        "`jeongsan line {line_id}`"
    ),
    "a decision about money needs the name of who decides: --by NAME": (
        "돈에 대한 결정에는 결정하는 사람의 이름이 필요합니다: --by NAME"
    ),
    "{what} needs a reason: --reason TEXT": "{what}: 사유가 필요합니다: --reason TEXT",
    (
        "{short_krw} of what payment {payment_id} brought {company_id} is refunded or set "
        "against by now"
    ): (
        "입금 {payment_id}: {company_id} 이(가) 받을 것 가운데 {short_krw} 은(는) 이미 "
        "돌려주었거나 상계했습니다"
    ),
    "{number} is taken back by another document and not owed": (
        "{number}: 다른 문서가 취소하여 받을 돈이 아닙니다"
    ),
    "{reason} of payment {payment_id}": "입금 {payment_id}: {reason}",
    "may be {kept}, which is kept already": "이미 있는 {kept} 일 수 있습니다",
    "says all that line {before} says, the balance too": "{before}행과 잔액까지 모두 같습니다",
    (
        "{programme} {funding}: {back_krw} would have gone back ({back}) by {day} of "
        "{came_krw} that came ({came}); nothing was recorded"
    ): (
        "{programme} {funding}: {day} 까지 받은 {came_krw}원({came})에서 "
        "{back_krw}원({back})을 돌려준 것이 됩니다. 기록된 것은 없습니다"
    ),
    "so far": "지금까지",
    (
        "the database is older than the lake: it does not know what was issued after it was "
        "saved ({named}{more}). Restore the database of after that. If it is lost, issue the "
        "same again on the same day: the same documents get their own numbers back, and "
        "anything else is refused"
    ): (
        "데이터베이스가 저장소(lake)보다 오래되어, 저장된 뒤에 발행한 것({named}{more})을 "
        "모릅니다. 그 뒤의 데이터베이스를 되살리십시오. 없어졌으면 같은 것을 같은 날짜로 다시 "
        "발행하십시오. 같은 문서는 제 번호를 되찾고 그 밖의 것은 거절됩니다"
    ),
    "entry {sequence} of the register of numbers": "번호 대장의 {sequence}번 기록",
    "no document": "문서 없음",
    (
        "the lake is older than the database: it lacks entry {sequence} of the register of "
        "numbers ({path}). Restore the lake as it was when the database was saved, or later; "
        "nothing is issued until then"
    ): (
        "저장소(lake)가 데이터베이스보다 오래되어 번호 대장의 {sequence}번 기록({path})이 "
        "없습니다. 데이터베이스를 저장한 때나 그 뒤의 저장소를 되살리십시오. 그때까지 아무것도 "
        "발행하지 않습니다"
    ),
    (
        "the database and the lake are of two sites: entry {sequence} of the register of "
        "numbers ({path}) is another one in each. Restore the database that belongs to the "
        "lake; nothing is issued until then"
    ): (
        "데이터베이스와 저장소(lake)가 서로 다른 사이트의 것입니다. 번호 대장의 {sequence}번 "
        "기록({path})이 서로 다릅니다. 저장소에 맞는 데이터베이스를 되살리십시오. 그때까지 "
        "아무것도 발행하지 않습니다"
    ),
    "{place}: was changed": "{place}: 바뀌었습니다",
    "; and {more} more": "; 외 {more}건",
    "was taken in by mistake": "잘못 들인 것",
}
