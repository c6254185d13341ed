"""Owns the options and arguments that commands share, each said once."""

from pathlib import Path
from typing import Annotated

import typer

from jeongsan.invocation import Place
from jeongsan.version import show_version
from reports.frames.usage_choices import UsageBy
from reports.wording.language import Language


def _printed(text: str | None) -> str | None:
    """A text that will stand in documents; one that they cannot show is a usage error."""
    from metering.printed_letters import unprinted

    if text and (problem := unprinted(text)):
        raise typer.BadParameter(problem)
    return text


Json = Annotated[bool, typer.Option("--json", help="사람 대신 프로그램이 읽을 JSON 하나로 냅니다.")]
SiteDirectory = Annotated[
    Path, typer.Option("--site", help="사이트 디렉터리 (site.toml 이 있는 곳)", is_eager=True)
]


def _language(chosen: Language | None) -> Language | None:
    """The language of this command, where one is named; else it is that of the locale."""
    if chosen is not None:
        Place.language = chosen
    return chosen


Lang = Annotated[
    Language | None,
    typer.Option(
        "--lang",
        callback=_language,
        is_eager=True,
        metavar="|".join(Language),
        help="오류의 언어; 비우면 로캘(LC_ALL, LC_MESSAGES, LANG)이 en일 때 영어, 아니면 한국어",
    ),
]

Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=show_version, help="프로그램의 판과 규칙집의 지문만 봅니다 (version)"
    ),
]

Month = Annotated[str, typer.Argument(metavar="MONTH", help="2025-10")]
Clusters = Annotated[list[str] | None, typer.Option("--cluster", help="이 클러스터만 (여러 번)")]
Section = Annotated[str | None, typer.Option("--cluster", help="이 구역만")]
Directory = Annotated[Path | None, typer.Option("--to", help="쓸 디렉터리; 비우면 문서 디렉터리")]

# who says so: what a person decides, approves, records or files
By = Annotated[str, typer.Option("--by", callback=_printed, help="결정한 사람의 이름")]
ApprovedBy = Annotated[str, typer.Option("--by", callback=_printed, help="승인한 사람의 이름")]
RecordedBy = Annotated[str, typer.Option("--by", callback=_printed, help="기록하는 사람의 이름")]
FiledBy = Annotated[str, typer.Option("--by", callback=_printed, help="제출하는 사람의 이름")]

DraftedBy = Annotated[
    str, typer.Option("--by", callback=_printed, help="만드는 사람의 이름; 비우면 로그인 이름")
]

# to what
Digest = Annotated[
    str,
    typer.Option("--digest", help="살펴본 것의 번호 (앞 12자 이상); 비우면 보여 주고 묻습니다"),
]

# and why
Reason = Annotated[str, typer.Option("--reason", callback=_printed, help="사유")]
CorrectionReason = Annotated[str, typer.Option("--reason", callback=_printed, help="정정하는 사유")]
EntryReason = Annotated[str, typer.Option("--reason", callback=_printed, help="근거, 예: 1차 교부")]

# what figures are of
AddedUpBy = Annotated[
    UsageBy | None,
    typer.Option(
        "--by",
        metavar="|".join(UsageBy),
        help="무엇별로 더할지; 비우면 화면은 과제별, 파일과 JSON은 일별·계정별·자원별",
    ),
]

# of which day it is
On = Annotated[str, typer.Option("--on", help="처리하는 날; 비우면 오늘")]
IssuedOn = Annotated[str, typer.Option("--on", help="발행일; 비우면 오늘")]
SettledOn = Annotated[str, typer.Option("--on", help="그날; 비우면 오늘")]
