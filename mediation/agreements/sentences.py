"""The sentences of papers that differ by place, and what usually stands there.

A place may put a sentence into its own words, or add one where there is none; the articles that the usual text names
stay in it, and so does what the law wants told (``told``). Everything else in a paper is the form's own
(``documents/layouts.py``).
"""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mediation.agreements.states import PaperSentence

LONGEST = 1000  # characters, as the column
ARTICLE = re.compile(r"第[〇零一二三四五六七八九十百]+条")


@dataclass(frozen=True)
class Usual:
    """What stands where a place has no text of its own (empty: nothing), and in which paper (``PAPERS``).

    ``told``: what a place's text says too, each in one of its wordings.
    """

    paper: str
    text: str
    told: tuple[tuple[str, ...], ...] = ()

    @property
    def articles(self) -> list[str]:
        """The articles that a place's text names too."""
        return sorted(set(ARTICLE.findall(self.text)))


# 人民调解法 3, 26: the routes that stay open; 3: of the free will of the parties, equal; 4: free of charge.
ROUTES = (("仲裁",), ("行政",), ("诉讼", "司法", "法院"))
WILL = (("自愿",),)
S = PaperSentence
USUAL = {
    S.APPLICATION_STATEMENT: Usual(
        "application", "人民调解委员会已将申请人民调解的相关规定告知我，现自愿申请人民调解。", WILL),
    S.NOTICE_OPENING: Usual(
        "notice",
        "人民调解遵循自愿、平等原则，不收取任何费用（人民调解法第三条、第四条）。当事人的权利和义务告知如下：",
        (*WILL, ("平等",), ("不收取任何费用", "不收费", "免费"))),
    S.NOTICE_ROUTES: Usual(
        "notice", "不因调解而阻止当事人依法通过仲裁、行政、司法等途径维护自己的权利（第三条）。", ROUTES),
    S.NOTICE_LOCAL: Usual("notice", ""),
    S.AGREEMENT_LOCAL: Usual("agreement", ""),
    S.TERMINATION_ROUTES: Usual("termination", "你们可以依法通过仲裁、行政、司法等途径维护自己的权利。", ROUTES),
    S.TERMINATION_LOCAL: Usual("termination", ""),
    S.CONFIRMATION_AFTER: Usual(
        "confirmation_notice",
        "经确认有效的，一方拒绝履行或者未全部履行，对方可以申请强制执行；驳回申请的，可以通过调解变更原协议、"
        "达成新的协议，也可以提起诉讼（第二百零六条）。司法确认不收费。", (("强制执行",), ("诉讼", "起诉"))),
    S.CONFIRMATION_LOCAL: Usual("confirmation_notice", ""),
}  # fmt: skip


def text_check(sentence: str, text: str) -> None:
    """Refuse a text that is too long, leaves out an article of the usual one or what the law wants told, or is empty
    where something must stand.

    Raises ValidationError naming ``text``.
    """
    usual = USUAL[PaperSentence(sentence)]
    if len(text) > LONGEST:
        why = _("At most %(count)s characters.") % {"count": LONGEST}
        raise ValidationError({"text": ValidationError(why, code="max_length")})
    if usual.text and not text.strip():
        why = _("Something must stand here: the usual text is “%(text)s”.") % {"text": usual.text}
        raise ValidationError({"text": ValidationError(why, code="required")})
    missing = [article for article in usual.articles if article not in text]
    if missing:
        why = _("The text must name these articles too: %(articles)s.") % {"articles": "、".join(missing)}
        raise ValidationError({"text": ValidationError(why, code="citation")})
    untold = [words for words in usual.told if not any(word in text for word in words)]
    if untold:
        why = _("The text must tell of this too: %(words)s.") % {"words": "、".join("/".join(one) for one in untold)}
        raise ValidationError({"text": ValidationError(why, code="untold")})
