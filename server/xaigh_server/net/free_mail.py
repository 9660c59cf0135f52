"""Domains of free mail providers: an address there proves nothing about a company."""

from __future__ import annotations

FREE_MAIL_DOMAINS = frozenset(
    """
    126.com
    163.com
    aol.com
    duck.com
    fastmail.com
    free.fr
    gmail.com
    gmx.at
    gmx.ch
    gmx.com
    gmx.de
    gmx.net
    googlemail.com
    hey.com
    hotmail.co.uk
    hotmail.com
    hotmail.de
    hotmail.fr
    icloud.com
    inbox.com
    laposte.net
    libero.it
    live.com
    mac.com
    mail.com
    mail.ru
    mailbox.org
    me.com
    msn.com
    naver.com
    orange.fr
    outlook.com
    outlook.de
    pm.me
    posteo.de
    proton.me
    protonmail.com
    qq.com
    rediffmail.com
    rocketmail.com
    t-online.de
    tuta.com
    tutanota.com
    web.de
    yahoo.co.in
    yahoo.co.jp
    yahoo.co.uk
    yahoo.com
    yahoo.de
    yahoo.fr
    yandex.com
    yandex.ru
    ymail.com
    zoho.com
    """.split()  # noqa: SIM905  # one a line reads and compares best
)


def is_free_mail(domain: str) -> bool:
    """Whether the domain is that of a free mail provider."""
    return domain.lower() in FREE_MAIL_DOMAINS
