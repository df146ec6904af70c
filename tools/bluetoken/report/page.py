"""The report as one self-contained HTML page: the same findings give the same bytes."""

from datetime import datetime, tzinfo

from bluetoken.exposure.bands import Band
from bluetoken.exposure.days import by_day
from bluetoken.rendering import environment
from bluetoken.report.findings import Findings
from bluetoken.report.timeline import AXIS_WIDTH, LABEL_WIDTH, LANE_HEIGHT, TOP, panels

#: Told apart in print without colours as well: from dark to light.
COLOURS = {Band.IMMEDIATE: "#8f2a1a", Band.NEAR: "#e0982f", Band.FAR: "#b4c3d1"}


def render(findings: Findings, zone: tzinfo) -> str:
    """Return the page; days and hours are told in `zone`."""
    def local(unix_s: int, form: str = "%Y-%m-%d %H:%M") -> str:
        return datetime.fromtimestamp(unix_s, zone).strftime(form)

    return environment("bluetoken.report").get_template("exposures.html.jinja").render(
        findings=findings,
        rule=findings.rule,
        results=findings.results,
        in_force=findings.rule.in_force(findings.now.astimezone(zone).date()),
        candidates=sum(result.needs_interview for result in findings.results),
        panels=panels(findings.results, zone),
        colours=COLOURS,
        by_day=lambda contacts: by_day(contacts, zone),
        now=local(int(findings.now.timestamp())),
        zone=_zone_name(findings.now.astimezone(zone)),
        local=local,
        label_width=LABEL_WIDTH,
        axis_width=AXIS_WIDTH,
        lane_height=LANE_HEIGHT,
        top=TOP,
    )


def _zone_name(moment: datetime) -> str:
    offset = moment.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"
