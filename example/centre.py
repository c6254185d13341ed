"""The example centre's people and machines: companies, projects, awards, clusters. All of it is invented."""

from dataclasses import dataclass
from datetime import date

SEED = 20251001


@dataclass(frozen=True, slots=True)
class ExampleCompany:
    """A company of the example, with the facts that eligibility asks for."""

    company_id: str
    name: str
    representative: str
    address: str
    business_type: str
    business_item: str
    org_type: str
    size: str
    place: str
    founded_on: date
    birth_year: int
    serial: int  # first nine digits of the business number come from it

    @property
    def business_number(self) -> str:
        """A made-up registration number whose check digit is right."""
        nine = f"{900 + self.serial:03d}8{self.serial % 10}{self.serial * 7919 % 10000:04d}"
        weights = (1, 3, 7, 1, 3, 7, 1, 3, 5)
        total = sum(int(d) * w for d, w in zip(nine, weights, strict=True))
        total += int(nine[8]) * 5 // 10
        ten = nine + str((10 - total % 10) % 10)
        return f"{ten[:3]}-{ten[3:5]}-{ten[5:]}"


@dataclass(frozen=True, slots=True)
class ExampleProject:
    """A project of the example: the cluster account it runs under, and how often it comes."""

    project_id: str
    company_id: str
    name: str
    account: str
    cluster: str
    weight: int  # share of the cluster's job arrivals
    storage_gib: int = 0


def _company(
    serial: int,
    name: str,
    person: str,
    address: str,
    trade: tuple[str, str],
    kind: tuple[str, str, str],
    founded: date,
    born: int,
) -> ExampleCompany:
    return ExampleCompany(
        f"C-{serial:03d}", name, person, address, trade[0], trade[1], kind[0], kind[1], kind[2],
        founded, born, serial,
    )  # fmt: skip


SOFTWARE = ("정보통신업", "소프트웨어 개발")
RESEARCH = ("전문·과학 서비스업", "연구개발")
SCHOOL = ("교육서비스업", "대학교")
MAKER = ("제조업", "반도체")

COMPANIES = (
    _company(1, "(주)무등에이아이", "김하늘", "광주광역시 북구 첨단과기로 1", SOFTWARE, ("startup", "small", "광주"), date(2021, 3, 2), 1991),
    _company(2, "빛고을비전(주)", "이서준", "광주광역시 광산구 하남산단로 2", SOFTWARE, ("startup", "small", "광주"), date(2020, 6, 15), 1984),
    _company(3, "(주)한빛로보틱스", "박지우", "서울특별시 강남구 테헤란로 3", SOFTWARE, ("sme", "small", "서울"), date(2015, 9, 1), 1976),
    _company(4, "청년데이터랩(주)", "최은서", "대전광역시 유성구 대학로 4", SOFTWARE, ("startup", "small", "대전"), date(2022, 1, 10), 1996),
    _company(5, "(주)남도헬스케어", "정도윤", "전라남도 나주시 빛가람로 5", RESEARCH, ("sme", "medium", "전남"), date(2012, 4, 20), 1970),
    _company(6, "서남대학교 산학협력단", "강민준", "광주광역시 동구 필문대로 6", SCHOOL, ("university", "none", "광주"), date(1998, 3, 1), 1965),
    _company(7, "호남인공지능연구원", "조수아", "광주광역시 북구 연구로 7", RESEARCH, ("institute", "none", "광주"), date(2005, 7, 1), 1968),
    _company(8, "빛고을도시관제센터", "윤지호", "광주광역시 서구 내방로 8", ("공공행정", "도시 관제"), ("public", "none", "광주"), date(2010, 1, 1), 1967),
    _company(9, "(주)누리엔피유", "임채원", "경기도 성남시 분당구 판교로 9", MAKER, ("sme", "medium", "경기"), date(2018, 5, 9), 1979),
    _company(10, "(주)가온클라우드", "한지민", "서울특별시 영등포구 여의대로 10", SOFTWARE, ("mid", "mid", "서울"), date(2009, 11, 11), 1972),
    _company(11, "대한모빌리티(주)", "문가람", "경기도 화성시 현대로 11", ("제조업", "자동차 부품"), ("large", "large", "경기"), date(1987, 2, 2), 1960),
    _company(12, "(주)온새미로언어", "서예린", "부산광역시 해운대구 센텀로 12", SOFTWARE, ("sme", "small", "부산"), date(2016, 8, 8), 1981),
)  # fmt: skip

H100, A100, NPU = "hpc-h100", "cloud-a100", "npu-farm"


def _project(
    number: int, company: int, name: str, account: str, cluster: str, weight: int, gib: int = 0
) -> ExampleProject:
    return ExampleProject(
        f"P-{number:03d}", f"C-{company:03d}", name, account, cluster, weight, gib
    )


PROJECTS = (
    _project(1, 1, "한국어 거대언어모델 사전학습", "mudeung-llm", H100, 12, 18000),
    _project(2, 1, "음성 합성 서비스 고도화", "mudeung-tts", A100, 5, 4000),
    _project(3, 1, "추론 최적화 NPU 이식", "mudeung-npu", NPU, 3),
    _project(4, 2, "제조 결함 검출 비전모델", "bitgoeul-qc", H100, 8, 9000),
    _project(5, 2, "산단 안전 영상 분석", "bitgoeul-safe", A100, 4, 3000),
    _project(6, 3, "로봇 파운데이션 모델", "hanbit-robot", H100, 10, 22000),
    _project(7, 3, "물류 로봇 시뮬레이션", "hanbit-sim", A100, 6, 2500),
    _project(8, 4, "의료 문서 요약", "youth-med", H100, 5, 1500),
    _project(9, 4, "청년 정책 챗봇", "youth-bot", A100, 3),
    _project(10, 5, "흉부 영상 판독 보조", "namdo-xray", H100, 6, 7000),
    _project(11, 5, "전자의무기록 비식별화", "namdo-emr", A100, 3, 2000),
    _project(12, 5, "심전도 이상 탐지", "namdo-ecg", NPU, 2),
    _project(13, 6, "기후 예측 그래프 신경망", "seonam-climate", H100, 7, 12000),
    _project(14, 6, "단백질 구조 예측", "seonam-protein", A100, 5, 5000),
    _project(15, 6, "대학원 AI 실습", "seonam-class", A100, 4),
    _project(16, 7, "멀티모달 모델 평가", "honam-eval", H100, 6, 6000),
    _project(17, 7, "한국어 안전성 벤치마크", "honam-safe", A100, 3),
    _project(18, 7, "NPU 컴파일러 검증", "honam-npu", NPU, 3),
    _project(19, 8, "CCTV 관제 이상행동 탐지 실증", "cctv-demo", NPU, 6),
    _project(20, 8, "교통량 실시간 분석 실증", "traffic-demo", NPU, 5),
    _project(21, 9, "NPU 칩 호환성 시험", "nuri-compat", NPU, 5),
    _project(22, 9, "컴파일러 회귀 시험", "nuri-regress", NPU, 4),
    _project(23, 10, "클라우드 운영 플랫폼 실증", "gaon-ops", NPU, 4),
    _project(24, 10, "로그 이상 탐지", "gaon-log", A100, 4, 1200),
    _project(25, 10, "고객 상담 요약", "gaon-cs", H100, 4, 800),
    _project(26, 11, "자율주행 인지 모델", "daehan-drive", H100, 9, 26000),
    _project(27, 11, "차량 음성 비서", "daehan-voice", A100, 5, 3500),
    _project(28, 12, "다국어 번역 모델", "onsae-mt", H100, 7, 5000),
    _project(29, 12, "지역 방언 음성 인식", "onsae-dialect", A100, 4, 2200),
    _project(30, 12, "소형 언어모델 추론 실증", "onsae-slm", NPU, 2),
)

SET_ASIDE_ACCOUNT = "burn-in"  # the operator's own acceptance runs: nobody's, not billed

# award, programme, company, project ('' is all of the company's), from, quota, unit, cap in won
AWARDS = (
    ("A-001", "AIDC-BASE", "C-001", "P-001", "2025-10-01", "2026-01-01", "520", "device_hours", ""),
    ("A-002", "AIDC-BASE", "C-002", "P-004", "2025-10-01", "2026-04-01", "900", "device_hours", ""),
    (
        "A-003",
        "AIDC-BASE",
        "C-006",
        "P-013",
        "2025-10-01",
        "2026-10-01",
        "2000",
        "device_hours",
        "",
    ),
    (
        "A-004",
        "AIDC-BASE",
        "C-007",
        "P-016",
        "2025-10-01",
        "2026-04-01",
        "1500",
        "device_hours",
        "",
    ),
    (
        "A-005",
        "AIDC-BASE",
        "C-006",
        "P-014",
        "2025-10-13",
        "2026-04-13",
        "1000",
        "device_hours",
        "",
    ),
    ("A-006", "AICA-2025R", "C-003", "P-006", "2025-10-01", "2026-01-01", "", "", "2000000"),
    ("A-007", "AICA-2025R", "C-004", "", "2025-10-01", "2026-01-01", "", "", ""),
    ("A-008", "AICA-2025R", "C-005", "P-010", "2025-10-01", "2026-01-01", "", "", "40000000"),
    ("A-009", "AICA-2025R", "C-002", "P-005", "2025-10-01", "2026-01-01", "", "", ""),
    ("A-010", "AICA-2025R", "C-012", "P-028", "2025-10-16", "2026-01-01", "", "", "30000000"),
    ("A-011", "NPU-DEMO", "C-008", "", "2025-10-01", "2026-01-01", "", "", ""),
    ("A-012", "NPU-DEMO", "C-009", "", "2025-10-01", "2026-01-01", "", "", ""),
    ("A-013", "NPU-DEMO", "C-010", "P-023", "2025-10-01", "2026-01-01", "", "", ""),
)

# company, number, day, the partner body that brought it ('' for none)
AGREEMENTS = (
    ("C-001", "예시-MOU-2025-001", "2025-08-11", "예시인공지능협회"),
    ("C-003", "예시-MOU-2025-002", "2025-08-27", "예시소프트웨어협회"),
    ("C-005", "예시-MOU-2025-003", "2025-09-03", "예시인공지능협회"),
    ("C-009", "예시-MOU-2025-004", "2025-09-19", ""),
)
# project, kind, day, how many or won, what shows it
OUTCOMES = (
    ("P-004", "model", "2025-09-24", 1, "결과보고서 2025-09"),
    ("P-001", "model", "2025-10-17", 2, "모델 카드 2건"),
    ("P-006", "commercial", "2025-10-22", 1, "출시 공지 2025-10-22"),
    ("P-013", "paper", "2025-10-28", 1, "게재 확인서"),
    ("P-001", "hire", "2025-10-31", 3, "4대보험 가입자 명부"),
    ("P-006", "sales", "2025-10-31", 12_500_000, "세금계산서 합계표"),
)
# month, when, what, remark
PLANS = (
    ("2025-11", "11. 4.", "10월분 청구서 발송", ""),
    ("2025-11", "11. 11. ~ 11. 13.", "HPC 저장장치 펌웨어 갱신", "그동안 신규 작업 제한"),
    ("2025-11", "11. 26.", "지원기업 간담회", "협력기관 참석"),
)
