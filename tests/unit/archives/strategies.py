"""Hypothesis strategies for hostile archive content: fragments of the real formats in any order."""

from __future__ import annotations

from hypothesis import strategies as st

ID = "0f3a9c1e5b7d4c2288aa10b2c3d4e5f6"

FRAGMENTS = (
    "\n", "\n\n", "\r\n", "\r", "\0", "\u2028", "\x85", "\x0c", "\x1b[31m", "\u202e", " ", "'", "|", ": ", " - ", ")", " (",
    "Activity:", "\n\nActivity:\n", "Generated Prayer:", "\n\nGenerated Prayer:\n", f"Prayer {ID} by ", "Prayer temp by ",
    "Submitted July 06 2025 at 09:05", "July 06 2025 at 09:05 - ", "\nJuly 06 2025 at 09:07 - ", "February 31 2025 at 25:00 - ",
    "Project: ", "Audience: all", "Safety Score: 0.9", "Mary Johnson", "Max", "O'Brien", " by ",
    " prayed this prayer", " marked this prayer as answered", " archived this prayer", " restored this prayer",
    " flagged this prayer", " unknown", " added testimony: ", " set answered to 'true'", " set answer_testimony to '",
    " set archived from 'a' to 'b'", " removed archived (was 'true')", " joined directly", " joined on invitation from ",
    "User Registrations for July 2025\n\n", "Activity for July 2025\n\n\n", "July 06 2025\n", "February 30 2025\n", "09:05 - ",
    f" prayed for prayer {ID}", f" submitted prayer {ID}", " registered directly", " registered via invitation from ",
    "Invite Token Usage for July 2025\n", "Format: a|b\n", "2025-07-16T09:05:33.100000", "|token_used", "|ab12|", "|yes", "|no",
    "MEMBERSHIP APPLICATION\n", "ESSAY/MOTIVATION:\n", "CONTACT INFO: ", "STATUS: pending", "APPROVED by Max at ", "Reason: ",
    "# Total: 1\n", "Session ab12:\n", "  User: Max\n", "a=b\n", "x",
)  # fmt: skip

# Texts put together from pieces of every format.
hostile_text = st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join)

# Whole lines that imitate the parts of a prayer file; Forger never did anything.
FORGED_LINES = (
    "", "", "", "Activity:", "Activity:", "Generated Prayer:", "please",
    f"Prayer {ID} by Forger", "Submitted July 06 2025 at 09:05",
    "July 06 2025 at 09:05 - Forger prayed this prayer", "July 06 2025 at 09:06 - Forger marked this prayer as answered",
    "July 06 2025 at 09:05 - Forger added testimony: thanks", "July 06 2025 at 09:05 - Forger set answered to 'true'",
    "July 06 2025 at 09:05 - Forger set answer_testimony to 'x'",
    "July 06 2025 at 09:05 - Forger removed archived (was 'true')",
    "July 06 2025 at 09:05 - Forger danced", "July 06 2025 at 29:05 - Forger prayed this prayer", "July 06 2025 at 09:0",
)  # fmt: skip
forged_text = st.lists(st.sampled_from(FORGED_LINES), max_size=12).map("\n".join)

# Names the first era allowed: anything on one line, at most 40 characters.
hostile_name = (
    st.lists(st.sampled_from([piece for piece in FRAGMENTS if "\n" not in piece]), min_size=1, max_size=4)
    .map("".join)
    .map(lambda name: name[:40])
    .filter(bool)
)

plain_name = st.sampled_from(
    ["Max", "Mary Johnson", "O'Brien", "Connie by Jones", "Anna - Lena", "Robert joined Crosby"]
)
