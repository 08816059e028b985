"""Why a conversation is next: told alike wherever it is told, and only while it waits."""

from typing import Any

from crm_store import desk_cards
from tests.admin_stage import Stage
from tests.admin_world import conversation, visitor


async def told_everywhere(stage: Stage, number: int, customer: int) -> dict[str, Any]:
    """Why it is next as each address of the API says it, and as the card in Telegram does."""
    queue = (await stage.get("/queue", "agent"))["items"]
    entries = [one for one in queue if one["conversation"]["id"] == number]
    listed = (await stage.get(f"/conversations?customer_id={customer}"))["items"]
    [of_customer] = (await stage.get(f"/customers/{customer}/conversations"))["items"]
    async with stage.store.read() as session:
        card = await desk_cards.card(session, number, now=stage.clock())
    return {
        "conversation": (await stage.get(f"/conversations/{number}"))["why_next"],
        "list": listed[0]["why_next"],
        "customer": of_customer["why_next"],
        "card": [
            {"reason": one.reason, "points": one.points, "value": one.value, "about": one.about}
            for one in card.why_next
        ],
        **(
            {"queue": entries[0]["why_next"], "in queue": entries[0]["conversation"]["why_next"]}
            if entries
            else {}
        ),
    }


async def test_why_next_is_the_same_wherever_it_is_told(stage: Stage) -> None:
    customer = await visitor(stage.store, stage.clock())
    number = await conversation(stage.store, stage.clock(), customer_id=customer)
    labelled = await stage.post(f"/conversations/{number}", {"priority": 2}, "agent", "PATCH")
    assert [one["reason"] for one in labelled["why_next"]] == ["waiting", "priority"]
    stage.clock.move(minutes=7)
    told = await told_everywhere(stage, number, customer)
    wanted = [
        {"reason": "waiting", "points": 7, "value": 7.0, "about": None},
        {"reason": "priority", "points": 30, "value": 2.0, "about": None},
    ]
    assert told == dict.fromkeys(("conversation", "list", "customer", "card", "queue", "in queue"), wanted)


async def test_who_no_longer_waits_is_next_for_no_reason(stage: Stage) -> None:
    customer = await visitor(stage.store, stage.clock())
    number = await conversation(stage.store, stage.clock(), customer_id=customer)
    await stage.post(f"/conversations/{number}", {"priority": 2}, "agent", "PATCH")
    stage.clock.move(minutes=7)
    acts: tuple[tuple[str, Any], ...] = (
        ("take", None),
        ("reply", {"text": "Hello"}),
        ("resolve", None),
    )
    for act, body in acts:
        answered = await stage.post(f"/conversations/{number}/{act}", body, key="agent")
        assert answered.get("why_next", []) == [], act
        assert set(map(str, (await told_everywhere(stage, number, customer)).values())) == {"[]"}, act
    back = await stage.post(f"/conversations/{number}/reopen", key="agent")
    assert [one["reason"] for one in back["why_next"]][:2] == ["waiting", "priority"]
