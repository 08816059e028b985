"""By which names one signs in, and whose guesses are counted."""

from crm_store import sign_in, staff
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.desk_stage import Visitor

PASSWORD = "four words nobody joins"


async def hire(stage: Stage, name: str, email: str | None = None, password: str = PASSWORD) -> int:
    hashed = sign_in.hash_password(password)
    async with stage.store.write() as session:
        made = await staff.create_agent(session, name=name, email=email, role=Role.AGENT, now=stage.clock())
        await sign_in.set_password(session, made.id, hashed, now=stage.clock())
        return made.id


async def enter(stage: Stage, name: str, password: str = PASSWORD) -> int:
    stage.client.session.cookie_jar.clear()
    return (await Visitor(stage).send("/sign-in", follow=False, name=name, password=password)).status


async def test_five_guesses_lock_the_person_by_whatever_name(both_stage: Stage) -> None:
    stage = both_stage
    await hire(stage, "Tom", "tom@shop.example")
    tried = ("Tom", "tom@shop.example", "TOM", "Tom@Shop.Example", "tom")
    assert [await enter(stage, name, "wrong wrong wrong") for name in tried] == [401] * 5
    assert [await enter(stage, name) for name in (*tried, " tom ")] == [429] * 6
    stage.clock.move(minutes=16)
    assert await enter(stage, "TOM") == 303


async def test_a_name_nobody_has_is_locked_as_if_somebody_had_it(stage: Stage) -> None:
    nobody = ("Nobody", "nobody", "NOBODY", "nobody", "Nobody")
    assert [await enter(stage, name) for name in nobody] == [401] * 5
    assert await enter(stage, "nobody") == 429
    number = stage.agents["agent"]
    assert [await enter(stage, "the agent", "wrong wrong") for _ in range(6)] == [401] * 5 + [429]
    assert await enter(stage, f"agent:{number}") == 401, "what guesses count under is nobody's name"


async def test_upper_and_lower_case_matter_only_where_two_are_meant(stage: Stage) -> None:
    await hire(stage, "Mia", "Mia@Shop.example")
    assert [await enter(stage, name) for name in ("mia", "MIA", "mia@shop.EXAMPLE")] == [303] * 3
    other = "other words nobody joins"
    await hire(stage, "mia", password=other)
    assert [await enter(stage, "Mia"), await enter(stage, "mia", other)] == [303, 303]
    assert [await enter(stage, "mia"), await enter(stage, "MIA"), await enter(stage, "MIA", other)] == [
        401
    ] * 3


async def test_letters_beyond_ascii_are_folded_too(both_stage: Stage) -> None:
    await hire(both_stage, "Jürgen Groß")
    assert await enter(both_stage, "JÜRGEN GROSS") == 303
