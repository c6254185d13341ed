"""Draft, approval, issue and correction of months."""

from typing import Final

MESSAGES: Final = {
    "look at it again (`jeongsan adjust`), then approve it": (
        "다시 살펴보고(`jeongsan adjust`) 승인하십시오"
    ),
    "{said} was looked at, it is {digest} now": "살펴본 것은 {said}, 지금은 {digest} 입니다",
    "the correction of {first} is not what was looked at any more ({seen}); {again}": (
        "{first} 의 정정이 살펴본 것과 달라졌습니다({seen}). {again}"
    ),
    "nobody has looked at the correction of {first} yet; {again}": (
        "{first} 의 정정을 아직 아무도 살펴보지 않았습니다. {again}"
    ),
    "{payable_krw} won to pay then, {payable_krw2} now": (
        "그때 납부할 금액 {payable_krw}원, 지금 {payable_krw2}원"
    ),
    "the correction {digest}": "정정 {digest}",
    "an adjustment needs the name of who approves it, and the reason": (
        "정정에는 승인하는 사람의 이름과 사유가 필요합니다"
    ),
    "there is no adjustment {sequence}; `jeongsan status` lists them": (
        "정정 {sequence}: 없습니다. `jeongsan status` 에 목록이 있습니다"
    ),
    "the correction of {first}": "{first} 의 정정",
    "what {first} is corrected by has changed; run this again": (
        "{first} 의 정정에 쓰이는 것이 바뀌었습니다. 다시 실행하십시오"
    ),
    (
        "{month} is {month_state} and needs no correction, its draft follows what is known; "
        "{next_step}"
    ): (
        "{month} 은(는) {month_state} 상태라 정정할 것이 없고 초안이 아는 것을 따릅니다. "
        "{next_step}"
    ),
    "{digest}: format {index} is not {format}": (
        "{digest}: 형식이 {index} 이며 {format} 이(가) 아닙니다"
    ),
    "{place}: is not a list": "{place}: 목록이 아닙니다",
    (
        "{month} cannot be drafted: the quota of these awards has changed, and what they used "
        "of it in months that are issued cannot be worked out from what stands: {named}{rest}. "
        "Correct those months first (`jeongsan adjust`), or leave the award as it was and give "
        "what is granted anew an award of its own"
    ): (
        "{month}: 초안을 만들 수 없습니다. 다음 협약의 한도가 바뀌었는데, 발행한 달에 얼마를 "
        "썼는지 지금 남은 것으로는 계산할 수 없습니다: {named}{rest}. 그 달들을 먼저 "
        "정정하거나(`jeongsan adjust`), 협약을 그대로 두고 새로 주는 것은 새 협약으로 하십시오"
    ),
    "and {more} more": "외 {more}건",
    "not installed": "설치되지 않음",
    "{month} has {count} findings that stop it:": "{month}: 멈추게 하는 사항이 {count}건입니다:",
    "mend their causes, or `jeongsan acknowledge FINDING --effect bill|exclude --reason --by`": (
        "원인을 바로잡거나 `jeongsan acknowledge FINDING --effect bill|exclude --reason --by` "
        "로 결정하십시오"
    ),
    "{month} has changed since it was drafted; `jeongsan draft {month}` first": (
        "{month}: 초안을 만든 뒤 바뀌었습니다. 먼저 `jeongsan draft {month}` 을(를) 실행하십시오"
    ),
    "an approval needs the name of who approves": "승인에는 승인하는 사람의 이름이 필요합니다",
    "{month} has changed since it was drafted; look at the new draft first ({changed})": (
        "{month}: 초안을 만든 뒤 바뀌었습니다. 먼저 새 초안을 살펴보십시오({changed})"
    ),
    "{month} is {month_state}; {next_step}": "{month}: {month_state} 상태입니다. {next_step}",
    "and {count} more; `jeongsan status` lists them": (
        "외 {count}건. `jeongsan status` 에 목록이 있습니다"
    ),
    "(several days at once: `--kind K --cluster C --days FIRST..LAST`)": (
        "(여러 날을 한꺼번에: `--kind K --cluster C --days FIRST..LAST`)"
    ),
    "the draft {digest} of {month}": "{month} 의 초안 {digest}",
    "{days} days of {said}": "{said} ({days}일)",
    "{more} won to pay ({listed}{rest})": "납부할 금액 {more}원({listed}{rest})",
    "the same amounts of other inputs": "금액은 같고 근거가 다름",
    "digest {said} is too short: give its first {shortest} letters at least": (
        "번호 {said} 이(가) 너무 짧습니다. 앞 {shortest}자 이상을 적으십시오"
    ),
    (
        "{what}: who made it is not recorded, and this site wants two people ([approval] "
        "four_eyes); let somebody else than who approves make it again"
    ): (
        "{what}: 누가 만들었는지 기록이 없는데 이 사이트는 두 사람을 요구합니다([approval] "
        "four_eyes). 승인할 사람이 아닌 사람이 다시 만드십시오"
    ),
    (
        "{what}: {by}{login} made it, and this site wants somebody else to approve it "
        "([approval] four_eyes)"
    ): (
        "{what}: {by}{login} 이(가) 만들었으며 이 사이트에서는 다른 사람이 승인해야 "
        "합니다([approval] four_eyes)"
    ),
    "all of it is decided": "모두 결정되었습니다",
    "`jeongsan status --findings` lists them": "`jeongsan status --findings` 에 목록이 있습니다",
    "no open finding of {span}; {state}": "{span}: 남은 확인할 사항이 없습니다. {state}",
    "a warning has nothing to leave out: only what stops can be excluded": (
        "주의에는 뺄 것이 없습니다. 중단시키는 것만 제외(exclude)할 수 있습니다"
    ),
    (
        "{count} of {count2} findings changed while they were looked at ({place}); nothing is "
        "decided: look again"
    ): (
        "살펴보는 사이에 {count2}건 가운데 {count}건이 바뀌었습니다({place}). 결정된 것은 "
        "없습니다. 다시 살펴보십시오"
    ),
    (
        "{month} has usage that is not what its inputs give any more (rows came late, or the "
        "registry or the site changed): {listed}. Meter it again: `jeongsan meter "
        "{first}..{last}`"
    ): (
        "{month}: 사용량이 지금의 입력과 다릅니다(행이 늦게 왔거나 등록부나 사이트가 "
        "바뀌었습니다): {listed}. 다시 계측하십시오: `jeongsan meter {first}..{last}`"
    ),
    "{month} is before the first month of the site, {first}": (
        "{month}: 사이트의 첫 달 {first} 보다 앞입니다"
    ),
    "months are closed in order: {month} is {month_state}; {next_step}": (
        "달은 차례대로 마감합니다. {month} 은(는) {month_state} 상태입니다. {next_step}"
    ),
    "{month} is issued and never changes; correct it with an adjustment": (
        "{month}: 발행되어 바뀌지 않습니다. 정정(adjust)으로 바로잡으십시오"
    ),
    "{on} is after {deadline}, the last day for tax invoices of {month}": (
        "{on}: {month} 의 세금계산서 발급 기한 {deadline} 이 지났습니다"
    ),
    "{text}: of {supply_krw} won of supply it may cost {issuer_krw} won": (
        "{text}. 공급가액 {supply_krw}원에 대해 가산세가 {issuer_krw}원까지 들 수 있습니다"
    ),
    "{cost}, those who buy {buyer_krw}": "{cost}. 공급받는 쪽은 {buyer_krw}원입니다",
    "{late}; say --yes where that is meant": "{late}. 그래도 하려면 --yes 를 붙이십시오",
    "{month} cannot be issued on {on}: it ends on {last_day}": (
        "{month}: {on} 에 발행할 수 없습니다. {last_day} 에 끝나는 달입니다"
    ),
    "{month} cannot be issued on {on}: today is {today}": (
        "{month}: {on} 에 발행할 수 없습니다. 오늘은 {today} 입니다"
    ),
    (
        "{month} cannot be issued on {on}: an earlier month was issued on {last}, and numbers "
        "follow the dates"
    ): ("{month}: {on} 에 발행할 수 없습니다. 앞의 달을 {last} 에 발행했고 번호는 날짜를 따릅니다"),
    (
        "{month} has usage that may still change: {days}. Collect until the sources are "
        "complete (`jeongsan collect --complete-to`) and meter those days again, or waive them "
        "by name"
    ): (
        "{month}: 아직 바뀔 수 있는 사용량이 있습니다: {days}. 원천이 다 모일 때까지 "
        "수집하고(`jeongsan collect --complete-to`) 그 날들을 다시 계측하거나, 이름을 적고 "
        "넘기십시오(waive)"
    ),
    "{month} has changed since its approval; it is a draft again ({changed})": (
        "{month}: 승인한 뒤 바뀌어 다시 초안이 되었습니다({changed})"
    ),
    "{month} was issued meanwhile": "{month}: 그 사이에 발행되었습니다",
    "{month} is {month_state} by now; run this again": (
        "{month}: 이제 {month_state} 상태입니다. 다시 실행하십시오"
    ),
    "what {month} is made from has changed meanwhile; run this again": (
        "{month}: 근거가 되는 것이 그 사이에 바뀌었습니다. 다시 실행하십시오"
    ),
    "run `jeongsan draft {month}` first": "먼저 `jeongsan draft {month}` 을(를) 실행하십시오",
    "run `jeongsan approve {month} --by NAME` first": (
        "먼저 `jeongsan approve {month} --by NAME` 을(를) 실행하십시오"
    ),
    "run `jeongsan issue {month} --on DATE` first": (
        "먼저 `jeongsan issue {month} --on DATE` 을(를) 실행하십시오"
    ),
    "it is issued and never changes": "발행되어 바뀌지 않습니다",
    "taking back an approval needs its reason and the name of who does it": (
        "승인을 거두려면 사유와 거두는 사람의 이름이 필요합니다"
    ),
    "{month} is issued, and nothing of it is taken back; correct it with `jeongsan adjust`": (
        "{month}: 발행되어 거둘 수 없습니다. `jeongsan adjust` 로 정정하십시오"
    ),
    (
        "{month} has {count} cluster-days without usage: {shown}{more}. Meter them (`jeongsan "
        "meter {day}`), or let a day pass by name (`jeongsan waive {cluster} {day} --reason "
        "... --by ...`)"
    ): (
        "{month}: 사용량이 없는 클러스터의 날이 {count}개입니다: {shown}{more}. "
        "계측하거나(`jeongsan meter {day}`) 이름을 적고 그날을 넘기십시오(`jeongsan waive "
        "{cluster} {day} --reason ... --by ...`)"
    ),
    "the registry was loaded meanwhile; run this again": (
        "등록부가 그 사이에 바뀌었습니다. 다시 실행하십시오"
    ),
    "no registry is stored; run `jeongsan load` first": (
        "저장된 등록부가 없습니다. 먼저 `jeongsan load` 를 실행하십시오"
    ),
    "the correction of {first} would carry differences that no recorded cause explains:": (
        "{first} 의 정정에 기록된 원인이 없는 차이가 있습니다:"
    ),
    (
        "{month} {company_id}: charge {charge_krw}, support {subsidy_krw}, company "
        "{company_krw}, VAT {vat_krw} won (made with {made_with})"
    ): (
        "{month} {company_id}: 정가 {charge_krw}, 지원 {subsidy_krw}, 자부담 {company_krw}, "
        "부가세 {vat_krw} 원({made_with} 로 계산)"
    ),
    "and {count} more; `jeongsan status --findings` lists them": (
        "외 {count}건. `jeongsan status --findings` 에 목록이 있습니다"
    ),
    (
        "the process that worked out the other rules was ended from outside: free memory and "
        "run this again, or ask for fewer months"
    ): (
        "다른 규칙을 계산하던 프로세스가 밖에서 끝났습니다. 메모리를 비우고 다시 실행하거나 더 "
        "적은 달을 물으십시오"
    ),
    (
        "{by} is signed in as {account}, and only {approvers} may approve here ([approval] "
        "approvers in site.toml)"
    ): (
        "{by}: {account} 로 로그인했습니다. 여기서는 {approvers} 만 승인할 수 "
        "있습니다(site.toml의 [approval] approvers)"
    ),
    (
        "this program rates what was issued otherwise, which alone is no reason of an "
        "amendment. Where a rule of computation was amended since, let the correction carry it "
        "as a cause of its own, told apart: add --program and look again. Else issue the "
        "correction with version {made_with}, or find why this one differs"
    ): (
        "이 프로그램은 발행한 것을 다르게 계산하며, 그것만으로는 수정 사유가 아닙니다. 그 뒤에 "
        "계산 규칙이 고쳐졌으면 따로 적힌 원인으로 정정에 담도록 --program 을 더해 다시 "
        "살펴보십시오. 아니면 {made_with} 판으로 정정을 발행하거나 왜 다른지 찾으십시오"
    ),
}
