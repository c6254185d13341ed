"""The registry's sheets: what is wrong in a cell, and what does not fit together."""

from typing import Final

MESSAGES: Final = {
    "there is no device {parent} in {cluster}": "{cluster} 에 장비 {parent} 이(가) 없습니다",
    "the rules have no programme {programme}; they have {names}": (
        "규칙에 사업 {programme} 이(가) 없습니다. 있는 사업: {names}"
    ),
    "{number} is the issuer's own (site.toml): nobody sends itself an invoice": (
        "{number}: 발행자(site.toml) 자신의 번호입니다. 스스로에게 계산서를 보내지 않습니다"
    ),
    "{until} is not after {start}; it is the first day without": (
        "{until}: 시작({start})보다 뒤가 아닙니다. 이 날은 끝난 다음 날입니다"
    ),
    "{announced} is after the agreement of {agreed_on}": (
        "{announced}: 협약일({agreed_on})보다 뒤입니다"
    ),
    "{account} of {source} is owned by row {number} of tenancy": (
        "{source} 의 {account}: tenancy의 {number}행이 이미 가지고 있습니다"
    ),
    "{first} is too late: {sheet} row {number} needs {day}": (
        "{first}: 너무 늦습니다. {sheet} {number}행에 {day} 이 필요합니다"
    ),
    "{text} is in row {number} already": "{text}: 이미 {number}행에 있습니다",
    "there is no {column} {name}": "{column} {name} 이(가) 없습니다",
    "{uid} is in {cluster} at that time already, by row {number}": (
        "{uid}: 그때 이미 {cluster} 에 있습니다({number}행)"
    ),
    "is not after installed_at": "installed_at 보다 뒤가 아닙니다",
    "a slice needs the board that it is a part of": "조각에는 그 조각이 속한 보드가 필요합니다",
    "{project_id} is a project of {company_id}, not of {company_id2}": (
        "{project_id}: {company_id} 의 과제이며 {company_id2} 의 과제가 아닙니다"
    ),
    "site.toml has no cluster {cluster}": "site.toml 에 클러스터 {cluster} 이(가) 없습니다",
    "site.toml has no cluster, store or source {source}": (
        "site.toml 에 클러스터, 저장소, 원천 {source} 이(가) 없습니다"
    ),
    "{message}; write its accounts to set_aside": "{message}. 그 계정은 set_aside에 적으십시오",
    "{ended} is before {started_on}": "{ended}: {started_on} 보다 앞입니다",
    "a quota and its unit stand together or not at all": (
        "한도와 단위는 함께 적거나 모두 비우십시오"
    ),
    "a recalled award ends; write the first day without it": (
        "회수한 협약은 끝납니다. 협약이 없는 첫날을 적으십시오"
    ),
    "{key} has {most} {kind} slices, its instances would take {many}": (
        "{key}: {kind} 조각은 {most}개까지인데 {many}개가 됩니다"
    ),
    "{parent} is a slice itself": "{parent}: 그 자신이 조각입니다",
    "{message}; leave the first `from` empty": "{message}. 첫 `from` 을 비우십시오",
    "a recall says {recall}, all of them": "회수에는 {recall} 을(를) 모두 적으십시오",
    "account {account} of {source} has an owner already on {start}, by row {number}": (
        "{source} 의 계정 {account}: {start} 에 이미 소속이 있습니다({number}행)"
    ),
    "a part of a board needs its profile, like 1g.10gb": (
        "보드의 조각에는 1g.10gb 같은 프로필이 필요합니다"
    ),
    (
        "company {company_id}: the registry does not say what it was on {day}; add a row to "
        "companies with an earlier `from`"
    ): (
        "기업 {company_id}: {day} 의 정보가 등록부에 없습니다. companies에 더 이른 `from` 의 "
        "행을 더하십시오"
    ),
    "the registry has no company {company_id}": "등록부에 기업 {company_id} 이(가) 없습니다",
    "the registry has no project {project_id}": "등록부에 과제 {project_id} 이(가) 없습니다",
    "must not be empty": "비울 수 없습니다",
    "{text} may have letters, digits and . _ - inside only": (
        "{text}: 영문자와 숫자만 쓰고 . _ - 은 사이에만 쓰십시오"
    ),
    (
        "{text} may have small letters, digits and . - inside only; what Slurm calls it is "
        "mapped by gres_models in site.toml"
    ): (
        "{text}: 영문 소문자와 숫자만 쓰고 . - 은 사이에만 쓰십시오. Slurm이 부르는 이름은 "
        "site.toml의 gres_models에서 대응시킵니다"
    ),
    "{text} is no business number: {flaw}": "{text}: 사업자등록번호가 아닙니다. {flaw}",
    "{text} is none of {choices}": "{text}: 다음 가운데 없습니다: {choices}",
    "{text} is not between {first_year} and {last_year}": (
        "{text}: {first_year}년부터 {last_year}년 사이가 아닙니다"
    ),
    "{text} is no whole number from {least} to {most}, digits only": (
        "{text}: {least}부터 {most}까지의 정수가 아닙니다. 숫자만 쓰십시오"
    ),
    "{text} is no number like 520 or 520.5, digits only": (
        "{text}: 520이나 520.5 같은 수가 아닙니다. 숫자만 쓰십시오"
    ),
    "row {number} says {value}": "{number}행에는 {value}",
    "{text}, but {before} of the same company": "{text}. 같은 회사인데 {before}",
    "the beginning": "처음",
    "row {number} says as well what the company is from {since} on": (
        "{number}행에도 {since}부터의 회사 정보가 있습니다"
    ),
    "stands beside {files}; keep the workbook or the CSV files": (
        "{files}: 함께 있을 수 없습니다. 통합 문서와 CSV 파일 가운데 하나만 두십시오"
    ),
    "there is no registry: neither CSV files nor {workbook}": (
        "등록부가 없습니다. CSV 파일도 {workbook} 도 없습니다"
    ),
    "has {count} cells under {count2} columns": "칸이 {count}개인데 열은 {count2}개입니다",
    "is none of {known}": "다음 가운데 없습니다: {known}",
    "cannot be read: {strerror}": "읽을 수 없습니다: {strerror}",
    "is missing; a header alone will do if it has no rows": (
        "없습니다. 행이 없으면 머리글만 있어도 됩니다"
    ),
    "has no column {name}": "열 {name} 이(가) 없습니다",
    "has an unknown column {name}": "모르는 열 {name} 이(가) 있습니다",
    "has the column {name} twice": "열 {name} 이(가) 두 번 있습니다",
    "is a formula; write its value": "수식입니다. 값을 적으십시오",
    "is an error ({value}); write its value": "오류 값({value})입니다. 값을 적으십시오",
    "is a {name}; write it as text": "{name} 값입니다. 텍스트로 적으십시오",
    "has more than {number_digits_max} digits; format the cell as text": (
        "{number_digits_max}자리가 넘습니다. 셀 서식을 텍스트로 하십시오"
    ),
    "is no .xlsx workbook: {error}": ".xlsx 통합 문서가 아닙니다: {error}",
    "the registry's files have changed meanwhile; look at them again": (
        "등록부 파일이 그 사이에 바뀌었습니다. 다시 살펴보십시오"
    ),
    "there is no registry in the database yet; run `jeongsan load` first": (
        "데이터베이스에 아직 등록부가 없습니다. 먼저 `jeongsan load` 를 실행하십시오"
    ),
    (
        "the registry in the database is not the one that was stored ({digest}); restore the "
        "database from its backup"
    ): (
        "데이터베이스의 등록부가 저장했던 것({digest})과 다릅니다. 데이터베이스를 백업에서 "
        "되살리십시오"
    ),
    "{directory} is not empty; give a new directory": (
        "{directory}: 비어 있지 않습니다. 새 디렉터리를 지정하십시오"
    ),
    (
        "{directory}: there is no site.toml; name the site (`jeongsan --site DIR ...`) or make "
        "a new one (`jeongsan init DIR`)"
    ): (
        "{directory}: site.toml 이 없습니다. 사이트를 지정하거나(`jeongsan --site DIR ...`) "
        "새로 만드십시오(`jeongsan init DIR`)"
    ),
}
