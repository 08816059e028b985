"""By which names one signs in, and whose guesses are counted."""

import pytest

from crm_store import sign_in, staff
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.desk_stage import Seen, Visitor
from tests.query_counter import counted_queries

PASSWORD = "four words nobody joins"


async def hire(stage: Stage, name: str, email: str | None = None, password: str = PASSWORD) -> int:
    hashed = sign_in.hash_password(password)
    async with stage.store.write() as session:
        made = await staff.create_agent(session, name=name, email=email, role=Role.AGENT, now=stage.clock())
        await sign_in.set_password(session, made.id, hashed, now=stage.clock())
        return made.id


async def answered(stage: Stage, name: str, password: str = PASSWORD) -> Seen:
    stage.client.session.cookie_jar.clear()
    return await Visitor(stage).send("/sign-in", follow=False, name=name, password=password)


async def enter(stage: Stage, name: str, password: str = PASSWORD) -> int:
    return (await answered(stage, name, password)).status


WRONG = "wrong wrong wrong"


async def test_five_guesses_use_up_the_person_by_whatever_name(both_stage: Stage) -> None:
    stage = both_stage
    await hire(stage, "Tom", "tom@shop.example")
    tried = ("Tom", "tom@shop.example", "TOM", "Tom@Shop.Example", "tom")
    assert [await enter(stage, name, WRONG) for name in tried] == [401] * 5
    assert [await enter(stage, name) for name in ("Tom", "tom", " tom ")] == [401, 401, 429]
    assert await enter(stage, "TOM@shop.example") == 401
    stage.clock.move(minutes=16)
    assert await enter(stage, "TOM") == 303


async def test_a_locked_name_tells_of_no_other_name(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address answers as one that nobody has does, whoever's name was guessed at, and nothing is looked at."""
    await hire(stage, "Tom", "tom@shop.example")
    assert [await enter(stage, "Tom", WRONG) for _ in range(6)] == [401] * 5 + [429]
    looked_at: list[str | None] = []
    monkeypatch.setattr(sign_in, "password_fits", lambda known, _: looked_at.append(known))
    asked = {
        name: [await answered(stage, name) for _ in range(6)]
        for name in ("tom@shop.example", "nob@shop.example")
    }
    his, nobodys = ([(one.status, one.text.replace(name, "")) for one in asked[name]] for name in asked)
    assert his == nobodys
    assert [status for status, _ in his] == [401] * 5 + [429]
    assert looked_at == [None] * 10


async def test_as_much_is_asked_of_the_store_whether_somebody_has_the_name(stage: Stage) -> None:
    await hire(stage, "Tom")
    counts = []
    for name in ("Tom", "Nob"):
        with counted_queries(stage.store) as sent:
            await enter(stage, name, WRONG)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_who_is_locked_out_reads_what_helps_and_so_does_everybody(stage: Stage) -> None:
    for language, words in (("en", "After several wrong tries"), ("zh", "多次输错后")):
        stage.client.session.cookie_jar.clear()
        visitor = Visitor(stage)
        await visitor.send("/language", language=language, back="/sign-in")
        assert words in (await visitor.send("/sign-in", name="Nob", password=WRONG)).text


async def test_a_right_password_starts_both_counts_anew(stage: Stage) -> None:
    await hire(stage, "Tom", "tom@shop.example")
    for _ in range(3):
        assert [await enter(stage, name, WRONG) for name in ("Tom", "tom")] == [401, 401]
        assert [await enter(stage, "tom@shop.example", WRONG), await enter(stage, "Tom")] == [401, 303]


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
