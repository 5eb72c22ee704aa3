"""``explain CODE``: the page of a finding."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from rich.text import Text

from thywill_reconstruct.cli.console import make_console
from thywill_reconstruct.errors import UsageError
from thywill_reconstruct.findings.codes import CODES, FAMILIES

_CODE = re.compile(f"(?:{'|'.join(FAMILIES)})[0-9]{{3}}", re.IGNORECASE | re.ASCII)


def is_code(word: str) -> bool:
    """Tell whether a word has the form of a finding code."""
    return _CODE.fullmatch(word) is not None


def explain_code(code: str, *, as_json: bool, no_color: bool) -> None:
    """Print the page of a finding.

    Raises:
        UsageError: There is no such code.
    """
    if code not in CODES:
        alike = [known for known in CODES if known[:2] == code[:2]]
        raise UsageError(
            f"there is no finding code {code}", hint=f"Codes of this kind go from {alike[0]} to {alike[-1]}."
        )
    page = files("thywill_reconstruct.findings").joinpath("pages", f"{code}.md").read_text(encoding="utf-8")
    if as_json:
        info = CODES[code]
        fields = {"code": code, "name": info.name, "severity": info.severity, "sentence": info.sentence, "page": page}
        print(json.dumps(fields, ensure_ascii=True, sort_keys=True))
        return
    console = make_console(no_color=no_color)
    inside_example = False
    for line in page.rstrip().split("\n"):
        inside_example ^= line.startswith("```")
        style = "bold" if line.startswith("#") and not inside_example else ""
        console.print(Text(line, style=style), overflow="fold", soft_wrap=inside_example or not console.is_terminal)
