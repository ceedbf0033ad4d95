"""From answers to a filled scenario. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gpuplanner.scenario.currency import tariff_in
from gpuplanner.scenario.document import Availability, LoadKind, Scenario, TrainingBudget, WorkloadKind
from gpuplanner.scenario.validation import replace_checked
from gpuplanner.texts import text
from gpuplanner.ui.form import models
from gpuplanner.ui.form.kinds import suits
from gpuplanner.ui.questionnaire.questions import USES, Answers, kind_of, waits

if TYPE_CHECKING:
    from gpuplanner.catalog.schema.catalog import Catalog

#: Usual lengths of question and answer in tokens, and seconds in which people read and think.
_TALK: Final = {"chat": (800, 300, 40), "knowledge": (4000, 500, 60), "code": (3000, 200, 60), "agent": (16_000, 1000, 5)}
_BATCH: Final = (2000, 500, 0)
#: First token, each further token, and where an answer comes at once the whole of it; seconds.
_SPEED: Final = {"patient": (5.0, 0.1), "usual": (2.0, 0.05), "brisk": (0.8, 0.03)}
_WHOLE: Final = {"images": {"patient": 60.0, "usual": 20.0, "brisk": 8.0}}
_SHORT: Final = {"patient": 5.0, "usual": 1.0, "brisk": 0.3}
_MODELS: Final = {"embedding": "bge-m3", "speech": "whisper-large-v3"}
_PERCENTILES: Final = {"p90": 0.9, "p95": 0.95, "p99": 0.99}


def first_answers(scenario: Scenario) -> dict[str, object]:
    """What stands in the questionnaire when it is opened: the usual, and what the scenario says of the customer and money."""
    training, money = scenario.training, scenario.money
    answers: dict[str, object] = {
        "customer": scenario.customer, "use": "chat", "model": None, "given": "people", "people": 1000.0, "active": 0.1,
        "in_flight": 100.0, "per_day": 100_000.0, "busy_hours": 8.0, "pile": 100_000.0, "pile_hours": 8.0,
        "samples": training.budget_samples, "epochs": training.epochs, "days": training.within_days, "pictures": 1,
        "tokens": 256, "audio": 30.0, "sequence": training.sequence_tokens, "speed": "usual", "percentile": "p95",
        "where": "open", "gpu": None, "spare": "none", "growth": 0.0, "currency": money.currency, "budget": money.budget,
        "remark": "",
    }  # fmt: skip
    return answers | along_with_use("chat")


def along_with_use(use: str) -> dict[str, object]:
    """What else is usual for a use; the model is chosen anew."""
    given, answered, _ = _TALK.get(use, _BATCH)
    return {"input": given, "output": answered, "model": None}


def filled(answers: Answers, scenario: Scenario, catalog: Catalog) -> Scenario:
    """The scenario with the answers in it.

    Raises:
        InputError: when a field can't hold an answer.
    """
    kind, use = kind_of(answers), str(answers["use"])
    after = _put(scenario, models.kind_changes(kind, scenario, catalog))
    wanted = answers["model"] or _usual_model(use, after, catalog)
    if wanted in catalog.models and wanted != after.model.id:
        after = _put(after, models.changes(str(wanted), after, catalog))
        after = _put(after, {"workload.kind": kind})
    changes = _work(answers, use) | _place(answers) | {"customer": answers["customer"]}
    changes["money.electricity_per_kwh"] = tariff_in(scenario.money, str(answers["currency"]))
    changes["note"] = _noted(answers, scenario.note)
    return _put(after, changes)


def usual_model(answers: Answers, scenario: Scenario, catalog: Catalog) -> str:
    """The model that is taken where none was chosen."""
    after = _put(scenario, models.kind_changes(kind_of(answers), scenario, catalog))
    return _usual_model(str(answers["use"]), after, catalog) or after.model.id


def _usual_model(use: str, scenario: Scenario, catalog: Catalog) -> str | None:
    wanted = _MODELS.get(use)
    return wanted if wanted and wanted in catalog.models and suits(catalog.models[wanted], scenario.workload.kind) else None


def _work(answers: Answers, use: str) -> dict[str, object]:
    kind = USES[use]
    if kind is WorkloadKind.TUNE:
        return {
            "training.budget": TrainingBudget.SAMPLES,
            "training.budget_samples": answers["samples"],
            "training.epochs": answers["epochs"],
            "training.within_days": answers["days"],
            "training.sequence_tokens": answers["sequence"],
        }
    if kind is WorkloadKind.BATCH:
        return _lengths(answers) | {"workload.batch_requests": answers["pile"], "workload.batch_hours": answers["pile_hours"]}
    changes = _load(answers, use) | {"targets.percentile": _PERCENTILES[str(answers["percentile"])]}
    speed = str(answers["speed"])
    if kind is WorkloadKind.SERVE:
        ttft, tpot = _SPEED[speed]
        return changes | _lengths(answers) | {"targets.ttft_s": ttft, "targets.tpot_s": tpot, "targets.e2e_s": None}
    own = {"images": {"generation.images": answers["pictures"]}, "embedding": {"encoding.tokens": answers["tokens"]}}
    changes |= own.get(use, {"encoding.audio_s": answers["audio"]})
    return changes | {"targets.e2e_s": _WHOLE.get(use, _SHORT)[speed]}


def _lengths(answers: Answers) -> dict[str, object]:
    return {"workload.input_tokens": answers["input"], "workload.output_tokens": answers["output"]}


def _load(answers: Answers, use: str) -> dict[str, object]:
    if answers["given"] == "in_flight":
        return {"workload.load_kind": LoadKind.CONCURRENCY, "workload.load": answers["in_flight"]}
    if answers["given"] == "per_day":
        return {
            "workload.load_kind": LoadKind.PER_DAY,
            "workload.load": answers["per_day"],
            "workload.busy_hours": answers["busy_hours"],
        }
    people, active = float(str(answers["people"])), float(str(answers["active"]))
    return {
        "workload.load_kind": LoadKind.USERS,
        "workload.load": max(1.0, round(people * active)),
        "workload.think_time_s": _TALK.get(use, (0, 0, 30))[2],
    }


def _place(answers: Answers) -> dict[str, object]:
    changes: dict[str, object] = {
        "deployment.gpu": answers["gpu"], "money.currency": answers["currency"], "money.budget": answers["budget"],
    }  # fmt: skip
    if not kind_of(answers).trains:
        changes |= {"deployment.availability": Availability(str(answers["spare"])), "deployment.growth": answers["growth"]}
    return changes


def _noted(answers: Answers, before: str) -> str:
    """What no field holds: for whom, where, and what else was said."""
    said = [text("ask.noted.use", use=text(f"ask.use.{answers['use']}"))]
    if waits(answers) and answers["given"] == "people":
        said.append(text("ask.noted.people", people=f"{float(str(answers['people'])):,.0f}"))
    if answers["where"] != "open":
        said.append(text("ask.noted.where", where=text(f"ask.where.{answers['where']}")))
    if answers["remark"]:
        said.append(str(answers["remark"]))
    return "\n".join([*([before] if before else []), *said])


def _put(scenario: Scenario, changes: dict[str, object]) -> Scenario:
    for path, value in changes.items():
        scenario = replace_checked(scenario, path, value)
    return scenario
