"""Everything beside prayers: invite tokens, logins, device approvals, roles, security events, applications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from thywill_reconstruct.archives import render

from .clock import DAY, HOUR, MINUTE, SECOND, Clock, Moment, as_date, as_minute, stamp
from .people import Community, Person, hex_id
from .store import Database, SmallFiles
from .words import Writer

_DEVICES = ("Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (iPhone)", "Mozilla/5.0 (Android | 14)", "curl/8.0")
_TOKEN_LIFE = 12 * HOUR


def _datetime(moment: Moment) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=moment)


class Aside:
    """Writes the side files and their rows. It has its own source of chance, so that prayers do not depend on it."""

    def __init__(self, rng: Random, clock: Clock, database: Database, files: SmallFiles) -> None:
        self._rng = rng
        self._clock = clock
        self._database = database
        self._files = files
        self._writer = Writer(rng)

    def begin(self, community: Community, end: Moment) -> None:
        """Write what does not depend on single registrations: roles, unused tokens, applications."""
        founder = community.people[0]
        self._roles(community, founder, end)
        self._invitations(community, end)
        for number in range(3):
            self._application(founder, founder.joined + (number + 3) * 5 * DAY + number * HOUR, number)

    def _month(self, moment: Moment) -> tuple[int, int]:
        day = as_date(self._clock.local(moment))
        return day.year, day.month

    def _invitations(self, community: Community, end: Moment) -> None:
        """Write tokens and their usage in the order of time: a creation precedes its claim by up to 12 hours."""
        events: list[tuple[Moment, str, Person | None, Person | None]] = []
        for person in community.people:
            if person.token:
                events.append((person.token_made, person.token, person.inviter, person))
                events.append((person.joined, person.token, None, person))
        for _ in range(max(1, len(community.people) // 12)):  # Nobody ever used these.
            made = community.joined[0] + int(self._rng.random() * (end - community.joined[0]))
            events.append((made, f"{self._rng.getrandbits(64):016x}", community.somebody(made), None))
        for moment, token, creator, claimed in sorted(events, key=lambda event: event[0]):
            if creator is not None:
                self._token(token, creator, moment, claimed)
            elif claimed is not None:
                self._usage(moment, token, claimed.key, claimed)
                if self._database.has("invite_token_usage"):
                    row = (hex_id(self._rng), token, claimed.key, stamp(moment), "203.0.113.7")
                    self._database.insert("invite_token_usage", moment, *row)

    def _token(self, token: str, creator: Person, made: Moment, claimed: Person | None) -> None:
        """Insert a token. The server's own tokens leave no line when they are made (section 2.18)."""
        by_system = claimed is not None and claimed.system_token
        key = "system" if by_system else creator.key
        used = (1, claimed.key) if claimed else (0, None)
        self._database.insert("invitetoken", made, token, key, used[0], stamp(made + _TOKEN_LIFE), used[1])
        if not by_system:
            self._usage_line(made, token, "", key)

    def _usage(self, moment: Moment, token: str, used_by: str, person: Person) -> None:
        creator = "system" if person.system_token or person.inviter is None else person.inviter.key
        self._usage_line(moment, token, used_by, creator)

    def _usage_line(self, moment: Moment, token: str, used_by: str, creator: str) -> None:
        year, month = self._month(moment)
        line = render.invite_usage_line(_datetime(self._clock.local(moment)), token, used_by, creator)
        header = render.invite_usage_header(year, month)
        self._files.append(f"system/{year}_{month:02}_invite_usage.txt", header, line)

    def joined(self, person: Person, commit: Moment) -> None:
        """Write a new member's first login, and for some a second one from a device that somebody approved."""
        self._login(person, commit + SECOND, None)
        if self._rng.random() < 0.2:
            self._login(person, commit + 2 * DAY, self._approval(person, commit + 2 * DAY - HOUR))

    def _login(self, person: Person, moment: Moment, request: str | None) -> None:
        key, device = hex_id(self._rng), self._rng.choice(_DEVICES)
        ip = f"203.0.113.{self._rng.randrange(1, 255)}"
        expires = moment + 14 * DAY
        row = (key, person.key, stamp(moment), stamp(expires), request, device, ip, 1)
        self._database.insert("session", moment, *row)
        year, month = self._month(moment)
        base = f"{year}_{month:02}"
        line = render.session_line(as_minute(moment), key, person.name, as_minute(expires), device, ip, True)
        exported = as_minute(self._clock.local(moment))
        self._files.append(f"sessions/{base}_sessions.txt", render.sessions_header(year, month, exported), line)
        event = render.session_event_line(_datetime(moment).replace(tzinfo=UTC), key, person.name)
        self._files.append(f"system/event_log/session_events_{base}.txt", "", event)
        details = f"session_id={key}, fully_authenticated=True"
        self._database.insert(
            "securitylog",
            moment,
            hex_id(self._rng),
            "session_created",
            person.key,
            ip,
            device,
            details,
            stamp(moment),
        )
        security = render.security_event_line(_datetime(moment), "session_created", person.key, ip, device, details)
        header = render.security_events_header(year, month)
        self._files.append(f"auth/{base}_security_events.txt", header, security)

    def _approval(self, person: Person, moment: Moment) -> str:
        key, device = hex_id(self._rng), self._rng.choice(_DEVICES)
        ip, expires, later = "203.0.113.7", moment + 7 * DAY, moment + 10 * MINUTE
        approver = person.inviter or person
        code = f"{self._rng.randrange(1_000_000):06}"
        self._database.insert(
            "authenticationrequest", moment, key, person.key, device, ip, code, stamp(moment), stamp(expires),
            "approved", approver.key, stamp(later),
        )  # fmt: skip
        self._database.insert("authapproval", later, hex_id(self._rng), key, approver.key, stamp(later))
        year, month = self._month(moment)
        line = render.auth_request_line(_datetime(moment), person.key, device, ip, _datetime(expires))
        header = render.auth_requests_header(year, month)
        self._files.append(f"auth/{year}_{month:02}_auth_requests.txt", header, line)
        year, month = self._month(later)
        sentence = "Request approved via web interface"
        line = render.auth_approval_line(_datetime(later), key, approver.key, "approved", sentence)
        header = render.auth_approvals_header(year, month)
        self._files.append(f"auth/{year}_{month:02}_auth_approvals.txt", header, line)
        return key

    def _roles(self, community: Community, founder: Person, end: Moment) -> None:
        roles = {name: hex_id(self._rng) for name in ("admin", "user", "deactivated")}
        for name, key in roles.items():
            permissions = '["*"]' if name == "admin" else "[]"
            row = (key, name, f"The role {name}", permissions, stamp(founder.joined), None, 1)
            self._database.insert("role", founder.joined, *row)
        self._grant(roles["admin"], founder, None, founder.joined + SECOND)
        for person in community.people[5::97][:3]:
            moment = person.joined + (end - person.joined) // 2
            self._grant(roles["deactivated"], person, founder, moment)
            self._role_line(moment, person, "deactivated", founder, "posted advertisements - twice")
        if len(community.people) > 8:
            self._role_line(end - 2 * DAY, community.people[8], "user", founder, "User reactivated by admin")

    def _grant(self, role: str, person: Person, by: Person | None, moment: Moment) -> None:
        row = (hex_id(self._rng), person.key, role, by.key if by else None, stamp(moment), None)
        self._database.insert("user_roles", moment, *row)

    def _role_line(self, moment: Moment, person: Person, role: str, by: Person, details: str) -> None:
        year, month = self._month(moment)
        line = render.role_assignment_line(_datetime(moment), person.key, role, by.key, details)
        header = render.role_assignments_header(year, month)
        self._files.append(f"roles/{year}_{month:02}_role_assignments.txt", header, line)

    def _application(self, founder: Person, moment: Moment, number: int) -> None:
        key = hex_id(self._rng)
        text = render.membership_application(
            key, _datetime(moment), "203.0.113.9", f"Applicant {number}", self._writer.sentences(3), None
        )
        decided = _datetime(moment + 5 * HOUR)
        if number == 1:
            text += render.membership_approval(founder.name, decided, f"{self._rng.getrandbits(64):016x}")
        elif number == 2:
            text += render.membership_rejection(founder.name, decided, "Nobody knows you: sorry")
        name = f"membership_applications/{_datetime(moment):%Y%m%d_%H%M%S}_{key}.txt"
        self._files.append(name, "", text)
