"""Two records of one person on the desk: proposed with the reason, made one, and apart again."""

from crm_store.models.customers import Customer
from tests.admin_stage import Stage
from tests.admin_world import visitor
from tests.desk_stage import agent_browser


async def twins(stage: Stage) -> tuple[int, int]:
    """Two records with one e-mail address."""
    pair = (
        await visitor(stage.store, stage.clock(), "Ada"),
        await visitor(stage.store, stage.clock(), "A. Lovelace"),
    )
    async with stage.store.write() as session:
        for number in pair:
            (await session.get_one(Customer, number)).email = "ada@example.com"
    return pair


async def test_a_likely_twin_is_made_part_of_the_record_and_taken_apart(both_stage: Stage) -> None:
    stage = both_stage
    kept, other = await twins(stage)
    browser = await agent_browser(stage)
    seen = await browser.visit(f"/customers/{kept}")
    assert "A. Lovelace" in seen.text
    assert "same e-mail" in seen.text
    done = await browser.send(f"/customers/{kept}/merge", merged_id=str(other))
    assert "Part of this record:" in done.text
    assert "same e-mail" not in done.text
    assert "This record is part of" in (await browser.visit(f"/customers/{other}")).text
    [merge] = (await stage.get(f"/customers/{kept}/merges", "agent"))["items"]
    apart = await browser.send(f"/customers/{kept}/unmerge", merge_id=str(merge["id"]))
    assert "same e-mail" in apart.text
    assert "Part of this record:" not in apart.text
    audit = await stage.get("/audit")
    assert {"merged_id": other, "merge_id": merge["id"]} in [entry["detail"] for entry in audit["items"]]


async def test_who_only_reads_merges_nothing(stage: Stage) -> None:
    kept, other = await twins(stage)
    browser = await agent_browser(stage, "analyst")
    seen = await browser.visit(f"/customers/{kept}")
    assert "same e-mail" in seen.text
    assert f'action="/customers/{kept}/merge?' not in seen.text
    assert (await browser.send(f"/customers/{kept}/merge", merged_id=str(other))).status == 403
