"""Several workloads on common GPUs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpuplanner.catalog.load import load_catalog
from gpuplanner.catalog.schema.catalog import Catalog
from gpuplanner.engine.estate.build import estate_of
from gpuplanner.engine.estate.edits import added, duplicated, removed, renamed, timed, works_in_order
from gpuplanner.engine.estate.memo import Memo
from gpuplanner.engine.estate.packing import MOST_BUSY, Tenant, pack
from gpuplanner.engine.estate.works import brought_to_the_form, hours, letter, work_of, works_of
from gpuplanner.engine.estimate import estimate
from gpuplanner.engine.result import Estimate, MemoryPart
from gpuplanner.scenario.document import EstateChoice, Scenario, Work, replace

CATALOG = load_catalog()
GIB = 2**30


def tenant(
    name: str, gib: float, busy: float, *, degree: int = 1, replicas: int = 1, day: tuple[float, float] = (0, 24)
) -> Tenant:
    shares = degree == 1
    parts = {MemoryPart.WEIGHTS: gib * GIB}
    return Tenant(name, "card", degree, replicas, 0, parts, 72 * GIB, 80 * GIB, busy, hours(*day), shares)


def test_small_ones_share_a_gpu_as_long_as_memory_and_time_suffice() -> None:
    slots = pack([tenant("A", 30, 0.3), tenant("B", 30, 0.3), tenant("C", 30, 0.05)], {"card": 8})
    together = [[one.letter for one, _ in slot.tenants] for slot in slots if slot.tenants]
    assert sorted(map(sorted, together)) == [["A", "B"], ["C"]]
    busy = pack([tenant("A", 10, 0.5), tenant("B", 10, 0.3)], {"card": 8})
    assert [len(slot.tenants) for slot in busy[:2]] == [1, 1]


def test_a_night_job_takes_the_gpus_of_a_day_job() -> None:
    day = tenant("A", 60, 0.9, degree=4, day=(8, 20))
    night = tenant("B", 60, 1.0, degree=4, day=(22, 6))
    late = tenant("C", 60, 1.0, degree=4, day=(19, 23))
    slots = pack([day, night, late], {"card": 8})
    assert {frozenset(one.letter for one, _ in slot.tenants) for slot in slots} == {frozenset("AB"), frozenset("C")}


def test_a_replica_stays_within_a_server() -> None:
    slots = pack([tenant("A", 60, 0.9, degree=4, replicas=3)], {"card": 8})
    for replica in range(3):
        servers = {slot.server for slot in slots for one, number in slot.tenants if number == replica}
        assert len(servers) == 1
    assert len(slots) == 16


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(1, 70), st.floats(0.01, 1), st.sampled_from([1, 1, 2, 4, 8]), st.integers(1, 5), st.integers(0, 23)),
        min_size=1,
        max_size=8,
    )
)
def test_no_gpu_is_overfull_and_everything_is_placed_once(drawn: list[tuple[float, float, int, int, int]]) -> None:
    tenants = [
        tenant(letter(i), gib, busy, degree=degree, replicas=replicas, day=(start, start + 9))
        for i, (gib, busy, degree, replicas, start) in enumerate(drawn)
    ]
    slots = pack(tenants, {"card": 8})
    for one in tenants:
        mine = [
            (slot.server, slot.index, number) for slot in slots for other, number in slot.tenants if other.letter == one.letter
        ]
        assert len(mine) == one.degree * one.replicas
        assert len({(server, index) for server, index, _ in mine}) == len(mine)
    for slot in slots:
        for hour in range(24):
            present = [one for one, _ in slot.tenants if one.hours[hour]]
            assert len(present) == 1 or sum(one.need_bytes for one in present) <= 72 * GIB
            assert len(present) <= 1 or sum(one.busy for one in present) <= MOST_BUSY + 1e-9


def test_hours_over_midnight() -> None:
    night = hours(22, 6)
    assert [hour for hour in range(24) if night[hour]] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert all(hours(0, 24))
    assert all(hours(7, 7))


def an_estate() -> Scenario:
    base = Scenario(name="chat")
    small = work_of(base)
    small = small.model_copy(
        update={
            "name": "assistant",
            "model": small.model.model_copy(update={"id": "llama-3.1-8b"}),
            "workload": small.workload.model_copy(update={"load": 10.0}),
        }
    )
    other = small.model_copy(update={"name": "drafts", "workload": small.workload.model_copy(update={"load": 4.0})})
    return base.model_copy(update={"estate": EstateChoice(more=(small, other))})


def test_shares_close_at_the_whole() -> None:
    whole = estate_of(an_estate(), CATALOG)
    assert [row.letter for row in whole.rows] == ["A", "B", "C"]
    assert sum(row.gpus for row in whole.rows) + whole.free == pytest.approx(len(whole.placement))
    assert sum(row.share for row in whole.rows) + whole.free / len(whole.placement) == pytest.approx(1.0)
    assert len({row.plan.gpu_id for row in whole.rows if row.plan}) == 1
    together = [gpu for gpu in whole.placement if len(gpu.shares) > 1]
    assert {share.letter for gpu in together for share in gpu.shares} >= {"B", "C"}
    for gpu in whole.placement:
        assert gpu.need_bytes <= gpu.usable_bytes


def test_each_alone_takes_no_fewer_gpus() -> None:
    scenario = an_estate()
    apart = replace(scenario, "estate.shared", False)
    shared, own = estate_of(scenario, CATALOG), estate_of(apart, CATALOG)
    assert sum(bool(gpu.shares) for gpu in shared.placement) < sum(bool(gpu.shares) for gpu in own.placement)


def test_bringing_a_workload_to_the_form_and_back_changes_nothing() -> None:
    scenario = an_estate()
    other = brought_to_the_form(scenario, 2)
    assert other.name == "drafts"
    assert [work.name for work in works_of(other)] == ["chat", "assistant", "drafts"]
    assert other.estate.position == 2
    back = brought_to_the_form(other, 0)
    assert back == scenario
    with pytest.raises(IndexError):
        brought_to_the_form(scenario, 7)


def test_a_workload_that_cannot_run_says_why_and_takes_nothing() -> None:
    scenario = an_estate()
    broken = Work(name="lost", model=scenario.model.model_copy(update={"id": "no-such-model"}))
    scenario = scenario.model_copy(update={"estate": EstateChoice(more=(broken,))})
    row = estate_of(scenario, CATALOG).rows[1]
    assert (row.plan, row.gpus, [code.code for code in row.reasons]) == (None, 0.0, ["refusal.unknown_model"])


def standing_by(name: str, *, degree: int, replicas: int, spare: int, apart: bool) -> Tenant:
    parts = {MemoryPart.WEIGHTS: 60 * GIB}
    return Tenant(name, "card", degree, replicas, spare, parts, 72 * GIB, 80 * GIB, 0.9, hours(0, 24), False, apart)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(1, 9)), min_size=1, max_size=5))
def test_the_loss_of_any_server_leaves_room_for_what_ran_on_it(drawn: list[tuple[int, int]]) -> None:
    tenants = [
        standing_by(letter(i), degree=degree, replicas=count, spare=1, apart=True) for i, (degree, count) in enumerate(drawn)
    ]
    slots = pack(tenants, {"card": 8})
    for server in {slot.server for slot in slots}:
        lost = sum(bool(slot.tenants) for slot in slots if slot.server == server)
        assert sum(slot.spare for slot in slots if slot.server != server) >= lost
    assert not [slot for slot in slots if slot.spare and slot.tenants]


def test_a_fifth_stands_by_wherever_there_is_room() -> None:
    slots = pack([standing_by("A", degree=1, replicas=5, spare=1, apart=False)], {"card": 8})
    assert (len(slots), sum(slot.spare for slot in slots)) == (8, 1)


def test_each_alone_has_servers_of_its_own() -> None:
    alone = estate_of(an_estate(), CATALOG, together=False)
    owners: dict[int, set[str]] = {}
    for gpu in alone.placement:
        owners.setdefault(gpu.server, set()).update(share.letter for share in gpu.shares)
    assert all(len(letters) == 1 for letters in owners.values())
    assert sum(row.share for row in alone.rows) + alone.free / len(alone.placement) == pytest.approx(1.0)
    servers = [line.count for line in alone.site.lines if line.role.value == "gpu_server"]
    assert sum(servers) == alone.servers


def test_rows_are_added_doubled_renamed_and_taken_away() -> None:
    scenario = an_estate()

    def order(one: Scenario) -> list[str]:
        return [work.name for work in works_in_order(one)]

    grown = added(scenario, Work(name="new"))
    assert order(grown) == ["chat", "assistant", "drafts", "new"]
    assert order(duplicated(grown, 0, "chat 2")) == ["chat", "chat 2", "assistant", "drafts", "new"]
    moved = brought_to_the_form(grown, 2)
    assert order(added(moved, Work(name="first"), -1)) == ["first", "chat", "assistant", "drafts", "new"]
    assert order(removed(moved, 2)) == ["chat", "assistant", "new"]
    assert removed(moved, 2).name == "new"
    assert order(removed(moved, 0)) == ["assistant", "drafts", "new"]
    assert removed(moved, 0).estate.position == 1
    assert order(renamed(moved, 0, "talk")) == ["talk", "assistant", "drafts", "new"]
    assert renamed(moved, 2, "x").name == "x"
    lone = Scenario(name="one")
    assert removed(lone, 0) == lone
    night = timed(moved, 1, 22, 6)
    assert works_of(night)[1].hours == hours(22, 6)


def test_a_kept_answer_is_used_until_the_question_changes() -> None:
    asked: list[str] = []

    def count(scenario: Scenario, catalog: Catalog) -> Estimate:
        asked.append(scenario.model.id)
        return estimate(scenario, catalog)

    memo, scenario = Memo(count), an_estate()
    first = estate_of(scenario, CATALOG, memo)
    again = estate_of(replace(replace(scenario, "note", "x"), "site.rack_kw", 9.0), CATALOG, memo)
    assert len(asked) == 3
    assert [row.plan for row in again.rows] == [row.plan for row in first.rows]
    estate_of(replace(replace(scenario, "site.growth_per_year", 0.5), "site.growth_years", 2), CATALOG, memo)
    assert len(asked) == 3 + 3 + 2 * 3  # each of two years before the last is planned anew


def hurried(name: str, busy: float, slack: float) -> Tenant:
    return Tenant(
        name, "card", 1, 1, 0, {MemoryPart.WEIGHTS: 5 * GIB}, 72 * GIB, 80 * GIB, busy, hours(0, 24), True, False, slack
    )


def test_a_tight_target_demands_a_gpu_of_its_own() -> None:
    """Beside a workload that is busy 30 % of the time everything takes 1 ÷ 0.7 = 1.43 times as long."""
    apart = pack([hurried("A", 0.1, 1.3), hurried("B", 0.3, 9.0)], {"card": 8})
    assert [[one.letter for one, _ in slot.tenants] for slot in apart[:2]] == [["A"], ["B"]]
    beside = pack([hurried("A", 0.1, 1.5), hurried("B", 0.3, 9.0)], {"card": 8})
    assert {one.letter for one, _ in beside[0].tenants} == {"A", "B"}
    assert beside[0].slowed(hurried("A", 0.1, 1.5)) == pytest.approx(1 / 0.7)


def test_sharing_never_breaks_a_target() -> None:
    whole = estate_of(an_estate(), CATALOG)
    slowed = [row for row in whole.rows if row.slowed > 1]
    assert slowed
    for row in slowed:
        assert row.plan is not None
        assert row.scenario is not None
        for key in ("ttft", "tpot"):
            assert (row.plan.figures[key].value or 0) * row.slowed <= getattr(row.scenario.targets, f"{key}_s") * (1 + 1e-9)


def test_a_gpu_that_a_workload_asks_for_is_the_one_it_gets() -> None:
    pinned = replace(an_estate(), "deployment.gpu", "nvidia-h100-sxm5-80gb")
    assert {row.plan.gpu_id for row in estate_of(pinned, CATALOG).rows if row.plan} == {"nvidia-h100-sxm5-80gb"}
    whole = replace(pinned, "estate.gpu", "nvidia-l40s")
    assert {row.plan.gpu_id for row in estate_of(whole, CATALOG).rows if row.plan} == {"nvidia-l40s"}
    alone = replace(an_estate(), "estate.more", ())
    assert {gpu.gpu_id for gpu in estate_of(alone, CATALOG).placement} == {estimate(alone, CATALOG).chosen}


def test_answers_that_nobody_asks_for_any_more_are_forgotten() -> None:
    memo, scenario = Memo(), an_estate()
    counts = []
    for load in range(1, 9):
        memo.begin()
        estate_of(replace(scenario, "workload.load", float(load)), CATALOG, memo)
        counts.append(memo.count())
    assert counts[0] < counts[2] == counts[-1]  # the answers of three rounds, however many there were
