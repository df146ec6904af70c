"""How soon two who remember nothing can meet at best (pure)."""

from dataclasses import dataclass

from bluetoken.study.sleepers import Draws
from wearable import schedule


@dataclass(frozen=True)
class Bound:
    """Seconds until two tokens without memory are sure to meet, at least.

    continuous_s: Kindt and Chakraborty 2019 for symmetric discovery, 4 x alpha x omega / eta^2. It knows no charge for
    a start, and `applies` where there is none.
    awake_s, ears_s: 2 x e0 x c / P^2 for bursts that start at e0 and take c a second, only advertising or with the
    ears of ours; P is the budget less sleep.
    """

    mean_ma: float
    applies: bool
    continuous_s: float
    awake_s: float
    ears_s: float


def bound(mean_ma: float, draws: Draws) -> Bound:
    to_spend_ma = mean_ma - draws.sleep_ma
    receive_ma = draws.awake_ma + draws.listen_ma
    eta = to_spend_ma / receive_ma
    # alpha x omega: an advert's charge in seconds of receiving.
    continuous_s = 4 * draws.advert_mc / receive_ma / eta**2
    advertising_ma = draws.advert_mc / schedule.ADVERTISE_US * 1e6
    ears_ma = draws.listen_ma * 2 * schedule.PART_MS / schedule.BURST_MS
    awake_s = 2 * draws.start_mc * draws.awake_ma / to_spend_ma**2
    ears_s = 2 * draws.start_mc * (draws.awake_ma + advertising_ma + ears_ma) / to_spend_ma**2
    return Bound(mean_ma, draws.start_mc == 0, continuous_s, awake_s, ears_s)
