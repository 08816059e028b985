"""Power cuts while the product writes: 10,000 disks as they may be left, and the control that must find losses."""

import pytest

from benchmarks.power_loss.trial import NoCompiler, compile_shim, run


@pytest.fixture(scope="module", autouse=True)
def _compiler(tmp_path_factory: pytest.TempPathFactory) -> None:
    try:
        compile_shim(tmp_path_factory.mktemp("compiler"))
    except NoCompiler as error:
        pytest.fail(str(error), pytrace=False)


@pytest.mark.timeout(600)
def test_nothing_promised_is_lost_by_a_power_cut() -> None:
    found = run(10_000, seed=20261121)
    assert found.images == 10_000
    assert not found.faults, found.examples


@pytest.mark.timeout(300)
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_settings_that_lose_are_seen_to_lose(synchronous: str) -> None:
    found = run(100, 20261121, synchronous)
    assert found.faults["Lost"] > 0
    assert synchronous == "NORMAL" or found.faults["Corrupt"] > 0
