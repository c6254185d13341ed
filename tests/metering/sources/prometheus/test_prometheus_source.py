"""A Prometheus server as a source: what it is asked, what its answers become, what is an error."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Barrier, Lock

import pytest

from metering.calendar import HOUR_MS, Period
from metering.errors import SourceError
from metering.settings.site_toml import Issuer, Site
from metering.settings.source_options.location import Endpoint
from metering.settings.source_options.prometheus import Flavour, Prometheus, pages_of
from metering.settings.source_options.source_config import SourceConfig
from metering.sources.prometheus.server import PrometheusServer, SeriesQuery, in_order
from metering.sources.read import count_inputs, read
from metering.sources.reading.batch import Batch
from tests.builders.servers.certificates import asking_for_client, server_context
from tests.builders.servers.replayed_answers import Asked, Replay, replaying
from tests.builders.sites.metering_site import CALENDAR, MIDNIGHT, cluster

POWER, ENERGY = "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION"
UTIL, ENGINE = "DCGM_FI_DEV_GPU_UTIL", "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
MEMORY = "DCGM_FI_DEV_FB_USED"
G1 = {"UUID": "G1", "Hostname": "n1", "modelName": "NVIDIA H100 80GB HBM3"}
HOUR = Period(MIDNIGHT, MIDNIGHT + HOUR_MS)
ROW = {
    "device_uid": "G1", "parent": "", "slice": "", "model": "h100", "node": "n1",
    "sampled_ms": MIDNIGHT, "busy_ppm": None, "power_mw": None, "energy_mj": None,
    "memory_mib": None, "workload": "", "health_ok": None,
    "busy_cycles": None, "total_cycles": None,
}  # fmt: skip
Told = tuple[str, dict[str, str], Sequence[tuple[int, str]]]


def matrix(*series: Told, status: str = "success", **said: object) -> tuple[int, bytes]:
    result = [
        {
            "metric": {"__name__": name, **labels},
            "values": [[at / 1000, value] for at, value in points],
        }
        for name, labels, points in series
    ]
    data = {"resultType": "matrix", "result": result}
    return 200, json.dumps({"status": status, "data": data, **said}).encode()


def answering(*series: Told) -> Callable[[Asked], tuple[int, bytes]]:
    """Gives every metric's own series, whatever the time."""

    def answer(asked: Asked) -> tuple[int, bytes]:
        selector = asked.form["query"]
        return matrix(
            *(
                labelled
                for labelled in series
                if f'"{labelled[0].removesuffix("_total")}|' in selector
            )
        )

    return answer


def site_in(folder: Path) -> Site:
    issuer = Issuer("", "", "", "", "", "")
    return Site(folder, "s", CALENDAR, "", "", "duckdb", "2025-10", issuer, (), (), None, folder)


def batches(
    replay: Replay, folder: Path, window: Period = HOUR, options: Prometheus | None = None
) -> list[Batch]:
    endpoint = Endpoint(replay.url)
    source = SourceConfig(
        "dcgm", "prometheus", "sample", "dcgm", endpoint=endpoint,
        options=options or Prometheus(),
    )  # fmt: skip
    return list(read(source, cluster(source), site_in(folder), window))


def batch(folder: Path, *series: Told) -> Batch:
    with replaying(answering(*series)) as replay:
        (found,) = batches(replay, folder)
    return found


def samples(
    answer: Callable[[Asked], tuple[int, bytes]], flavour: Flavour = "prometheus"
) -> tuple[list[tuple[int, str]], list[Asked]]:
    """The samples of the first hour that a server of a flavour gives, and what it was asked."""
    with replaying(answer) as replay:
        options = Prometheus(flavour, ('cluster="a"',))
        with PrometheusServer(Endpoint(replay.url), options, Path()) as server:
            (selector,) = server.selectors("up")
            found = server.samples(SeriesQuery(selector, HOUR.start_ms, HOUR.end_ms))
        told = [(int(found.at_ms[row]), found.text(row)) for row in range(len(found))]
        return told, replay.asked


def test_metrics_of_one_device_and_instant_make_one_row(tmp_path: Path) -> None:
    found = batch(
        tmp_path,
        (UTIL, G1, [(MIDNIGHT, "97")]),
        (POWER, G1, [(MIDNIGHT, "113.611"), (MIDNIGHT + 15_000, "0.0019")]),
        (f"{ENERGY}_total", G1, [(MIDNIGHT, "9007199254740993")]),
        (MEMORY, {**G1, "hpc_job": "7"}, [(MIDNIGHT, "74166")]),
    )
    assert found.table.to_pylist() == [
        ROW | {"busy_ppm": 970_000, "power_mw": 113_611, "energy_mj": 9_007_199_254_740_993,
               "memory_mib": 74_166, "workload": "slurm:7"},
        ROW | {"sampled_ms": MIDNIGHT + 15_000, "power_mw": 1},
    ]  # fmt: skip
    assert (found.rows_read, found.quarantined, dict(found.skipped)) == (5, (), {})
    assert found.complete_to_ms == HOUR.end_ms
    assert found.origin.endswith(" 2025-11-01T00:00:00+09:00")


@pytest.mark.parametrize(
    ("metric", "value", "field", "exact"),
    [
        (POWER, "113.6119", "power_mw", 113_611),  # what is below a unit falls
        (POWER, "1.136e+02", "power_mw", 113_600),
        (ENGINE, "0.9956870000000001", "busy_ppm", 995_687),
        (ENGINE, "0.0000009999999999999999", "busy_ppm", 0),
        (ENGINE, "0.0000010000000000000000001", "busy_ppm", 1),
        (ENERGY, "1e16", "energy_mj", 10**16),
        (UTIL, "100", "busy_ppm", 1_000_000),
    ],
)
def test_values_are_exact(tmp_path: Path, metric: str, value: str, field: str, exact: int) -> None:
    found = batch(tmp_path, (metric, G1, [(MIDNIGHT, value)]))
    assert found.table.to_pylist() == [ROW | {field: exact}]


@pytest.mark.parametrize(
    ("metric", "value", "reason"),
    [
        (POWER, "113611", "DCGM_FI_DEV_POWER_USAGE 113611 is out of range (0 to 1500 W)"),
        (POWER, "1500.0001", "DCGM_FI_DEV_POWER_USAGE 1500.0001 is out of range (0 to 1500 W)"),
        (POWER, "-0.1", "DCGM_FI_DEV_POWER_USAGE -0.1 is out of range (0 to 1500 W)"),
        (POWER, "1e18", "DCGM_FI_DEV_POWER_USAGE 1e18 is out of range (0 to 1500 W)"),
        (POWER, "1_0", "has the value '1_0', which is no number"),
    ],
)
def test_a_value_out_of_range_is_kept_aside_with_its_server_metric_and_series(
    tmp_path: Path, metric: str, value: str, reason: str
) -> None:
    found = batch(tmp_path, (metric, G1, [(MIDNIGHT, value), (MIDNIGHT + 15_000, "70")]))
    server = found.origin.split(" ", 1)[0]
    name = f'{metric}{{Hostname="n1",UUID="G1",modelName="NVIDIA H100 80GB HBM3"}}'
    (refused,) = found.quarantined
    assert (refused.place, refused.reason, refused.text) == (
        f"{server} {name} {MIDNIGHT}", reason, value
    )  # fmt: skip
    later = ROW | {"sampled_ms": MIDNIGHT + 15_000, "power_mw": 70_000}
    assert (found.table.to_pylist(), found.rows_read) == ([later], 2)


def test_an_hour_of_bad_samples_only_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metering.sources.prometheus.source.REFUSED_MAX", 2)
    milliwatts = [(MIDNIGHT + n, "113611") for n in range(3)]
    assert len(batch(tmp_path, (POWER, G1, milliwatts[:2])).quarantined) == 2
    with pytest.raises(SourceError, match=r"more than 2 samples of an hour are bad; .*113611 is o"):
        batch(tmp_path, (POWER, G1, milliwatts))


def test_both_limits_of_a_range_are_taken(tmp_path: Path) -> None:
    found = batch(tmp_path, (POWER, G1, [(MIDNIGHT, "0"), (MIDNIGHT + 1, "1500")]))
    assert [row["power_mw"] for row in found.table.to_pylist()] == [0, 1_500_000]


def test_what_is_no_value_is_counted_and_no_sample(tmp_path: Path) -> None:
    found = batch(
        tmp_path,
        (POWER, G1, [(MIDNIGHT, "NaN"), (MIDNIGHT + 1, "+Inf"), (MIDNIGHT + 15_000, "70")]),
        (ENERGY, G1, [(MIDNIGHT, "9.2233720368547758e+18"), (MIDNIGHT + 1, "9223372036854775807")]),
    )
    assert found.table.num_rows == 1
    assert (Counter(found.skipped), found.quarantined) == (
        Counter(not_a_number=2, blank=2), ()
    )  # fmt: skip


def test_a_series_without_a_device_is_kept_aside_sample_by_sample(tmp_path: Path) -> None:
    found = batch(tmp_path, (POWER, {"gpu": "0"}, [(MIDNIGHT, "70"), (MIDNIGHT + 1, "71")]))
    assert [(row.reason, row.text) for row in found.quarantined] == [
        ("names no device", "70"),
        ("names no device", "71"),
    ]


def test_what_means_nothing_on_a_slice_is_left_out_and_counted(tmp_path: Path) -> None:
    slice_of = {**G1, "GPU_I_ID": "1", "GPU_I_PROFILE": "1g.10gb"}
    found = batch(tmp_path, (UTIL, slice_of, [(MIDNIGHT, "0")]), (UTIL, G1, [(MIDNIGHT, "5")]))
    assert found.table.to_pylist() == [ROW | {"busy_ppm": 50_000}]
    assert dict(found.skipped) == {"other_series": 1}


def test_a_sample_at_a_boundary_is_taken_once_whatever_the_server_repeats(tmp_path: Path) -> None:
    """Ranges of servers before 3.0 begin with the sample at their left end."""
    points = [(MIDNIGHT + n * HOUR_MS // 2, str(n)) for n in range(5)]
    two = Period(MIDNIGHT, MIDNIGHT + 2 * HOUR_MS)
    with replaying(answering((POWER, G1, points))) as replay:
        found = batches(replay, tmp_path, two)
    rows = [[row["power_mw"] for row in one.table.to_pylist()] for one in found]
    assert (rows, inputs_of(two)) == ([[0, 1000], [2000, 3000, 4000]], 2)


def test_a_series_that_two_pages_give_is_taken_once(tmp_path: Path) -> None:
    options = Prometheus(pages=pages_of("Hostname", ["n.*", ".*1"]))
    with replaying(answering((POWER, G1, [(MIDNIGHT, "5")]))) as replay:
        (found,) = batches(replay, tmp_path, options=options)
    assert found.table.to_pylist() == [ROW | {"power_mw": 5000}]


def test_every_metric_is_asked_for_a_page_and_an_hour_with_hold_at_the_ends(
    tmp_path: Path,
) -> None:
    window = Period(MIDNIGHT + HOUR_MS // 2, MIDNIGHT + 2 * HOUR_MS)
    options = Prometheus(matchers=('cluster="a"',), pages=pages_of("Hostname", ["n1"]))
    with replaying(answering()) as replay:
        batches(replay, tmp_path, window, options)
        asked = {(one.form["query"], one.form["time"]) for one in replay.asked}
        assert {one.path for one in replay.asked} == {"/api/v1/query"}
    names = [ENGINE, UTIL, POWER, ENERGY, MEMORY]
    assert asked == {
        (f'{{__name__=~"{name}|{name}_total",cluster="a",{page}}}[{length}ms]', at)
        for name in names
        for page in ('Hostname=~"n1"', 'Hostname!~"(?:n1)"')
        for length, at in ((1_860_000, "1761926399.999"), (3_660_001, "1761930060.000"))
    }


@pytest.mark.parametrize("at_once", [1, 3, 16])
def test_hours_come_in_order_however_many_are_asked_at_once(tmp_path: Path, at_once: int) -> None:
    points = [(MIDNIGHT + n * HOUR_MS, str(n)) for n in range(7)]
    day = Period(MIDNIGHT, MIDNIGHT + 6 * HOUR_MS)
    with replaying(answering((POWER, G1, points))) as replay:
        found = batches(replay, tmp_path, day, Prometheus(at_once=at_once))
    rows = [[row["power_mw"] // 1000 for row in one.table.to_pylist()] for one in found]
    assert rows == [[0], [1], [2], [3], [4], [5, 6]]
    assert [one.complete_to_ms for one in found] == [MIDNIGHT + n * HOUR_MS for n in range(1, 7)]


def test_no_more_are_asked_at_once_than_was_said() -> None:
    """Three meet at the barrier or the test fails; a fourth would be counted."""
    meeting, lock, running, most = Barrier(3, timeout=30), Lock(), 0, 0

    def work(question: SeriesQuery) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait()
        with lock:
            running -= 1
        return question.to_ms

    found = list(in_order(work, (SeriesQuery("", 0, n) for n in range(9)), 3))
    assert (found, most) == (list(range(9)), 3)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (matrix(status="error", error="query timed out"), "answers error: query timed out"),
        (matrix(warnings=["store gpu-2 is away"]), "may be partial: .'store gpu-2 is away'"),
        ((200, b"<html>sign in</html>"), "gives no answer of Prometheus"),
        ((422, b'{"status":"error","error":"too many samples"}'), "status 422: .*too many samples"),
        ((400, b"bad regex"), "refuses: status 400: bad regex"),
    ],
)
@pytest.mark.parametrize("flavour", ["prometheus", "thanos", "mimir"])
def test_an_answer_that_is_not_whole_is_an_error(
    answer: tuple[int, bytes], told: str, flavour: Flavour
) -> None:
    with pytest.raises(SourceError, match=rf"http://127.0.0.1.*{told}"):
        samples(lambda asked: answer, flavour)


def test_an_error_half_way_gives_the_hours_before_it(tmp_path: Path) -> None:
    def answer(asked: Asked) -> tuple[int, bytes]:
        late = int(asked.form["time"].split(".")[0]) * 1000 >= MIDNIGHT + 2 * HOUR_MS
        return matrix(warnings=["away"]) if late else matrix()

    taken = []
    with replaying(answer) as replay:
        source = SourceConfig(
            "dcgm", "prometheus", "sample", "dcgm",
            endpoint=Endpoint(replay.url), options=Prometheus(),
        )  # fmt: skip
        window = Period(MIDNIGHT, MIDNIGHT + 4 * HOUR_MS)
        hours = read(source, cluster(source), site_in(tmp_path), window)
        with pytest.raises(SourceError, match="may be partial"):
            taken.extend(hour.complete_to_ms for hour in hours)
    assert taken == [MIDNIGHT + HOUR_MS, MIDNIGHT + 2 * HOUR_MS]


def test_thanos_is_asked_for_whole_and_raw_data() -> None:
    _, (asked,) = samples(lambda _: matrix(), "thanos")
    assert asked.form == {
        "query": '{__name__="up",cluster="a"}[3600000ms]', "time": "1761926400.000",
        "dedup": "true", "partial_response": "false", "max_source_resolution": "0s",
    }  # fmt: skip
    assert asked.headers["accept-encoding"] == "identity"


def test_victoriametrics_exports_what_it_stored() -> None:
    lines = (
        f'{{"metric":{{"__name__":"up"}},"values":[1,2,null,4],"timestamps":'
        f"[{HOUR.start_ms},{HOUR.start_ms + 1},{HOUR.end_ms},{HOUR.end_ms + 1}]}}\n"
    )
    found, (asked,) = samples(lambda _: (200, lines.encode()), "victoriametrics")
    assert found == [(HOUR.start_ms + 1, "2"), (HOUR.end_ms, "NaN")]
    assert (asked.path, asked.form) == (
        "/api/v1/export",
        {"match[]": '{__name__="up",cluster="a"}', "start": "1761922800", "end": "1761926401"},
    )


def test_a_busy_server_is_asked_again() -> None:
    pauses: list[float] = []
    with replaying(answering()) as replay:
        replay.busy = [503, 429]
        endpoint = Endpoint(replay.url)
        with PrometheusServer(endpoint, Prometheus(), Path(), pauses.append) as server:
            assert len(server.samples(SeriesQuery("{}", 0, 1))) == 0
        assert (pauses, len(replay.asked)) == ([1, 4], 3)


def signed(folder: Path, tls: bool = False, **said: object) -> dict[str, str]:
    """The headers with which a server was asked."""
    context = asking_for_client(server_context(folder), folder) if tls else None
    with replaying(answering(), context) as replay:
        endpoint = Endpoint(replay.url, **said)  # type: ignore[arg-type]
        with PrometheusServer(endpoint, Prometheus(), folder, lambda _: None) as server:
            server.samples(SeriesQuery("{}", 0, 1))
        return replay.asked[0].headers


def test_a_server_is_signed_in_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t-1")
    monkeypatch.setenv("PASSWORD", "p-1")
    assert signed(tmp_path, bearer_env="TOKEN")["authorization"] == "Bearer t-1"
    assert signed(tmp_path, user="u", password_env="PASSWORD")["authorization"] == "Basic dTpwLTE="
    assert signed(tmp_path, headers={"X-Scope-OrgID": "gpu"})["x-scope-orgid"] == "gpu"


def test_a_server_is_signed_in_to_with_a_certificate(tmp_path: Path) -> None:
    own = {"ca": "ca.pem", "certificate": "client.pem", "key": "client.key"}
    assert signed(tmp_path, tls=True, **own)["host"].startswith("127.0.0.1:")
    with pytest.raises(SourceError, match="does not answer"):
        signed(tmp_path, tls=True, ca="ca.pem")
    with pytest.raises(SourceError, match="certificate"):
        signed(tmp_path, tls=True)


@pytest.mark.shared_data
def test_an_idle_gpu_that_inherits_the_exporters_own_pod_is_idle(
    tmp_path: Path, formats: Path
) -> None:
    """The live answer of 16 H100, cut to two of them: one works, one only names the exporter."""
    body = (formats / "prom_api_query_dcgm_h100.json").read_bytes()
    idle, busy = json.loads(body)["data"]["result"]
    told = [
        (UTIL, {**idle["metric"], "UUID": f"GPU-idle-{n}"}, [(MIDNIGHT, "0")]) for n in range(15)
    ] + [(UTIL, busy["metric"], [(MIDNIGHT, "0")])]
    rows = batch(tmp_path, *told).table.to_pylist()
    assert Counter(row["workload"] for row in rows) == {
        "": 15,
        "pod:dynamo-workload/vllm-agg-0-vllmdecodeworker-s65j5": 1,
    }


def inputs_of(window: Period) -> int:
    return count_inputs(SourceConfig("p", "prometheus", "sample"), site_in(Path()), window)
