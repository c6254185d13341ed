"""A month is spared the garbage collector, which is as it was afterwards."""

import gc

import pytest

from billing.garbage_collection import uncollected


@pytest.mark.parametrize("before", [True, False])
def test_the_collector_is_as_it_was_even_after_an_error(before: bool) -> None:
    was, within = gc.isenabled(), []

    @uncollected()
    def fail() -> None:
        with uncollected():
            within.append(gc.isenabled())
        within.append(gc.isenabled())
        raise ZeroDivisionError

    (gc.enable if before else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError):
            fail()
        assert [*within, gc.isenabled()] == [False, False, before]
    finally:
        (gc.enable if was else gc.disable)()
