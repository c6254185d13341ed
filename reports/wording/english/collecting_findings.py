"""What collecting and landing find, of tables, exporters, stores, bookings and clouds."""

from typing import Final

MESSAGES: Final = {
    (
        "{title}: 이 날 끝난 작업 {count}건의 기록이 수집한 뒤에 왔습니다({held} 장비시간). "
        "아직 세지 않았으니 이 날을 다시 수집하세요. 예: {names}"
    ): (
        "{title}: records of {count} jobs that ended this day came after it was collected "
        "({held} device hours). They are not counted yet: collect this day again. For example: "
        "{names}"
    ),
    (
        "{title}: 작업 {allocation_id}의 {resource} {model} 수량이 한 자료 안에서 다릅니다. "
        "나중 행의 값을 썼습니다(다른 값 {quantity_milli} milli)."
    ): (
        "{title}: one input has two quantities of {resource} {model} of job {allocation_id}. "
        "The later row was taken (the other is {quantity_milli} milli)."
    ),
    (
        "{title}: 파티션 {queue}의 작업 {num_rows}건에 장치 모델이 없습니다. site.toml의 "
        "partition_models나 node_models에 적고 다시 수집하세요. 예: {some}"
    ): (
        "{title}: {num_rows} jobs of partition {queue} have no device model. Write it into "
        "partition_models or node_models of site.toml and collect again. For example: {some}"
    ),
    (
        "{title}: 실행 중이던 작업 {num_rows}건의 {known_to} 이후 사용량을 모릅니다. 스케줄러 "
        "자료를 다시 수집하세요. 예: {some}"
    ): (
        "{title}: what {num_rows} running jobs used after {known_to} is not known. Collect the "
        "scheduler's records again. For example: {some}"
    ),
    "외 {count}건": "and {count} more",
    "(없음)": "(none)",
    "{count}건({ids}{more})": "{count} ({ids}{more})",
    "{hours}.{hundredths}시간": "{hours}.{hundredths} hours",
    (
        "{title}: 빈 목록이 예약의 목록인지 사용의 목록인지 알 수 없어 아무것도 끝내지 "
        "않았습니다. 예약과 사용을 원천 둘로 나누세요."
    ): (
        "{title}: an empty list does not say whether it is of bookings or of uses, so it ended "
        "nothing. Make two sources, one of bookings and one of uses."
    ),
    "{title}: 전의 목록에 있던 예약이나 사용 {facts} {facts2}이 뒤의 전체 목록에 없어 뺐습니다.": (
        "{title}: bookings or uses of an earlier list, {facts} {facts2}, are not in a later "
        "whole list and were left out."
    ),
    (
        "{title}: 기록이 다 모였다는 때보다 뒤에 끝났다는 사용 {facts}을(를) 세지 않았습니다. "
        "시계나 `--complete-to` 를 확인하고 다시 수집하세요."
    ): (
        "{title}: uses that would have ended after the records were complete, {facts}, were "
        "not counted. Check the clock or `--complete-to` and collect again."
    ),
    (
        "{title}: 끝나지 않은 채 뒤의 자료에 나오지 않는 사용 {facts}을(를) 마지막으로 나온 "
        "자료의 때까지만 세었습니다. 끝난 때를 확인해 다시 수집하세요."
    ): (
        "{title}: uses without an end that later input does not have, {facts}, were counted "
        "only up to the last input that has them. Find out when they ended and collect again."
    ),
    "등": "and others",
    (
        "{title}: 원천마다 다른 클러스터({names})의 자료입니다. 어느 것이 이 클러스터인지 "
        "site.toml의 원천에 slurm_cluster로 적고 다시 수집하세요."
    ): (
        "{title}: each source has records of another cluster ({names}). Write which is this "
        "one as slurm_cluster at the sources of site.toml and collect again."
    ),
    "{title} {name}: 읽지 못함. {error}": "{title} {name}: could not be read. {error}",
    (
        "{title}: 한 답 안에 계정, 항목, 자원, 시각이 모두 같고 제 번호가 없는 행이 "
        "여럿입니다({count}곳, 처음은 {meters}). 더하지 않고 큰 값 하나만 세었습니다. "
        "클라우드에 물어 확인하세요."
    ): (
        "{title}: one answer has several rows of the same account, counter, resource and time "
        "without a number of their own ({count} places, the first {meters}). They were not "
        "added; only the greatest was counted. Ask the cloud."
    ),
    (
        "{title}: 계정, 항목, 자원, 시각, 양이 같은 미터가 나중에 다른 번호로 다시 "
        "왔습니다({count}건: {ids}; 처음은 {meters}). 모두 세었으니 두 번 청구될 수 있습니다. "
        "클라우드에 확인하세요."
    ): (
        "{title}: meters of the same account, counter, resource, time and amount came again "
        "under other numbers ({count}: {ids}; the first {meters}). All were counted, so they "
        "may be billed twice. Ask the cloud."
    ),
    (
        "{title}: {equipment} 을(를) {accounts} 이(가) 같은 때 {length_ms} 동안 함께 잡고 있어 "
        "두 번 청구됩니다. 예약 기록을 확인하세요."
    ): (
        "{title}: {accounts} hold {equipment} at the same time for {length_ms}, which is "
        "billed twice. Check the bookings."
    ),
    (
        "{title}: {account} 이(가) {equipment} 을(를) 예약 없이 {length_ms} 썼습니다. 예약 "
        "시간으로 청구하므로 청구되지 않습니다."
    ): (
        "{title}: {account} used {equipment} for {length_ms} without a booking. Booked time is "
        "billed, so this is not."
    ),
    (
        "{title}: 전에 받은 {counter} 의 미터 {count}건이 클라우드의 답에 더는 없어 그 날의 "
        "사용량에서 뺐습니다."
    ): (
        "{title}: {count} meters of {counter} that came before are no longer in the cloud's "
        "answer and were taken out of that day's usage."
    ),
    "같은 자원의 계량 구간이 겹칩니다": "metered periods of one resource overlap",
    "같은 노드의 상태 구간이 겹칩니다": "periods of one node's state overlap",
    "{title}: {detail} ({name}, {count}곳). 원본을 고쳐 다시 수집하세요.": (
        "{title}: {detail} ({name}, {count} places). Mend the original and collect again."
    ),
    "행 {count}건을 격리했습니다. 처음은 {first}": (
        "{count} rows were put into quarantine. The first: {first}"
    ),
    (
        "등록되지 않은 장비의 표본 {count}건을 받지 않았습니다. 장비 대장에 등록한 뒤 다시 "
        "수집하십시오."
    ): (
        "{count} samples of an unregistered device were not taken. Register the device and "
        "collect again."
    ),
    "표본 {count}건을 격리했습니다({reason}).": (
        "{count} samples were put into quarantine ({reason})."
    ),
    "같은 시각의 표본 {count}건이 서로 달라 항목마다 큰 값을 택했습니다.": (
        "{count} samples of the same instant differ; of each field the greater was taken."
    ),
    "시각이 {count}번 뒤로 갔습니다. 표본은 시각 순서로 정렬했습니다.": (
        "The clock went back {count} times. The samples were put in order of time."
    ),
    "불가능한 전력량 계수 {count}건을 쓰지 않고 직전 값을 유지했습니다.": (
        "{count} impossible energy counters were not used; the value before was kept."
    ),
    "전력량 계수가 {count}번 초기화되어 새 값부터 다시 셌습니다.": (
        "The energy counter was reset {count} times and counted on from its new value."
    ),
    (
        "사이클 계수가 {count}번 줄었거나, 일한 사이클이 전체보다 많이 늘어 그 구간은 수집기의 "
        "가동률을 썼습니다."
    ): (
        "The cycle counter fell {count} times, or more cycles were worked than there were; the "
        "exporter's utilisation was used there."
    ),
    (
        "장비 {count}대의 전력 한도를 몰라 전력량 계수의 상승을 검사하지 못했습니다. 장비 "
        "대장에 power_limit_w를 적으십시오."
    ): (
        "The power limit of {count} devices is not known, so the rise of their energy counters "
        "was not checked. Write power_limit_w into the registry."
    ),
    "분할 장비에 복사된 전력 값 {count}건을 쓰지 않았습니다. 전력은 보드의 값입니다.": (
        "{count} energy values copied to slices were not used. Energy is the board's."
    ),
    "수집기는 표본 {count}건에서 모델을 {said}, 장비 대장은 {own}(으)로 적었습니다.": (
        "The exporter says model {said} in {count} samples, the registry says {own}."
    ),
    "수집 기간보다 이르거나 수집 시각보다 1분 넘게 늦은 시각": (
        "times before the collected period, or more than a minute after collecting"
    ),
    "범위를 벗어난 값": "values out of range",
    (
        "여러 쪽 가운데 한 쪽이라고 스스로 말하는 목록은 받지 않습니다 ({partial}{more}). 한 "
        "번에 모두 받거나 모든 쪽을 이어 한 목록으로 만들어 다시 수집하세요."
    ): (
        "A list that says itself that it is one page of several is not taken "
        "({partial}{more}). Take it in one piece, or join all of its pages, and collect again."
    ),
    "등 {count}개 파일": "and others, {count} files",
    "{reason}. site.toml 의 equipment 나 ignored 에 적고 다시 수집하세요.": (
        "{reason}. Write it into equipment or ignored of site.toml and collect again."
    ),
    "{reason}. site.toml 에 적고 {day} 을 다시 수집하세요.": (
        "{reason}. Write it into site.toml and collect {day} again."
    ),
    "수집 대상의 시계가": "The target's clock is",
    "지표에 적힌 시각이": "The time written in the metrics is",
    "{what} 여기보다 {instant}초 {value}(허용 {hold_ms}초). 시각 동기화를 확인하십시오.": (
        "{what} {instant} s {value} of ours (allowed: {hold_ms} s). Check that clocks are "
        "synchronised."
    ),
    "빠릅니다": "ahead",
    "늦습니다": "behind",
    (
        "OpenMetrics 원문 {count}건이 끝줄(# EOF) 없이 끊겨 그 원문을 통째로 격리했습니다. "
        "처음은 {origin}. 그 표본은 없는 것이 되니 온전한 원문을 다시 수집하십시오."
    ): (
        "{count} OpenMetrics texts were cut short, without their last line (# EOF), and were "
        "put into quarantine whole. The first is {origin}. Their samples are missing: collect "
        "whole texts again."
    ),
    (
        "우선하는 가동률 지표는 내내 0인데 다른 지표는 50% 이상입니다. 표본에는 0을 "
        "두었습니다. 수집기의 프로파일링 지표가 멈췄는지 확인하십시오."
    ): (
        "The preferred utilisation metric stays 0 while another is at 50% or more. The samples "
        "keep 0. See whether the exporter's profiling metrics have stopped."
    ),
    "수집 대상이 응답하지 않아 이번 표본이 없습니다. {failure}": (
        "The target does not answer, so there is no sample this time. {failure}"
    ),
    (
        "{metric} 값이 범위({bounds})를 벗어나 격리했습니다. 수집기의 단위가 달라졌는지 "
        "확인하십시오."
    ): (
        "{metric} is out of range ({bounds}) and was put into quarantine. See whether the "
        "exporter's unit has changed."
    ),
    (
        "{origin}: 이 검침은 스스로 부정확하다고 하여({distrusted}) 통째로 받지 않고 앞뒤 "
        "검침만으로 세었습니다. 바로잡은 검침을 같은 이름으로 넣고 다시 수집하세요."
    ): (
        "{origin}: this reading says itself that it is inaccurate ({distrusted}); it was not "
        "taken, and only the readings around it count. Put the mended reading under the same "
        "name and collect again."
    ),
    "{name}: 첫 검침 전이라 이 날의 보관량을 알 수 없습니다.": (
        "{name}: before the first reading, so what was kept this day is not known."
    ),
    (
        "마지막 검침({last_ms}) 뒤 {carry_ms} 안에 다음 검침이 없어 그 뒤는 세지 않았습니다. "
        "빠진 검침 파일을 넣고 이 날을 다시 수집하세요."
    ): (
        "No reading came within {carry_ms} of the last one ({last_ms}), so nothing is counted "
        "after that. Put the missing file and collect this day again."
    ),
    "{at_ms} 검침부터 목록에 없어 그때까지만 세었습니다.": (
        "It is not in the list from the reading of {at_ms} on, and counts up to then."
    ),
    (
        "{at_ms} 검침의 합 {total} MiB 이(가) 저장소에 담을 수 있는 {most} MiB 를 넘습니다. "
        "검침이나 site.toml 의 capacity 를 확인하세요."
    ): (
        "The sum of the reading of {at_ms}, {total} MiB, is more than the {most} MiB that the "
        "store holds. Check the reading, or capacity in site.toml."
    ),
    "{hours}시간": "{hours} hours",
    "{seconds}초": "{seconds} s",
    "{at_ms} 검침에서 같은 자원의 값이 서로 다릅니다. 큰 값을 썼습니다.": (
        "The reading of {at_ms} has different values of one resource. The greater was taken."
    ),
    (
        "{back_ms} 검침에 다시 나타났고, 그 사이 {back_ms2}은 세지 않았습니다. 목록이 전부를 "
        "담지 않는 것이라면 site.toml 에 whole = false 를 적으세요."
    ): (
        "It is back in the reading of {back_ms}, and {back_ms2} in between are not counted. If "
        "the list does not hold everything, write whole = false into site.toml."
    ),
    "{resource_id} 등 {count}곳: {detail}": "{resource_id} and others, {count} places: {detail}",
    (
        "행 {count}건의 수량에서 단위({unit})에 못 미치는 나머지를 내렸습니다. 내린 양은 모두 "
        "{fallen} 단위·시간, 처음은 {origin}:{lines}. 더 잔 단위로 적힌 표를 받으십시오."
    ): (
        "Of the quantities of {count} rows, what is less than a unit ({unit}) was dropped: "
        "{fallen} unit hours in all, the first at {origin}:{lines}. Take a table in a finer "
        "unit."
    ),
    "값 {not_finite}개가 NaN 또는 무한대여서 그 값만 뺐습니다.": (
        "{not_finite} values are NaN or infinite; only they were left out."
    ),
}
