"""A plan as one HTML page: self-contained, without script, readable on a telephone and on paper."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from thywill_reconstruct.report.safe import brief
from thywill_reconstruct.report.text import describe
from thywill_reconstruct.report.view import View


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("thywill_reconstruct.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["brief"] = brief
    environment.filters["describe"] = lambda finding: describe(finding, changes=False)
    return environment.get_template(name)


def as_html(view: View) -> str:
    """Return a plan as an HTML document; every value is escaped by the template engine."""
    return _template("plan.html.j2").render(view=view, plan=view.report.plan)
