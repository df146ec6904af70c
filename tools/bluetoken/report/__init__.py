"""A page to print: who needs an interview, and why."""

from bluetoken.report.findings import Findings
from bluetoken.report.page import render

__all__ = ["Findings", "render"]
