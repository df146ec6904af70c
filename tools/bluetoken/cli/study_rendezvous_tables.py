"""The tables of `bluetoken study rendezvous`."""

from collections.abc import Iterable, Sequence

from bluetoken.cli.common import say, table
from bluetoken.study.phones import WithPhones
from bluetoken.study.rendezvous_bound import Bound
from bluetoken.study.rendezvous_plan import LONG_S, MET_S
from bluetoken.study.rendezvous_runs import Outcome
from bluetoken.study.rendezvous_scores import LENGTH_TITLES
from bluetoken.study.schedules import KINDS


def tell(outcomes: Sequence[Outcome], bounds: Iterable[Bound], phones: Sequence[WithPhones]) -> None:
    """Print the study."""
    first = outcomes[0].case
    for source in dict.fromkeys(each.case.source.name for each in outcomes):
        of_it = [each for each in outcomes if each.case.source.name == source]
        pair_days = max(each.scores.pair_days for each in of_it)
        say(
            f"{source}: {of_it[0].people} people, {of_it[0].days} days, nights included;",
            f"{pair_days} times a pair was together for {LONG_S // 60} minutes or more in a day.",
            f"Heard: {first.hear}; clocks off by {first.drift_ppm:g} ppm (sd); liar: {first.liar}; seed {first.seed}.",
            "",
        )
        _print_catch(of_it)
        say("", "Single contacts seen at least once, by length in minutes; and what is estimated:")
        _print_contacts(of_it)
        say("")
    say("mA: over all hours, and while people were there. Currents are estimated, RSSI is taken as perfect.", "")
    for each in bounds:
        _say_bound(each)
    if phones:
        say("", "15 minutes with a Bluezone phone (no token hears one yet): what a token would note of it.")
        _print_phones(phones)


def _print_phones(phones: Iterable[WithPhones]) -> None:
    rows = (
        (
            f"{each.mean_ma:g}",
            "yes" if each.company else "no",
            f"{each.noted_min:.1f}",
            f"{each.low_min:.1f} to {each.high_min:.1f}",
            _share(each.unseen, 2),
            _share(each.unseen_by_phone, 2),
        )
        for each in phones
    )
    head = ("budget, mA", "other tokens", "minutes noted", "eight in ten", "phone unseen", "unseen by the phone")
    table(head, rows)


def _print_catch(outcomes: Iterable[Outcome]) -> None:
    rows = (
        (
            KINDS[each.case.schedule].title,
            f"{each.case.mean_ma:g}" if KINDS[each.case.schedule].budgeted else None,
            _share(each.scores.recall),
            _share(each.scores.precision),
            f"{each.mean_ma:.2f}",
            f"{each.present_ma:.2f}",
            f"{each.mean_ma * 24:.0f}",
        )
        for each in outcomes
    )
    table(("schedule", "budget, mA", "recall", "precision", "mean mA", "present", "mAh a day"), rows)


def _print_contacts(outcomes: Iterable[Outcome]) -> None:
    rows = (
        (
            KINDS[each.case.schedule].title,
            f"{each.case.mean_ma:g}" if KINDS[each.case.schedule].budgeted else None,
            *(_share(share, 2) for share in each.scores.seen),
            _late(each.scores.met_median_s),
            _late(each.scores.met_p90_s),
            _error(each),
        )
        for each in outcomes
    )
    met = f"first met after s (contacts of {MET_S // 60}+ min), median"
    table(("schedule", "budget, mA", *LENGTH_TITLES, met, "90 %", "error of minutes, mean and sd"), rows)


def _say_bound(of: Bound) -> None:
    budget = f"{of.mean_ma:g} mA, no memory:"
    if of.applies:
        say(f"{budget} nobody is sure to meet sooner than after {of.continuous_s:.0f} s (Kindt & Chakraborty 2019).")
        return
    say(
        f"{budget} Kindt & Chakraborty's 4 x alpha x omega / eta^2 ({of.continuous_s:.0f} s) does not apply, as",
        f"starts cost charge; with them it is 2 x e0 x c / P^2: {of.awake_s:.0f} s, or {of.ears_s:.0f} with our ears.",
    )


def _share(share: float | None, digits: int = 3) -> str | None:
    return None if share is None else f"{share:.{digits}f}"


def _late(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.0f}"


def _error(of: Outcome) -> str | None:
    if of.scores.error_mean_min is None or of.scores.error_sd_min is None:
        return None
    return f"{of.scores.error_mean_min:+.1f}, {of.scores.error_sd_min:.1f}"
