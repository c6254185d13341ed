"""Writes a new site: a site.toml with comments and registry sheets with a header and an example."""

from collections.abc import Mapping
from pathlib import Path

from metering.disk_places import keep_from_others
from metering.errors import JeongsanError
from metering.registry.sheets import FOLDER, SHEETS, RegistrySheet

SITE = """\
# 정산 사이트 설정. 비어 있는 "" 를 채운 다음 `jeongsan load` 로 검사합니다.
# 비밀번호는 여기에 적지 않습니다. 환경 변수나 파일의 이름만 적습니다.

[site]
name = ""                        # 센터 이름
timezone = "Asia/Seoul"          # 정산일의 기준. 시차가 늘 같은 정수 시간인 시간대만 됩니다
first_month = ""                 # 첫 정산 월, 예: "2025-10". 월은 이때부터 차례로 발행됩니다
# lake = "lake"                  # 사용 기록을 두는 곳: 디렉터리 또는 "s3://bucket/prefix"
# database = "sqlite:///jeongsan.db"           # 암호가 없는 주소
# database_env = "JEONGSAN_DATABASE"           # 또는 주소가 들어 있는 환경 변수의 이름
# database_file = "secrets/database"           # 또는 주소가 들어 있는 파일
# rules = "rules"                # 자체 규칙 디렉터리. 없으면 프로그램에 든 규칙을 씁니다
# documents = "documents"        # 청구서와 보고서를 쓰는 디렉터리

[issuer]                         # 공급자: 청구서를 발행하는 기관
business_number = ""             # 사업자등록번호, 예: "124-81-00998"
name = ""                        # 상호
representative = ""              # 대표자
address = ""                     # 주소
business_type = ""               # 업태
business_item = ""               # 종목
# department = ""                # 담당 부서
# contact = ""                   # 연락처
# bank_account = ""              # 입금 계좌

# [holidays]                     # 달력이 아직 모르는 공휴일
# declared = [2025-10-10]        # 임시 공휴일
# cancelled = []                 # 공휴일이 아닌 날

# [approval]                     # 승인
# four_eyes = true               # 초안을 만든 사람과 승인하는 사람이 달라야 합니다
# approvers = ["kim", "lee"]     # 승인할 수 있는 로그인 이름 (없으면 누구나)

# [bank]                         # 은행 거래내역을 들이는 법: jeongsan pay FILE
# account = "예시은행 000-0000"  # 이 목록의 계좌
# columns = { paid = "거래일시", amount = "입금액", payer = "의뢰인", memo = "내용" }
# reversals = ["취소", "입금취소"]             # 내용이 이러면 되돌린 돈: 들이지 않고 알립니다

# [quota]                        # 한도와 예산의 알림: jeongsan quota --alarm
# marks = [50, 80, 100]          # 몇 퍼센트를 썼을 때 알리는지
# idle_below = 0.3               # 관측한 시간 가운데 가동이 이보다 적으면 유휴 할당으로 봅니다

# [notices.mail]                 # 사람에게 알리는 메일: 한도, 승인 대기, 실패한 작업
# host = "smtp.example.or.kr"
# port = 587
# security = "starttls"          # "starttls", "tls", "none"
# user = "settlement"
# password_env = "JEONGSAN_SMTP_PASSWORD"      # 암호가 들어 있는 환경 변수의 이름
# from = "settlement@example.or.kr"
# to = ["manager@example.or.kr"]
# approvals_to = ["finance@example.or.kr"]     # 승인 대기만 따로; limits_to 와 failures_to 도
#
# [notices.webhook]
# url = "https://hooks.example.or.kr/notices"  # 주소에 비밀이 들어 있으면 url_env 로 적습니다
# bearer_env = "JEONGSAN_WEBHOOK_TOKEN"

# 클러스터마다 [cluster.이름] 하나. 이름에는 영문, 숫자, - 와 _ 만 씁니다.
[cluster.hpc]
title = "HPC"                    # 문서에 찍히는 이름
scrape = "60s"                   # 지표를 걷는 주기
# hold = "240s"                  # 한 표본이 뒷받침하는 가장 긴 시간: 보통 주기의 4배, 최대 5분
# suspended_held = true          # 일시 중지된 작업도 장치를 점유한 것으로 봅니다
# quarantine_share_max = 0.01    # 잘못된 행이 이 비율을 넘으면 수집을 멈춥니다
# carrier_accounts = []          # 다른 스케줄러를 담고 있어 청구하지 않는 계정
# partition_models = { gpu = "h100" }          # 모델이 안 적힌 작업의 모델: 파티션별
# node_models = { node001 = "a100" }           # 모델이 안 적힌 작업의 모델: 노드별
# model = "h100"                 # 모두 한 모델인 클러스터: 파티션도 노드도 말하지 않을 때
# gpu_partitions = ["gpu"]       # 그 밖의 GPU 파티션: GPU 수가 없는 작업이 있으면 알립니다

[[cluster.hpc.source]]           # 스케줄러: 점유 시간은 여기서 옵니다
name = "sacct"
kind = "slurm"
record = "allocation"
paths = ["incoming/hpc/sacct-*.psv"]           # 여기를 기준으로 찾습니다. --json 도 됩니다
# naive = "utc"                  # 시각은 TZ=UTC 로 뽑은 것으로 봅니다. 사이트 시각이면 "site"
# 뽑는 명령. 시각은 UTC 이고, 모든 사용자와 다시 시작된 작업까지 들어야 합니다.
# TZ=UTC SLURM_TIME_FORMAT=standard sacct --allusers --clusters=CLUSTER --parsable2 \\
#   --allocations --duplicates --noconvert -S FROM -E TO \\
#   --format=jobidraw,jobid,cluster,account,user,partition,qos,state,submit,eligible,\\
# start,end,elapsedraw,suspended,exitcode,alloctres,consumedenergyraw,restarts,nodelist,jobname
# slurm_cluster = "hpc"          # Slurm 장부에서의 이 클러스터 이름. 다른 이름의 행은 뺍니다
# gres_models = { nvidia_h100_80gb_hbm3 = "h100", "nvidia_a100_3g.20gb" = "a100.mig-3g.20gb" }
# gres_devices = { rngd = "npu:rngd" }         # gres/gpu, gres/npu 가 아닌 이름의 가속기
# ignored_gres = ["nic"]         # 가속기가 아닌 gres. 모르는 이름은 마감을 멈춥니다
# shards = { "gpu[01-04]" = 32 } # gres/shard 몇 개가 장비 하나인지. 모두 같으면 shards = 32
# mps = 100                      # gres/mps 몇이 장비 하나인지. 노드나 파티션마다 적을 수도 있습니다
# Slurm이 실행 중으로 잘못 적어 둔 작업의 목록을 같은 곳에 두면 청구하지 않고 알립니다.
# echo N | TZ=UTC sacctmgr --parsable2 show runaway > incoming/hpc/sacct-runaway.psv

[[cluster.hpc.source]]           # 지표: 실제 사용률과 전력
name = "dcgm"
kind = "exposition"
record = "sample"
family = "dcgm"
paths = ["incoming/hpc/dcgm/*.prom"]           # 또는 아래처럼 직접 묻기
# url = "http://node01:9400/metrics"           # 수집기 하나, 또는 targets 에 여럿
# targets = ["http://node01:9400/metrics", "http://node02:9400/metrics"]
# family: "dcgm", "furiosa"(2025.1까지는 "furiosa_2025_1"), "rebellions", "amd"
# 제조사의 수집기가 없으면 "all_smi"

# [[cluster.hpc.source]]         # 지표를 Prometheus 서버에서: 시간마다 원시 표본을 가져옵니다
# name = "prometheus"
# kind = "prometheus"
# record = "sample"
# family = "dcgm"
# url = "https://prometheus.example"           # 뒤에 /api/v1/query 가 붙습니다
# flavour = "prometheus"         # "prometheus", "thanos", "mimir", "victoriametrics"
# bearer_env = "PROMETHEUS_TOKEN"              # 또는 user 와 password_env, 또는 certificate 와 key
# headers = { X-Scope-OrgID = "tenant" }       # Mimir 의 테넌트
# selector = 'cluster="a"'       # 이 클러스터의 것만 고르는 조건
# pages = { label = "Hostname", values = ["gpu0.*", "gpu1.*"] }  # 나누어 묻기. 나머지도 묻습니다
# at_once = 4                    # 한꺼번에 묻는 수
# late = "10min"                 # 멀리서 써 넣는 서버라면 이만큼 늦게 오는 표본까지 기다립니다
# cluster_label = { cluster = "prod" }         # 여러 클러스터를 담은 서버: 우리 레이블과 이름
# remote_read = true             # 더 빠른 길: 서버가 /api/v1/read 를 열어 둔 경우

# [[cluster.hpc.source]]         # 노드 상태: 고장과 점검 시간 (Slurm)
# name = "events"                # TZ=UTC sacctmgr show event --parsable2 start=... end=... \\
# kind = "slurm"                 #   format=Cluster,NodeName,Start,End,State,Reason
# record = "node_state"
# paths = ["incoming/hpc/events-*.psv"]

# [[cluster.hpc.source]]         # 대조: Slurm 스스로의 집계와 작업 기록을 견줍니다. 하루씩 뽑습니다
# name = "sreport"               # TZ=UTC sreport -P -t Seconds cluster utilization \\
# kind = "slurm"                 #   --tres=gres/gpu start=... end=...
# record = "control_total"
# paths = ["incoming/hpc/sreport-*.txt"]

# [[cluster.hpc.source]]         # 노드 상태를 따로 적은 표
# name = "nodes"
# kind = "table"                 # CSV 또는 Parquet, 열 이름을 대응시킵니다
# record = "node_state"          # allocation, sample, reading, node_state 가운데 하나
# paths = ["incoming/hpc/nodes-*.csv"]
# time_unit = "iso"              # "iso", "s", "ms"
# naive = "site"                 # 시차가 안 적힌 시각은 어느 시계인가: "utc", "site"
# columns = { node = "host", started_ms = "from", ended_ms = "until", state = "state" }
# file_name = "nodes-{cluster}.csv"            # 파일 이름에 있는 것: {cluster}, {account}, {as_of}
# cluster_name = "hpc"           # 파일 이름이나 cluster 칸에서의 이름. 다른 이름의 행은 세고 뺍니다
# # 끝 대신 길이가 있으면 ended_ms 대신 duration: [D-]HH:MM:SS, 숫자면 duration_unit 으로
# # duration_unit = "s" "ms" "min" "h"

# 저장소, 클라우드, 장비 예약처럼 사용량을 스스로 재는 것은 [store.이름].
# [store.parallel]
# title = "병렬 스토리지"
# capacity = "3PiB"              # 담을 수 있는 양: 넘는 검침은 받지 않습니다. 없으면 1024PiB
#
# [[store.parallel.source]]
# name = "snapshots"
# kind = "storage"               # 검침 파일: 이름에 검침 시각(에포크 밀리초)이 있어야 합니다
# record = "reading"
# format = "mmrepquota"          # "lfs_quota", "gpfs_exporter", "ceph_rgw", "ceph_pools", "ceph_df"
# paths = ["incoming/parallel/mmrepquota-*.txt"]
# sku = "storage.parallel"
# quota = "FILESET"              # 같은 바이트를 보는 여러 눈 가운데 하나: FILESET USR GRP
# account = "name"               # 계정으로 볼 이름: "name" 또는 "filesystem/name"
# only = ["project"]             # 청구하는 파일 시스템. 없으면 모두
# copies = 2                     # GPFS 쿼터는 복제본까지 셉니다: 원본만 청구하려면 복제 수
# carry = "26h"                  # 다음 검침이 없을 때 한 검침을 이어 쓰는 한도(가정한 값)
# whole = true                   # 파일마다 전부를 담은 목록: 빠진 것은 그때 없어진 것입니다
#                                # 일부씩 뽑은 목록이면 false (ceph_rgw: 소유자마다 한 파일)
# # lfs_quota: quota = "project", filesystem = "이름", account = "id" "name" "path"
# #   하나씩 물은 것이나, 2.16 부터는 lfs quota -a -p 의 표
# # ceph_rgw: figure = "size" "size_actual" "size_utilized", account = "owner" "bucket"
# # rgw_usage: figure = "bytes_sent" "bytes_received", account = "owner" "user". 시간마다의 전송량:
# #   radosgw-admin usage show --show-log-entries=true. 다시 읽은 시간은 더하지 않고 바꿉니다
# # ceph_pools, ceph_df: figure = "stored"(논리), "stored_raw"(복제본까지), "bytes_used"(디스크)
# # GB 인지 GiB 인지는 그 SKU 의 단가(gb_month, gib_month)가 정합니다
#
# [[cluster.cloud.source]]       # 쿠버네티스: 프로메테우스가 모은 kube-state-metrics
# name = "pods"
# kind = "kubernetes"
# record = "allocation"          # 노드 상태는 "node_state" 로 하나 더
# url = "http://prometheus:9090"
# scrape = "30s"
# resources = {nvidia_com_gpu = "gpu:h100"}    # 적지 않은 자원은 격리됩니다
# ignored = []                   # 장비가 아니어서 빼는 자원
# account = "namespace"          # 또는 "pod_label:label_이름", "namespace_label:label_이름"
# cluster_label = {cluster = "prod"}           # 여러 클러스터를 담은 서버: 우리 레이블과 이름
# pods_count_from = "scheduled"  # 배정된 때부터. 실행된 때부터 세기로 정했다면 "running"
# slots = {nvidia_com_gpu_shared = 4}          # 시분할·MPS: 노드 레이블이 없을 때 장치 하나의 몫 수
# board_mib = 81559              # KAI gpu-memory: 노드 레이블이 없을 때 장치 하나의 메모리
#
# [[cluster.cloud.source]]       # 쿠버네티스 DRA: 리소스 클레임과 슬라이스의 목록
# name = "claims"                # kubectl get resourceclaims -A -o json > claims.<밀리초>.json
# kind = "kubernetes"            # kubectl get resourceslices -o json > slices.<밀리초>.json
# record = "allocation"          # 파일 이름의 밀리초는 뽑은 때(에포크)입니다
# paths = ["incoming/cloud/claims.*.json", "incoming/cloud/slices.*.json"]
# drivers = {"gpu.nvidia.com" = "gpu"}         # 장치 드라이버. 적지 않은 드라이버는 멈춥니다
# ignored = ["dra.net"]          # 가속기가 아닌 드라이버
# models = {"NVIDIA H100 80GB HBM3" = "h100"}  # 슬라이스가 적은 제품 이름의 모델
#
# [store.lab]                    # 장비 예약 시스템
# title = "시험 장비"
#
# [[store.lab.source]]
# name = "bookings"
# kind = "booking"
# record = "reading"
# format = "table"               # CSV, Parquet 또는 "nemo": reservations, usage_events 의 JSON
# paths = ["incoming/lab/bookings-*.csv"]      # 같은 예약은 이름이 뒤인 파일의 것을 씁니다
# bill = "booked"                # 청구하는 시간: 예약 "booked", 사용 "used", 또는 "either"
# late_cancel = "24h"            # 시작 전 이보다 늦게 취소하면 늦은 취소. 없으면 시작 뒤의 취소만
# late = "24h"                   # 이만큼 지나야 그날의 기록이 다 모인 것으로 봅니다
# naive = "site"                 # 시차가 안 적힌 시각은 어느 시계인가: "utc", "site"
# whole = true                   # 파일마다 첫 예약부터 전부를 담은 목록: 뒤의 파일에 없으면 지운 것
# ignored = ["회의실"]           # 청구하지 않는 것. 둘 다에 없는 장비는 격리되고 마감을 멈춥니다
#
# [store.lab.source.columns]     # 칸마다 그 표에서의 이름. 예약과 사용 가운데 청구하는 쪽은 꼭
# booking_id = "번호"
# equipment = "장비"
# account = "팀"
# booked_from = "예약 시작"
# booked_until = "예약 끝"
# used_from = "사용 시작"
# used_until = "사용 끝"
# state = "상태"
# cancelled_at = "취소 시각"
#
# [store.lab.source.states]      # 상태의 낱말이 뜻하는 것
# "완료" = "kept"
# "취소" = "cancelled"
# "노쇼" = "missed"
# "변경" = "moved"               # 바뀐 예약은 다른 줄에 있습니다
# "면제" = "waived"
#
# [store.lab.source.equipment]   # 장비마다 하나: 예약 시스템의 이름과 SKU
# "드라이빙 시뮬레이터" = "equipment.driving-simulator"
# # 노쇼와 늦은 취소는 equipment.driving-simulator.missed, .late-cancelled 로 따로 셉니다
#
# [store.nhn]                    # 클라우드가 스스로 잰 사용량. 열쇠는 환경 변수에만 둡니다
# title = "NHN Cloud"
#
# [[store.nhn.source]]
# name = "meters"
# kind = "cloud"
# record = "reading"
# provider = "nhn"               # "nhn" 또는 "naver"
# url = "https://core.api.nhncloudservice.com"
# partner = "partner-id"
# token_env = "NHN_TOKEN"        # x-nhn-authorization 에 그대로 넣을 글자가 든 환경 변수
# account = "projectId"          # 계정으로 볼 칸: "projectId", "appKey", "orgId"
# late = "1h"                    # 쓴 뒤 이만큼 늦게 오는 것까지 기다립니다
# ignored = []                   # 청구와 상관없어 이름을 적어 빼는 항목
#
# [[store.nhn.source.counter]]   # 항목마다 하나. 적지 않은 항목은 격리되고 마감을 멈춥니다
# name = "gpu.a100"              # counterName
# product = "service-id"         # 서비스 ID
# type = "DELTA"                 # DELTA GAUGE HOURLY_LATEST DAILY_MAX MONTHLY_MAX
# unit = "HOURS"                 # counterUnit 그대로
# sku = "nhn.a100"
# measure = "device_hour"        # 한 단위가 무엇인가: device, device_hour, gib, gb_hour 등
#
# [store.naver]                  # 네이버 클라우드: 하루 단위 사용량
# title = "네이버 클라우드"
#
# [[store.naver.source]]
# name = "usage"
# kind = "cloud"
# record = "reading"
# provider = "naver"
# url = "https://billingapi.apigw.ntruss.com/billing/v1"
# access_key_env = "NCP_ACCESS_KEY"
# secret_key_env = "NCP_SECRET_KEY"
# counter_name = "productItemKind"             # 항목의 이름: 또는 "priceNo", "meteringType"
# late = "48h"
#
# [[store.naver.source.counter]]
# name = "SVR"                   # counter_name 의 코드
# unit = "HOUR"                  # usage.unit.code
# sku = "naver.server"
# measure = "device_hour"
"""

NOTES: Mapping[str, tuple[str, ...]] = {
    "companies": (
        "org_type: startup sme mid large university institute public association",
        "size: micro small medium mid large none",
        "youth: Y 또는 N. 비우면 founded_on 과 representative_birth_year 로 판단합니다",
        "유형 규모 소재지나 상호 등록번호 대표자 주소가 바뀌면 같은 company_id 로 행을 더하고",
        "from 에 바뀐 날을 적습니다. 비운 칸은 그대로이고, 문서는 작성일의 상호로 나갑니다",
        (
            "C-001,220-81-62517,(주)예시,홍길동,광주광역시 북구 예시로 1,정보통신업,"
            "소프트웨어 개발,startup,small,광주,2021-03-02,1991,,,"
        ),
    ),
    "projects": (
        "ended_on: 마지막 날. 진행 중이면 비웁니다",
        "P-001,C-001,예시 과제,2025-10-01,",
    ),
    "tenancy": (
        "source: site.toml 의 클러스터나 저장소 이름. until: 더는 아닌 첫날. 비우면 계속",
        "hpc,example-account,P-001,2025-10-01,",
    ),
    "devices": (
        "resource: gpu npu. model: 요금표의 이름. installed_at: 시차가 없으면 사이트 시각",
        (
            "hpc,GPU-00000000-0000-0000-0000-000000000001,h100,gpu,node001,,,"
            "2025-10-01T00:00:00+09:00,,700"
        ),
    ),
    "awards": (
        "project_id 를 비우면 그 기업의 모든 과제. until: 더는 아닌 첫날",
        "quota_unit: 기간 전체는 device_hours pf_hours, 동시 사용은 devices pf gb",
        "기종을 환산해 세는 한도는 device_hours:표 devices:표 (규칙의 swap.yaml)",
        "한도가 없으면 quota 와 quota_unit 을 함께 비웁니다",
        "회수: until 에 회수일을, recalled_on 에 결정일을, recalled_by 에 결정한 사람을,",
        "recalled_for 에 low_use commercial other_use 를, recall_note 에 확인한 내용을 적습니다",
        (
            "A-001,AIDC-BASE,C-001,P-001,2025-09-25,2025-09-10,2025-10-01,2026-01-01,협약-2025-001,"
            "520,device_hours,,,2025,,,,"
        ),
    ),
    "set_aside": (
        "청구하지 않는 계정과 그 이유",
        "hpc,burn-in,장비 점검,운영팀",
    ),
    "agreements": (
        "기업과 맺은 업무협약(MOU). partner: 추천한 협력기관, 없으면 비웁니다",
        "C-001,MOU-2025-001,2025-09-01,예시협회",
    ),
    "outcomes": (
        "과제의 성과. kind: model commercial paper patent sales hire investment",
        "amount: 건수나 명수, sales 와 investment 는 원. evidence: 무엇으로 확인했는지",
        "P-001,model,2025-10-20,1,모델 카드 2025-10",
    ),
    "plans": (
        "달마다의 계획: 앞 달의 보고서 Ⅶ장에 실립니다",
        "2025-11,11. 10.~11. 14.,NPU 팜 펌웨어 갱신,그동안 NPU 정지",
    ),
}


def init_site(directory: Path) -> list[Path]:
    """Write a new site into a new or empty directory, and give its files; JeongsanError if not."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise JeongsanError(f"{directory} is not empty; give a new directory")
    keep_from_others()
    (directory / FOLDER).mkdir(parents=True)
    texts = {directory / "site.toml": SITE}
    for sheet in SHEETS:
        texts[directory / FOLDER / f"{sheet.name}.csv"] = _csv(sheet)
    for path, text in texts.items():
        # Korean spreadsheets open CSV as UTF-8 only with a mark at its beginning.
        encoding = "utf-8-sig" if path.suffix == ".csv" else "utf-8"
        path.write_text(text, encoding=encoding, newline="\n")
    return list(texts)


def _csv(sheet: RegistrySheet) -> str:
    header = ",".join((*sheet.columns, *sheet.optional))
    notes = [f"# {note}" for note in NOTES[sheet.name]]
    return "\n".join([header, *notes]) + "\n"
