"""When two names are the same user to the application itself (archive format spec, sections 4 and 6.4)."""

from __future__ import annotations

# Longer than this after cleaning, a name counts as none (section 6.4).
LONGEST = 100


def application_spelling(name: str) -> str:
    """Return a name as the application rewrites it at each start, ``""`` where it then counts as no name.

    Outer blanks go, then every character that is not printable (tabs and no-break spaces among them, which do not become
    blanks), then runs of blanks become one.

    >>> application_spelling(" Tab\\there  now "), application_spelling("Mary\\u00a0Ann")
    ('Tabhere now', 'MaryAnn')
    """
    cleaned = " ".join("".join(filter(str.isprintable, name.strip())).split())
    return cleaned if len(cleaned) <= LONGEST else ""


def application_name(name: str) -> str:
    """Return the key under which the application compares names; two users with one key are merged at its next start.

    >>> application_name("Mary  JOHNSON\\u200b")
    'mary johnson'
    """
    return application_spelling(name).lower()
