"""The demonstration once more, with tokens that speak both protocols and a phone with Bluezone's app among them.

The programme is played, too: it publishes the days of who tested positive, and the others look into what they stored.
"""

from __future__ import annotations

from pathlib import Path

from bluetoken.virtual.demo import CASE, Demo, DemoFailed
from bluetoken.virtual.stage import Stage

SCENARIO = Path(__file__).parent / "scenarios" / "demo_bluezone.toml"


class BluezoneDemo(Demo):
    """One run of it, with one phone."""

    speaks = ("--protocol", "both")

    def _day(self, stage: Stage) -> None:
        super()._day(stage)
        self._phone = stage.phones[0]
        self._phone_info_f = self._phone.info_f(stage.world.now_us)

    def _conclude(self) -> None:
        super()._conclude()
        self._ask_the_phone()
        self._ask_the_tokens()

    def _ask_the_phone(self) -> None:
        positive, asked = self.scenario.tokens[0].name, self._phone.plan.name
        self._say(f"\nThe programme gets what {positive} was called in its protocol, and asks {asked}'s phone:")
        folder = self.report.parent / "for the programme"
        releasing = ["case", "release", CASE, *self._private("--authority")]
        self._print(self._bluetoken([*releasing, "--format", "bluezone", "--out", str(folder)], self._now))
        heard = self._phone.check((folder / "InfoF.json").read_text(encoding="utf-8"))
        if not heard:
            raise DemoFailed(f"{asked}'s phone did not hear {positive}.")
        self._say(f"  {asked}'s phone heard {positive} {len(heard)} times.")

    def _ask_the_tokens(self) -> None:
        self._say(f"\n{self._phone.plan.name} tests positive as well. The programme says what the phone was called:")
        published = self.report.parent / "InfoF.json"
        published.write_text(self._phone_info_f, encoding="utf-8")
        self._print(self._bluetoken(["keys", "bluezone", str(published)], self._now))
        self._say("")
        self._print(self._bluetoken(["exposures", "--all", *self._private("--authority")], self._now))
