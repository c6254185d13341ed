"""What each kind of finding is called in Korean, beside its key."""

from typing import Final

FINDING_TITLES: Final = {
    # collecting
    "source_unavailable": "원천을 읽지 못함",
    "target_down": "응답 없는 수집 대상",
    "clock_skew": "어긋난 시계",
    "unregistered_device": "등록되지 않은 장비",
    "quarantined_samples": "표본 격리",
    "quarantined_rows": "격리한 행",
    "differing_copies": "서로 다른 사본",
    "clock_step_back": "시계가 뒤로 감",
    "impossible_counter": "불가능한 전력량 계수",
    "stuck_metric": "멈춘 가동률 지표",
    "out_of_range": "범위를 벗어난 지표",
    "counter_reset": "전력량 계수 초기화",
    "unusable_cycles": "쓸 수 없는 사이클 계수",
    "power_limit_unknown": "전력 한도 모름",
    "slice_energy": "분할 장비의 전력",
    "other_model": "모델이 다름",
    "no_gres": "GPU 수가 없는 작업",
    "untyped_model": "모델을 알 수 없음",
    "silent_scheduler": "스케줄러 기록 공백",
    "unknown_accelerator": "모르는 가속기",
    "unknown_share": "모르는 장치의 몫",
    "unknown_claim": "장치를 모르는 클레임",
    "unknown_init_order": "모르는 초기화 순서",
    "unknown_start": "실행 시작을 모름",
    "shares_over_device": "장치 하나를 넘는 몫",
    "running_past_watermark": "수집 시각 뒤로 실행 중",
    "differing_quantity": "할당 수량이 다름",
    "overlapping_reading": "겹치는 검침",
    "reading_gap": "검침 공백",
    "reading_gone": "목록에서 없어진 자원",
    "differing_reading": "서로 다른 검침",
    "unknown_equipment": "모르는 장비",
    "booked_twice": "겹치는 장비 예약",
    "unbooked_use": "예약 없이 쓴 장비",
    "overlapping_node_state": "겹치는 노드 상태",
    "unknown_counter": "모르는 클라우드 계량 항목",
    "deleted_meter": "클라우드에서 없어진 미터",
    # metering
    "identity": "항등식 불일치",
    "identity_unchecked": "항등식 검사 안 함",
    "over_capacity": "장비 초과 할당",
    "unknown_node": "등록 장비가 없는 노드",
    "control_total_differs": "스케줄러 집계와 다름",
    "held_twice": "두 스케줄러의 이중 할당",
    "dark": "관측 공백",
    "energy_without_load": "작업 없이 쓴 전력",
    "load_without_energy": "전력량이 멈춤",
    "unattributed": "할당에 연결 안 됨",
    "unowned_usage": "소속 과제 없음",
    "set_aside": "청구 제외",
    "not_complete": "수집 미완료",
    # the month's draft
    "no_price": "단가 없음",
    "no_pf": "PF 값 없음",
    "no_market_price": "시장 가격 없음",
    "no_fee": "정액 요금 없음",
    "excess_refused": "받지 않는 한도 초과 사용",
    "no_budget": "재원 예산 없음",
    "unknown_programme": "규칙에 없는 사업",
    "unknown_facts": "기업 정보 없음",
    "ineligible_award": "지원 대상 아님",
    "programme_not_in_force": "시행 기간 밖의 사업",
    "award_size": "공고에 없는 협약 규모",
    "award_too_long": "공고보다 긴 협약 기간",
    "seats_passed": "공고보다 많은 협약",
    "recall_without_rule": "규칙에 없는 회수",
    "unknown_referrer": "모르는 추천 기관",
    "undecided_youth": "청년 여부 미정",
    "nothing_excluded": "제외한 것이 없음",
    "program_differs": "프로그램에 따라 다른 금액",
}
LEVELS: Final = {"fail": "중단", "warn": "주의"}


def kind_text(kind: str) -> str:
    """A kind as a person reads it: its title and its key, which programs and sheets use."""
    title = FINDING_TITLES.get(kind)
    return f"{title} ({kind})" if title else kind
