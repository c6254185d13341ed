"""A secret is shown to whom it is for and to nobody else, whatever prints it or quotes it."""

import json
import logging
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest

from metering.errors import Mistake, SourceError
from metering.finding import Finding
from metering.secret import (
    Secret,
    flaw_of_address,
    flaw_of_file,
    flaw_of_secret,
    hide,
    masked,
    of_variable,
    shown_address,
)

TEXT = "s3cret/of+this.test-only"


@dataclass(frozen=True)
class Holder:
    token: Secret


def test_a_secret_prints_as_stars(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    assert secret.reveal() == TEXT
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>9}", f"{secret:>40}"]
    shown += [str(Holder(secret)), str([secret]), "%s" % secret]  # noqa: UP031
    logging.getLogger("secret").warning("%s %r", secret, Holder(secret))
    assert "***" in caplog.text
    assert not any(TEXT in text for text in (*shown, caplog.text))
    with pytest.raises(TypeError, match="is not pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)


@pytest.mark.parametrize(
    "spelled", [TEXT, "s3cret/of%2Bthis.test-only", "s3cret%2Fof%2Bthis.test-only"]
)
def test_what_quotes_a_secret_tells_it_nowhere(spelled: str) -> None:
    Secret(TEXT)
    said = f"http://host/?x={spelled} refuses: no such key {spelled}."
    finding = Finding("warn", "k", "collect", "c", None, spelled, said)
    told = [masked(said), str(SourceError(said)), Mistake("x", said).message, finding.detail]
    assert told == ["http://host/?x=*** refuses: no such key ***."] * 4
    assert finding.subject == "***"


def test_a_short_secret_is_put_out_where_it_is_a_word_of_its_own() -> None:
    hide("postgres")
    assert masked("postgresql://u:postgres@host") == "postgresql://u:***@host"
    hide("abc")
    assert masked("abc of abc") == "abc of abc"


def test_one_newline_at_the_end_is_no_part_of_a_secret() -> None:
    held = {"A": f"{TEXT}\n", "B": f"{TEXT}\r\n", "C": f"{TEXT}\n\n", "D": "\n", "E": "토큰"}
    read = {name: of_variable(name, held) for name in (*held, "F")}
    assert read["D"] is None
    assert read["F"] is None
    flaws = {name: flaw_of_secret(secret, True) for name, secret in read.items() if secret}
    assert {name for name, flaw in flaws.items() if flaw} == {"C", "E"}
    assert read["E"] is not None
    assert flaw_of_secret(read["E"], in_header=False) is None


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640, 0o604, 0o660])
def test_a_file_that_others_may_read_is_told(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "secret"
    file.touch(mode)
    file.chmod(mode)
    wanted = None if mode in (0o600, 0o400) else f"(mode {mode:04o}); type: chmod 600 {file}"
    flaw = flaw_of_file(file)
    assert flaw == (wanted and f"can be read by others {wanted}")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:p@h/d", "postgresql://***@h/d"),
        ("postgrsql:/u:p@h", "postgrsql:/***@h"),
        ("postgresql://u:p/a@ss@h/d", "postgresql://***@h/d"),
        ("s3://KEY:SECRET@bucket/x", "s3://***@bucket/x"),
        ("https://h/x?api-key=k&y=1", "https://h/x?api-key=***&y=1"),
        ("https://h/x?y=1&X-Amz-Signature=k#z", "https://h/x?y=1&X-Amz-Signature=***#z"),
        ("https://h/x?access_token=k", "https://h/x?access_token=***"),
        ("http://h:9090/x?match=a", None),
        ("http://h/@scope/x", None),
        ("https://h/x?token=", None),
        ("postgresql+psycopg://u@h:5432/d", None),
        ("s3://bucket/x?endpoint_override=h:9000&scheme=http", None),
    ],
)
def test_an_address_with_a_secret_is_refused_and_shown_without(
    address: str, shown: str | None
) -> None:
    assert (flaw_of_address(address) is None) == (shown is None)
    if shown:
        assert shown_address(address) == shown
