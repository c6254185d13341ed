"""What the draft, the rules and a correction find."""

from typing import Final

MESSAGES: Final = {
    (
        "제외(exclude)하기로 한 발견 사항 {key}({kind}, {subject})에 해당하는 사용량이 "
        "없습니다. 그대로 청구하려면 bill로 다시 확인하고, 청구하지 않으려면 계정을 "
        "set_aside에 올려 주십시오."
    ): (
        "There is no usage for the finding {key} ({kind}, {subject}) that was to be excluded. "
        "To bill it after all acknowledge it again as bill; not to bill it, add the account to "
        "set_aside."
    ),
    (
        "과제 {project_id} ({name})의 수행 기간({started_on}~{until}) 밖의 사용량이 있습니다: "
        "{much}. 지원하지 않습니다. 지원하려면 projects의 기간을 고쳐 다시 load 하고, 지원 "
        "없이 정가로 청구하려면 bill로, 청구하지 않으려면 exclude로 확인해 주십시오."
    ): (
        "There is usage outside the days of project {project_id} ({name}), "
        "{started_on}~{until}: {much}. It is not supported. To support it, mend its days in "
        "projects and load again; to bill it at list price acknowledge it as bill, not to bill "
        "it as exclude."
    ),
    "{whole}.{rest} 장비시간": "{whole}.{rest} device hours",
    "{first}부터 {last}까지의 값이 없거나 사용량 단위({units})가 맞지 않습니다": (
        "there is no value from {first} to {last}, or the unit of usage ({units}) does not fit"
    ),
    "가격 파일이 없습니다": "there is no price file",
    (
        "{sku}의 가격을 정할 수 없습니다: {why}. 과제 {count}개({some}), {count2}건이 청구되지 "
        "않았습니다. 가격을 rules/prices/{sku}.yaml에 적어 주십시오."
    ): (
        "The price of {sku} cannot be told: {why}. {count2} lines of {count} projects ({some}) "
        "are not billed. Write the price into rules/prices/{sku}.yaml."
    ),
    (
        "협약 {award_id}: {title}은(는) {slice} 카드를 지원하지만 조각 {sku}은(는) 지원하지 "
        "않습니다. {first}부터 정가 {used}원이 지원 없이 청구됩니다."
    ): (
        "Award {award_id}: {title} supports the card {slice} but not its slice {sku}. From "
        "{first} on {used} won of list price are billed without support."
    ),
    "정가 {charge_krw}원, 지원 {subsidy_krw}원, 자부담 {company_krw}원, 부가세 {vat_krw}원": (
        "list price {charge_krw} won, support {subsidy_krw} won, company {company_krw} won, "
        "VAT {vat_krw} won"
    ),
    (
        "협약 {award_id}: {project_id}에 회사 전체의 협약 {award_id2}도 있어, 과제마다 한 번인 "
        "{title}의 한도를 {day}부터 두 번 쓸 수 있습니다."
    ): (
        "Award {award_id}: {project_id} has the award {award_id2} of the whole company too, so "
        "the limit of {title}, which is once a project, can be used twice from {day} on."
    ),
    "협약 {award_id}": "Award {award_id}",
    "{name}: {title}의 공고에 없는 규모({size})입니다.": (
        "{name}: the announcement of {title} has no such size ({size})."
    ),
    "{name}: {referrer}은(는) {title}의 추천 기관이 아닙니다.": (
        "{name}: {referrer} is none of the bodies that refer companies to {title}."
    ),
    (
        "{name}: {title}의 지원 기간({listed}개월) 가운데 하나가 아닙니다. 시작 {start}, 종료 "
        "{until}."
    ): ("{name}: none of the lengths of {title} ({listed} months). Start {start}, end {until}."),
    (
        "{name}: {title}의 지원 기간 {months}개월보다 깁니다. {start}에 시작하면 {last} 전에 "
        "끝나야 합니다."
    ): (
        "{name}: longer than the {months} months of {title}. Begun on {start}, it must end "
        "before {last}."
    ),
    "{title}: {day}에 협약이 {taken}건으로 공고한 {number}건보다 많습니다.": (
        "{title}: {taken} awards on {day}, more than the {number} announced."
    ),
    (
        "{name} 대표자({representative_birth_year}년생)가 {day}에 만 39세인지 알 수 없어 "
        "청년기업으로 보지 않았습니다. 등록부에 청년 표시를 채워 주십시오"
    ): (
        "whether the representative of {name} (born {representative_birth_year}) is 39 on "
        "{day} is not known, so it was not taken as a youth enterprise. Fill in the mark of "
        "youth in the registry"
    ),
    "{title}에 이 협약의 규모({size})에 대한 요금이 없습니다": (
        "{title} has no fee for this award's size ({size})"
    ),
    "{company_id}에 과제가 없어 미사용 용량의 요금을 청구할 수 없습니다": (
        "{company_id} has no project to which the fee of unused capacity could be charged"
    ),
    "규칙에 없는 사업 {programme}입니다": "the rules have no such programme: {programme}",
    "{name}은(는) {judged}에 {title}의 지원 대상이 아닙니다": (
        "{name} is not eligible for {title} on {judged}"
    ),
    "{day}에는 {title}의 지원 비율이 없어 지원되지 않습니다": (
        "{title} has no share on {day}, so nothing is supported"
    ),
    "협약 {award_id}: {detail}.": "Award {award_id}: {detail}.",
    "{name}의 유형·규모·소재지를 알 수 없습니다({error})": (
        "kind, size and place of {name} are not known ({error})"
    ),
    (
        "협약 {award_id}: {programme}의 규칙에는 {recalled_on}에 이 사유({recalled_for})로 "
        "회수하는 근거가 없습니다. 회수는 그대로 적용됩니다."
    ): (
        "Award {award_id}: the rules of {programme} have no ground for a recall of this kind "
        "({recalled_for}) on {recalled_on}. The recall holds all the same."
    ),
    "{title}의 재원 {source}에 {year}년 예산이 없습니다.": (
        "{title} has no budget of {year} from {source}."
    ),
    (
        "협약 {award_id}: {title}은(는) 한도를 넘는 사용을 받지 않습니다. {day}부터 한도를 "
        "넘은 {sku} 사용이 있습니다. 정가로 청구하려면 bill로 확인해 주십시오."
    ): (
        "Award {award_id}: {title} takes no use beyond its limit. From {day} on there is use "
        "of {sku} beyond it. To bill it at list price, acknowledge it as bill."
    ),
    "{sku}이(가) 환산표 {table}에 없습니다(swap.yaml).": (
        "{sku} is not in the conversion table {table} (swap.yaml)."
    ),
    "{error}의 시장 가격이 market.yaml에 없습니다.": "market.yaml has no market price of {error}.",
    "{error}의 PF 값이 pf.yaml에 없습니다.": "pf.yaml has no PF of {error}.",
    (
        "{month} {company}: 등록부, 사용량, 단가, 규칙이 같은데 지금 프로그램({now})으로 다시 "
        "셈하면 전에 셈한 것({made_with})과 다릅니다: {more}. 기록된 원인이 없는 차이이므로 "
        "이것만으로는 수정 문서를 내지 않습니다."
    ): (
        "{month} {company}: with the same registry, usage, prices and rules, this program "
        "({now}) makes something else than the one that made it ({made_with}): {more}. No "
        "recorded cause explains it, so this alone issues no amended document."
    ),
    (
        "단가가 가동 시간에 매겨지는데 그날 이 클러스터의 가동을 본 수집기가 없습니다. 알 수 "
        "없으며 0이 아닙니다. 지표를 다시 모아 계량하거나, 0원으로 청구하려면 bill로, 청구하지 "
        "않으려면 exclude로 확인해 주십시오."
    ): (
        "The price is of busy time, and no exporter saw this cluster that day. It is unknown, "
        "not 0. Collect the metrics again and meter; or acknowledge it as bill to bill 0 won, "
        "as exclude not to bill it."
    ),
}
