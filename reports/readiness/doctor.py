"""A site looked over before its first night: what is well, what is wrong and what to do about it.

Nothing is written: the database is asked as it is, sources are read and nothing of them is landed.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from billing.rulebook.copied_rules import unused_rules
from billing.rulebook.load_site import checked_site
from metering.database.connection import Schema, look, sqlite_file
from metering.disk_places import ROOM_WRONG, free_bytes, looser_mode, write_refusal
from metering.errors import DatabaseError, JeongsanError, Mistakes
from metering.lake.object_store import open_store
from metering.registry.registry import Registry
from metering.settings.sections import Section
from metering.settings.site_toml import Site, read_site
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.ask_once import Answered, ask_once
from reports.layout.fonts import BOLD, REGULAR, face
from reports.terminal.rule_book_view import use_line
from reports.terminal.rules_view import where_text

State = Literal["ok", "warning", "wrong", "not_tried"]
WAIT_S: Final = 5  # assumed: a database that is well answers in this time
GIB: Final = 1024**3
ROOM_LOW: Final = 10 * GIB  # assumed: a month of documents is less
CLOCK_MS: Final = 60_000  # assumed: what two clocks may differ by
AT_ONCE: Final = 8  # sources that are asked side by side


@dataclass(frozen=True, slots=True)
class SiteCheck:
    """One thing that was looked at: how it is, what was seen, and what to do where it is not ok."""

    what: str
    state: State
    seen: str = ""
    to_do: str = ""


def examined(directory: Path, now_ms: int) -> tuple[SiteCheck, ...]:
    """Every check of the site in a directory, at this instant (UTC ms), in the order in which they
    are mended: settings, registry and rules, stores, machine, sources."""
    try:
        site = _settings(directory)
    except Mistakes as error:
        return (
            *(
                SiteCheck("site.toml", "wrong", str(mistake), "site.toml 의 그 곳을 고칩니다")
                for mistake in error.mistakes
            ),
            SiteCheck("그 밖의 모두", "not_tried", "site.toml 을 읽지 못했습니다"),
        )
    except JeongsanError as error:
        return (
            SiteCheck(
                "site.toml", "wrong", str(error), "jeongsan init DIR 로 새 사이트를 만듭니다"
            ),
        )
    return (
        SiteCheck("site.toml", "ok", f"{site.name}: 구역 {len(site.sections):,}"),
        *_issuer(site),
        *_rules_and_registry(site),
        *_database(site, now_ms),
        *_lake(site),
        *_places(site),
        _modes(site),
        *_secrets(site),
        *_sources(site, now_ms),
    )


def _settings(directory: Path) -> Site:
    if not (directory / "site.toml").is_file():
        raise JeongsanError(f"{directory}: there is no site.toml")
    return read_site(directory)


def _issuer(site: Site) -> Iterator[SiteCheck]:
    """What invoices lack without saying so."""
    named = (("bank_account", "입금 계좌"), ("contact", "연락처"))
    for key, title in named:
        if getattr(site.issuer, key):
            yield SiteCheck(f"공급자의 {title}", "ok", getattr(site.issuer, key))
        else:
            to_do = f"site.toml 의 [issuer] 아래에 {key} 를 적습니다"
            yield SiteCheck(f"공급자의 {title}", "warning", "없음: 청구서에 찍히지 않습니다", to_do)


def _rules_and_registry(site: Site) -> Iterator[SiteCheck]:
    """Both read as `load` reads them, and the letters that documents have to show."""
    if (unused := unused_rules(site)) is not None:
        seen = f"{unused}: 고쳐도 아무것도 바뀌지 않습니다"
        to_do = f"쓰려면 [site] 아래에 {use_line(unused, site)}, 아니면 치웁니다"
        yield SiteCheck("쓰이지 않는 규칙", "warning", seen, to_do)
    try:
        registry, book = checked_site(site)
    except JeongsanError as error:
        mistakes = error.mistakes if isinstance(error, Mistakes) else (error,)
        for mistake in mistakes:
            yield SiteCheck("등록부와 규칙", "wrong", str(mistake), "그 곳을 고칩니다")
        yield _typeface(site, None)
        return
    yield SiteCheck("규칙", "ok", f"{where_text(site.rules)} {book.digest[:12]}")
    yield SiteCheck(
        "등록부", "ok",
        f"기업 {len(registry.companies):,}, 과제 {len(registry.projects):,},"
        f" 장비 {len(registry.devices):,}",
    )  # fmt: skip
    yield _typeface(site, registry)


def _typeface(site: Site, registry: Registry | None) -> SiteCheck:
    """Whether the faces are the very ones, and have every letter of the names in documents."""
    issuer = site.issuer
    names = {site.name, issuer.name, issuer.representative, issuer.address}
    if registry is not None:
        for company in registry.companies:
            names |= {company.name, company.representative, company.address}
        names |= {project.name for project in registry.projects}
    try:
        known = face(REGULAR).advances.keys() & face(BOLD).advances.keys()
    except JeongsanError as error:
        return SiteCheck("글꼴", "wrong", str(error), "프로그램을 다시 설치합니다")
    letters = {letter for name in names for letter in name if not letter.isspace()}
    missing = sorted(letter for letter in letters if ord(letter) not in known)
    if missing:
        return SiteCheck(
            "글꼴", "wrong", f"글꼴에 없는 글자: {' '.join(missing)}", "이름을 고쳐 적습니다"
        )
    return SiteCheck("글꼴", "ok", f"이름의 글자 {len(letters):,}가지가 모두 있음")


def _database(site: Site, now_ms: int) -> Iterator[SiteCheck]:
    """The database as it is, and the clock beside what it was told last."""
    wanted = "psycopg" if site.database.startswith("postgresql") else ""
    if wanted and find_spec(wanted) is None:
        to_do = 'pip install "jeongsan[postgres]"'
        yield SiteCheck("데이터베이스", "wrong", f"{wanted} 이 설치되지 않음", to_do)
        yield _clock(site, now_ms, None)
        return
    try:
        schema = look(site.database, WAIT_S)
        yield _schema(site, schema)
        last_ms = schema.last_ms
    except DatabaseError as error:
        to_do = "데이터베이스가 도는지, 자리와 권한이 있는지 봅니다"
        yield SiteCheck("데이터베이스", "wrong", str(error), to_do)
        last_ms = None
    except JeongsanError as error:
        yield SiteCheck("데이터베이스", "wrong", str(error), "site.toml 의 주소를 고칩니다")
        last_ms = None
    yield _clock(site, now_ms, last_ms)


def _schema(site: Site, schema: Schema) -> SiteCheck:
    file = sqlite_file(site.database)
    name = "SQLite" if file is not None else "PostgreSQL"
    if file is not None and (refusal := write_refusal(file.parent)):
        return SiteCheck("데이터베이스", "wrong", refusal, f"{file.parent} 에 쓸 권한을 줍니다")
    if schema.revision is None:
        return SiteCheck("데이터베이스", "ok", f"{name}: 아직 비어 있음, 처음 쓰는 명령이 만듭니다")
    if schema.revision == schema.newest:
        return SiteCheck("데이터베이스", "ok", f"{name}: 쓸 수 있음, 스키마 {schema.revision}")
    if schema.revision > schema.newest:
        seen = f"스키마 {schema.revision} 은 이 프로그램({schema.newest})보다 새것입니다"
        return SiteCheck("데이터베이스", "wrong", seen, "프로그램을 새 판으로 올립니다")
    seen = f"{name}: 스키마 {schema.revision}, 이 프로그램은 {schema.newest}"
    return SiteCheck(
        "데이터베이스", "warning", seen, "백업해 두십시오: 다음 명령이 스키마를 올립니다"
    )


def _clock(site: Site, now_ms: int, last_ms: int | None) -> SiteCheck:
    """The machine's clock, beside the last decision that was kept and the site's first month."""
    shown = f"{_minute(site, now_ms)} ({site.timezone})"
    if last_ms is not None and last_ms > now_ms + CLOCK_MS:
        seen = f"{shown}: 마지막으로 남긴 결정 {_minute(site, last_ms)} 보다 이릅니다"
        return SiteCheck(
            "시계와 시간대", "wrong", seen, "시계를 맞춥니다 (chrony, systemd-timesyncd)"
        )
    if now_ms < site.calendar.month(site.first_month).start_ms:
        seen = f"{shown}: 첫 정산 월 {site.first_month} 전입니다"
        to_do = "first_month 와 시계가 맞는지 봅니다; 아직 전이면 그대로 둡니다"
        return SiteCheck("시계와 시간대", "warning", seen, to_do)
    return SiteCheck("시계와 시간대", "ok", shown)


def _minute(site: Site, instant_ms: int) -> str:
    return site.calendar.iso(instant_ms)[:16].replace("T", " ")


def _lake(site: Site) -> Iterator[SiteCheck]:
    """The lake, by the very store that everything else reads and writes."""
    try:
        left = open_store(site.lake).reach()
    except JeongsanError as error:
        yield SiteCheck("레이크", "wrong", str(error), "주소, 암호, 권한을 고칩니다")
        return
    where = site.lake.split("?")[0]
    yield SiteCheck("레이크", "ok", f"{where}: {'닿음' if left else '쓸 수 있음'}")
    if left:
        seen = "버킷에 남기지 않고는 써 볼 수 없습니다"
        yield SiteCheck("레이크에 쓰기", "not_tried", seen, "첫 jeongsan collect 가 알려 줍니다")


def _places(site: Site) -> Iterator[SiteCheck]:
    """Where documents are written, and the room that there is."""
    if refusal := write_refusal(site.documents):
        yield SiteCheck("문서 디렉터리", "wrong", refusal, f"{site.documents} 에 쓸 권한을 줍니다")
    else:
        yield SiteCheck("문서 디렉터리", "ok", f"{site.documents}: 쓸 수 있음")
    places = {"사이트": site.directory, "문서": site.documents}
    if "://" not in site.lake:
        places["레이크"] = Path(site.lake)
    room = {name: free_bytes(place) for name, place in places.items()}
    name = min(room, key=lambda name: room[name])
    seen = f"{places[name]}: {room[name] // GIB:,} GiB 남음"
    if room[name] < ROOM_WRONG:
        yield SiteCheck("디스크", "wrong", seen, "자리를 비웁니다: 밤에 쓰다가 멈춥니다")
    elif room[name] < ROOM_LOW:
        yield SiteCheck("디스크", "warning", seen, "자리를 늘립니다")
    else:
        yield SiteCheck("디스크", "ok", seen)


def _modes(site: Site) -> SiteCheck:
    """Whether others on this machine may look at what the site keeps."""
    places = [site.documents, *([] if "://" in site.lake else [Path(site.lake)])]
    if (file := sqlite_file(site.database)) is not None:
        places.append(file)
    loose = {place: mode for place in places if (mode := looser_mode(place)) is not None}
    if not loose:
        return SiteCheck("파일 권한", "ok", "다른 사람은 읽지 못함")
    seen = ", ".join(f"{place} ({mode:04o})" for place, mode in loose.items())
    to_do = f"이렇게 칩니다: chmod -R g-w,o-rwx {' '.join(str(place) for place in loose)}"
    return SiteCheck("파일 권한", "warning", f"다른 사람이 볼 수 있음: {seen}", to_do)


def _secrets(site: Site) -> Iterator[SiteCheck]:
    """What people are told by; telling them is not tried."""
    from metering.sources.reading.web import secret

    mail, webhook = site.notices.mail, site.notices.webhook
    variables: dict[str, tuple[str, ...]] = {}
    if mail is not None:
        variables["알림 메일"] = (mail.password_env,)
    if webhook is not None:
        server = webhook.endpoint
        variables["알림 웹훅"] = (webhook.url_env, server.bearer_env, server.password_env)
    for what, names in variables.items():
        for name in filter(None, names):
            try:
                secret(name)
            except JeongsanError as error:
                yield SiteCheck(what, "wrong", str(error), f"환경 변수 {name} 에 넣습니다")
        yield SiteCheck(what, "not_tried", "보내 보지 않았습니다", "알릴 것이 생기면 보냅니다")


def _sources(site: Site, now_ms: int) -> Iterator[SiteCheck]:
    """Every source, several side by side: a server that is away keeps the others waiting once."""
    every = [(section, source) for section in site.sections for source in section.sources]

    def asked(pair: tuple[Section, SourceConfig]) -> SiteCheck:
        section, source = pair
        what = f"원천 {section.name}.{source.name}"
        return _source(what, section, source, lambda: ask_once(source, section, site, now_ms))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(asked, every)


def _source(
    what: str, section: Section, source: SourceConfig, ask: Callable[[], Answered]
) -> SiteCheck:
    """How a source is, by what it gave."""
    try:
        answered = ask()
    except (JeongsanError, OSError) as error:
        to_do = "파일을 두거나 paths 를 고칩니다" if source.paths else "서버와 url, 암호를 봅니다"
        return SiteCheck(what, "wrong", str(error), to_do)
    where = f"파일 {answered.inputs:,}" if answered.newest else f"서버 {answered.inputs:,}"
    if answered.newest:
        where += f", 새것 {answered.newest}"
    if answered.rows_read is None:
        return SiteCheck(
            what, "not_tried", f"{where}: 커서 읽어 보지 않음", "jeongsan collect 가 읽습니다"
        )
    seen = SiteCheck(what, "ok", f"{where}: 읽은 행 {answered.rows_read:,}")
    if answered.refused:
        text = f"{seen.seen}, 받지 못한 행 {answered.refused:,}: {answered.first_refusal}"
        stops = answered.refused > section.quarantine_share_max * answered.rows_read
        to_do = "그 행을 낸 쪽과 이 원천의 설정을 봅니다"
        return replace(seen, state="wrong" if stops else "warning", seen=text, to_do=to_do)
    if answered.notes:
        text = f"{seen.seen}. {answered.notes[0].detail}"
        return replace(seen, state="warning", seen=text, to_do="그 수집 대상을 봅니다")
    if not answered.rows_read:
        return replace(seen, state="warning", to_do="이 원천이 무엇을 주는지 봅니다")
    return seen
