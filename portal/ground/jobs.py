"""The jobs runner: does what rows ask for, outside any request: sends mail, deletes what has had its time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import current_app

from portal.ground import mail, smtp
from portal.ground.smtp import Line, Outcome, ServerTrouble
from portal.web.unit_of_work import unit_of_work

NO_SERVER = "PORTAL_SMTP_URL is not set: mail waits."


@dataclass
class Report:
    """What a run did. `trouble`: why not everything could be sent, in words for the operator."""

    done: Counter[Outcome] = field(default_factory=Counter)
    waiting: int = 0
    unclear: int = 0
    tidied: list[str] = field(default_factory=list)
    trouble: str = ""

    @property
    def lines(self) -> list[str]:
        """The run in words; empty where there was nothing to do."""
        told = [*self.tidied]
        told += [f"Mail {outcome}: {count}" for outcome, count in sorted(self.done.items())]
        if self.waiting:
            told.append(f"Mail waiting: {self.waiting}")
        if self.unclear:
            told.append(
                f"Mail unclear: {self.unclear} (the line broke, or the machine stopped, while it was sent. "
                "`portal jobs run --unclear` sends it again, perhaps twice.)"
            )
        return told


def run(*, unclear_too: bool = False) -> Report:
    """Tidy up; send all mail that is due. Two runs at once share the work, none sends what the other has."""
    report = Report()
    for tidy in current_app.extensions.get("tidying", ()):
        with unit_of_work():
            report.tidied += filter(None, [tidy()])
    with unit_of_work():
        mail.tidy()
        if unclear_too:
            mail.send_unclear_again()
        anything = mail.waiting()
    try:
        while anything:
            anything = _on_one_line(report)
    except ServerTrouble as error:
        report.trouble = str(error)
    with unit_of_work():
        report.waiting, report.unclear = mail.waiting(), mail.unclear()
    return report


def _on_one_line(report: Report) -> bool:
    """As many as one line lasts; whether there is reason to open another."""
    settings = current_app.config["SETTINGS"]
    if not settings.smtp_url:
        raise ServerTrouble(NO_SERVER)
    with Line(smtp.server(settings.smtp_url, settings.public_url)) as line:
        while True:
            with unit_of_work():
                claimed = mail.claim()
            if claimed is None:
                return False
            report.done[_send(line, claimed)] += 1
            if line.broken:
                return True


def _send(line: Line, claimed: mail.Claimed) -> Outcome:
    try:
        content = smtp.message(claimed, line.to.sender, "つながりポータル")
        outcome, answer = line.deliver(claimed.recipient, content)
    except ServerTrouble:
        with unit_of_work():
            mail.give_back(claimed.id)
        raise
    except ValueError:  # an address that no mail can carry
        outcome, answer = Outcome.BOUNCED, "not an address"
    with unit_of_work():
        if outcome is Outcome.LATER:
            mail.put_off(claimed.id, answer)
        else:
            mail.settle(claimed.id, outcome.value, answer)
        if outcome is Outcome.BOUNCED:
            bounced: Callable[[str], None] = current_app.extensions["mail_bounced"]
            bounced(claimed.reference)
    return outcome
