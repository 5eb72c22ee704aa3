"""Which names the application takes for one and the same user (archive format spec, section 6.4)."""

from __future__ import annotations

import re

# The application keeps no longer name; to it such a one is no name at all.
_LONGEST = 100
_BLANKS = re.compile(r"\s+")


def application_name(name: str) -> str:
    """Return the form under which the application compares names; ``""`` for what is no name to it.

    At every start it respells every user's name: outer blanks go, then what Python does not call printable (tabs,
    characters of no width, the no-break space too), then every run of blanks becomes one, then outer blanks again
    (archive format spec, section 6.4). Two users are the same to it if the results are equal in lower case, and the younger
    row is then deleted. Two empty forms are not the same: what is no name equals nothing.

    >>> application_name(" Mary \\u200b  JOHNSON"), application_name("Tab\\there"), application_name("A\\u00a0B")
    ('mary johnson', 'tabhere', 'ab')
    >>> application_name("\\t"), application_name("x" * 101)
    ('', '')
    """
    printable = "".join(character for character in name.strip() if character.isprintable())
    spelled = _BLANKS.sub(" ", printable).strip()
    return spelled.lower() if len(spelled) <= _LONGEST else ""
